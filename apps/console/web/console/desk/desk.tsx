import './desk.css';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { createContext, use, useEffect, useId, useRef, useState, type ReactNode, type SubmitEvent } from 'react';
import { useLocation } from 'react-router';
import { useApi } from '../../kit/answers.js';
import type { Api, ProblemError } from '../../kit/api.js';
import { ProblemAlert } from '../../kit/problem.js';
import { useDeskWords } from './desk.words.js';

const Tell = createContext<(text: string) => void>(() => undefined);

/** What was done on the page before, of who comes from there. */
interface Came {
  told?: string;
}

/** Around a page on which things are done: says what was done, and takes the focus that a button had which is gone by then. */
export function Desk({ children }: { children: ReactNode }) {
  const came = useLocation().state as Came | null;
  // An object, so that the same said twice is said twice.
  const [told, setTold] = useState(came?.told === undefined ? undefined : { text: came.told });
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (told) line.current!.focus();
  }, [told]);
  return (
    <Tell value={(text) => setTold({ text })}>
      <p className="told" role="status" tabIndex={-1} ref={line}>
        {told?.text}
      </p>
      {children}
    </Tell>
  );
}

export interface ActionProps<T> {
  /** Of the button that opens the dialog, and of the one that does it. */
  label: string;
  /** Heading of the dialog, where the label alone does not tell. */
  title?: string;
  /** What will happen. */
  says: ReactNode;
  /** Fields, by name. */
  children?: ReactNode;
  act: (api: Api, form: FormData) => Promise<T>;
  /** Said when it is done. */
  done: string | ((result: T) => string);
  /** Paths that are asked again afterwards, exactly these. */
  again?: readonly string[];
  /** What the answer replaces: a path and what would be answered there now, which is not looked at again. */
  keep?: (result: T) => readonly [path: string, answer: unknown];
  /** Called when it is done. */
  after?: (result: T) => void;
  kind?: 'primary' | 'danger';
}

/** A button that opens a dialog, which says what will happen and then does it; errors are shown in it. */
export function Action<T>(props: ActionProps<T>) {
  const [open, setOpen] = useState(false);
  const { label, kind } = props;
  return (
    <>
      <Button
        {...(kind === 'primary' && { type: 'primary' as const })}
        danger={kind === 'danger'}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        {label}
      </Button>
      {open && <ActionDialog {...props} close={() => setOpen(false)} />}
    </>
  );
}

function ActionDialog<T>({
  label,
  title,
  says,
  children,
  act,
  done,
  again = [],
  keep,
  after,
  kind,
  close,
}: ActionProps<T> & { close: () => void }) {
  const say = useDeskWords();
  const tell = use(Tell);
  const api = useApi();
  const client = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (!dialog.current!.open) dialog.current!.showModal();
  }, []);
  const acting = useMutation<T, ProblemError, FormData>({
    mutationFn: (form) => act(api, form),
    onSuccess: (result) => {
      if (keep) client.setQueryData([keep(result)[0], {}], keep(result)[1]);
      void client.invalidateQueries({ predicate: ({ queryKey: [path] }) => again.includes(path as string) });
      dialog.current!.close();
      tell(typeof done === 'string' ? done : done(result));
      after?.(result);
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    acting.mutate(new FormData(event.currentTarget));
  };
  return (
    <dialog
      ref={dialog}
      className="action"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-says`}
      onClose={close}
      onCancel={(event) => acting.isPending && event.preventDefault()}
    >
      <form onSubmit={submit}>
        <h2 id={`${id}-title`}>{title ?? label}</h2>
        <div id={`${id}-says`}>{says}</div>
        {children}
        <ProblemAlert error={acting.error} />
        <div className="buttons">
          <Button disabled={acting.isPending} onClick={() => dialog.current!.close()}>
            {say('cancel')}
          </Button>
          <Button type="primary" danger={kind === 'danger'} htmlType="submit" loading={acting.isPending}>
            {label}
          </Button>
        </div>
      </form>
    </dialog>
  );
}

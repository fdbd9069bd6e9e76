import { useEffect, useRef, useState, type FormEvent } from 'react';
import { readCode } from '../request/receipt.js';
import { Act } from './act.js';
import { useCodeWords } from './code.words.js';
import { Field } from './fields.js';
import { focusFirstError } from './focus.js';
import { Trouble } from './page.js';

interface Props {
  /** Where the code went, where this page knows it. */
  email?: string | undefined;
  /** The form is where one goes on. */
  isNext?: boolean;
  busy: boolean;
  error: unknown;
  onCode: (code: string) => void;
  /** Asks for another code. @returns once it is under way */
  onAgain: () => Promise<unknown>;
}

/** Six digits out of a mail. Nobody is told whether an address is known: the words are the same. */
export function CodeForm({ email, isNext = false, busy, error, onCode, onAgain }: Props) {
  const say = useCodeWords();
  const [typed, setTyped] = useState('');
  const [isShort, setShort] = useState(false);
  const [again, setAgain] = useState<'asking' | 'sent'>();
  const [failure, setFailure] = useState<unknown>();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (error) input.current?.select();
  }, [error]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = readCode(typed);
    setShort(code === undefined);
    setFailure(undefined);
    if (code === undefined) return focusFirstError(event.currentTarget);
    onCode(code);
  };
  const askAgain = async () => {
    setAgain('asking');
    setFailure(undefined);
    try {
      await onAgain();
      setAgain('sent');
      setTyped('');
    } catch (problem) {
      setAgain(undefined);
      setFailure(problem);
    }
  };
  const problem = failure ?? error ?? null;
  return (
    <form onSubmit={submit} noValidate>
      <Field
        label={say('code')}
        help={`${email === undefined ? say('sent') : say('sentTo', { email })} ${say('codeHelp')}`}
        error={isShort ? say('codeShort') : undefined}
      >
        {(field) => (
          <input
            {...field}
            ref={input}
            className="code"
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={20}
            autoFocus={isNext}
            required
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
        )}
      </Field>
      {problem !== null && <Trouble error={problem} />}
      <Act type="submit" className="main" busy={busy}>
        {say('confirm')}
      </Act>
      <div className="again">
        <p>{say('notThere')}</p>
        <Act busy={again === 'asking'} onClick={() => void askAgain()}>
          {say('another')}
        </Act>
        <p role="status">{again === 'sent' && say('anotherSent')}</p>
      </div>
    </form>
  );
}

import { Button } from 'antd';
import { useEffect, type ReactNode, type SubmitEvent } from 'react';
import { useKitWords } from '../kit/kit.words.js';
import { LongField } from './desk/fields.js';

interface Props {
  /** What the button says; `open` without it. */
  action?: string;
  busy?: boolean;
  /** Fields before the reason. */
  children?: ReactNode;
  onReason: (reason: string, form: FormData) => void;
}

/** Asks why, before anything about a person opens. */
export function ReasonForm({ action, busy = false, children, onReason }: Props) {
  const say = useKitWords();
  // What it opens takes its place, and the focus.
  useEffect(() => () => document.getElementById('content')?.focus(), []);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onReason(String(form.get('reason')).trim(), form);
  };
  return (
    <form className="sheet" onSubmit={submit}>
      {children}
      <LongField
        name="reason"
        label={say('reason')}
        help={say('reasonHelp')}
        rows={2}
        required
        maxLength={500}
        // Three characters that are no blanks, as the services want.
        onInput={({ currentTarget }) => currentTarget.setCustomValidity(currentTarget.value.trim().length < 3 ? say('reasonShort') : '')}
      />
      <div>
        <Button type="primary" htmlType="submit" loading={busy}>
          {action ?? say('open')}
        </Button>
      </div>
    </form>
  );
}

import { Button } from 'antd';
import { useId, useState, type FormEvent, type ReactNode } from 'react';
import { useKitWords } from '../kit/kit.words.js';

const LEAST = 3;
const MOST = 500;

interface Props {
  /** What the button says; `open` without it. */
  action?: string;
  busy?: boolean;
  /** Fields before the reason. */
  children?: ReactNode;
  onReason: (reason: string) => void;
}

/** Asks why, before anything about a person opens. */
export function ReasonForm({ action, busy = false, children, onReason }: Props) {
  const say = useKitWords();
  const id = useId();
  const [reason, setReason] = useState('');
  const [short, setShort] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = reason.trim();
    setShort(given.length < LEAST);
    if (given.length >= LEAST) onReason(given);
  };
  return (
    <form className="reason-form" onSubmit={submit} noValidate>
      {children}
      <div className="field">
        <label htmlFor={id}>{say('reason')}</label>
        <textarea
          id={id}
          rows={2}
          maxLength={MOST}
          required
          value={reason}
          aria-describedby={`${id}-help`}
          aria-invalid={short}
          onChange={({ target }) => setReason(target.value)}
        />
        <p id={`${id}-help`} className="help">
          {say('reasonHelp')}
        </p>
        <p className="field-error" role="status">
          {short && say('reasonShort')}
        </p>
      </div>
      <Button type="primary" htmlType="submit" loading={busy}>
        {action ?? say('open')}
      </Button>
    </form>
  );
}

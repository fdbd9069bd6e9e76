import { useState, type FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';
import { Field } from '../base/fields.js';
import { focusFirstError } from '../base/focus.js';
import { Page, Trouble } from '../base/page.js';
import { readReceipt } from './receipt.js';
import { useRequestWords } from './request.words.js';

interface Props {
  /** What the address of the page names already. */
  request?: string;
  /** What came of the receipt that was tried. */
  error?: unknown;
}

/** A request by its receipt, or by proving one's address. */
export function FindRequest({ request, error }: Props) {
  const say = useRequestWords();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [isWrong, setWrong] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const receipt = readReceipt(typed, request);
    setWrong(!receipt);
    if (!receipt) return focusFirstError(event.currentTarget);
    void navigate(`/request/${receipt.request}`, { state: { secret: receipt.secret } });
  };
  return (
    <Page title={say(request === undefined ? 'find' : 'request')}>
      <form onSubmit={submit} noValidate>
        <p className="lead">{say(request === undefined ? 'findIntro' : 'askReceipt')}</p>
        <Field label={say('receiptNumber')} error={isWrong ? say('receiptMissing') : undefined}>
          {(field) => (
            <textarea
              {...field}
              name="receipt"
              rows={3}
              maxLength={2000}
              autoComplete="off"
              spellCheck={false}
              required
              value={typed}
              onChange={({ target }) => setTyped(target.value)}
            />
          )}
        </Field>
        {error !== undefined && <Trouble error={error} />}
        <button type="submit" className="main">
          {say('open')}
        </button>
      </form>
      <section className="note">
        <h2>{say('lost')}</h2>
        <p>{say('lostHelp')}</p>
        <Link className="button" to="/requests">
          {say('mine')}
        </Link>
      </section>
    </Page>
  );
}

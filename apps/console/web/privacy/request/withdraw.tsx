import { useEffect, useRef, useState } from 'react';
import { Act, Done } from '../base/act.js';
import { Trouble } from '../base/page.js';
import { isOpen } from './own-request.js';
import { useDo, type Parts } from './parts.js';
import { useRequestWords } from './request.words.js';

/** The person no longer wants it. Asked once more, for there is no undoing it; no reason is asked for. */
export function Withdraw(parts: Parts) {
  const say = useRequestWords();
  const [isSure, setSure] = useState<boolean>();
  const withdraw = useDo(parts, 'withdraw');
  const question = useRef<HTMLParagraphElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isSure === true) question.current?.focus();
    if (isSure === false) button.current?.focus();
  }, [isSure]);
  if (!isOpen(parts.request)) return withdraw.isSuccess && <Done>{say('withdrawn')}</Done>;
  return (
    <section className="withdraw">
      <h2>{say('withdraw')}</h2>
      <p>{say('withdrawHelp')}</p>
      {isSure ? (
        <>
          <p ref={question} tabIndex={-1}>
            <strong>{say('withdrawSure')}</strong>
          </p>
          <p className="acts">
            <Act busy={withdraw.isPending} onClick={() => withdraw.mutate({})}>
              {say('withdrawYes')}
            </Act>
            <button type="button" onClick={() => setSure(false)}>
              {say('withdrawNo')}
            </button>
          </p>
        </>
      ) : (
        <button type="button" ref={button} onClick={() => setSure(true)}>
          {say('withdraw')}
        </button>
      )}
      {withdraw.error && <Trouble error={withdraw.error} />}
    </section>
  );
}

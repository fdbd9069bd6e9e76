import { useState } from 'react';
import { useLanguage } from '../../kit/words.js';
import { date } from '../../kit/dates.js';
import { useBaseWords } from '../base/base.words.js';
import { saveFile } from '../base/save-file.js';
import { useSaid } from '../base/center.js';
import { receiptLink, receiptNumber } from './receipt.js';
import type { Parts } from './parts.js';
import { useRequestWords } from './request.words.js';

/** What opens the request again, to be kept on paper or as a file. */
export function ReceiptOf({ request, center, secret }: Parts) {
  const say = useRequestWords();
  const base = useBaseWords();
  const language = useLanguage();
  const saidOf = useSaid();
  const [copied, setCopied] = useState(false);
  if (secret === undefined) return <p className="small">{say('receiptHeld')}</p>;
  const receipt = { request: request.request, secret };
  const link = receiptLink(location.origin, receipt);
  const right = center.rights.find((one) => one.right === request.right);
  const lines = [
    center.company.name,
    `${say('receipt')}: ${right ? saidOf(right) : request.right}`,
    `${say('received')}: ${date(request.receivedAt, language)}`,
    ...(request.lastDay === null ? [] : [`${say('deadline')}: ${date(request.lastDay, language)}`]),
    `${say('reference')}: REQ-${request.request}`,
    `${say('receiptNumber')}: ${receiptNumber(receipt)}`,
    link,
    say('receiptKeep'),
  ];
  const save = () => saveFile(`${say('file')}-${request.request.slice(0, 8)}.txt`, 'text/plain;charset=utf-8', `${lines.join('\r\n')}\r\n`);
  const copy = () => void navigator.clipboard.writeText(link).then(() => setCopied(true));
  return (
    <section className="receipt">
      <h2>{say('receipt')}</h2>
      <p>{say('receiptKeep')}</p>
      <dl>
        <dt>{say('receiptNumber')}</dt>
        <dd>
          <code className="number">{receiptNumber(receipt)}</code>
        </dd>
        <dt>{say('reference')}</dt>
        <dd>
          <code>REQ-{request.request}</code>
        </dd>
      </dl>
      <p className="acts">
        <button type="button" onClick={save}>
          {say('save')}
        </button>
        <button type="button" onClick={() => window.print()}>
          {say('print')}
        </button>
        {'clipboard' in navigator && (
          <button type="button" onClick={copy}>
            {say('copy')}
          </button>
        )}
      </p>
      <p role="status">{copied && base('copied')}</p>
    </section>
  );
}

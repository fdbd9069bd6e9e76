import { useId } from 'react';
import { date } from '../../kit/dates.js';
import { useLanguage } from '../../kit/words.js';
import { Act, Done } from '../base/act.js';
import { useCenter, useSaid } from '../base/center.js';
import { Trouble } from '../base/page.js';
import { actsOf, inForce, type PurposeStanding } from './choice.js';
import { useChoose, type ChoiceMade } from './choose.js';
import { Channels } from './channels.js';
import { useConsentWords } from './consents.words.js';
import { Consequences, PreviewOf } from './consequences.js';
import { PurposeTitle } from './purpose-title.js';
import { ReceiptOfChoice } from './receipt-of-choice.js';

/** One purpose: what for, where it stands, and the one tap that changes it. */
export function PurposeCard({ standing }: { standing: PurposeStanding }) {
  const say = useConsentWords();
  const language = useLanguage();
  const saidOf = useSaid();
  const id = useId();
  const { purpose, status, since, expiresAt, noticeVersion } = standing;
  const known = useCenter().data?.purposes.find((one) => one.purpose === purpose);
  const choose = useChoose(purpose, known?.noticeVersion ?? null);
  const title = known ? saidOf(known) : standing.title;
  const acts = actsOf(status).filter((act) => act !== 'given' || known?.noticeVersion != null);
  return (
    <section aria-labelledby={id} className="card">
      <h2 id={id}>
        <PurposeTitle id={purpose} title={standing.title} />
      </h2>
      <p className={inForce(status) ? 'state yes' : 'state'}>
        <strong>{say(`status-${status}`)}</strong>
        {since !== null && ` ${say('since', { day: date(since, language) })}`}
        {expiresAt !== null && inForce(status) && `. ${say('until', { day: date(expiresAt, language) })}`}
        {noticeVersion !== null && <span className="small"> {say('version', { version: noticeVersion })}</span>}
      </p>
      <p className="acts">
        {acts.map((act) => (
          <Act
            key={act}
            aria-label={say('named', { act: say(act), purpose: title })}
            busy={choose.isPending}
            onClick={() => choose.mutate({ status: act })}
          >
            {say(act)}
          </Act>
        ))}
      </p>
      {choose.data && <Chosen key={choose.data.id} answer={choose.data} purpose={purpose} />}
      {choose.error && <Trouble error={choose.error} />}
      {standing.channels && <Channels channels={standing.channels} choose={choose} title={title} canGive={known?.noticeVersion != null} />}
      {inForce(status) && <PreviewOf purpose={purpose} />}
    </section>
  );
}

/** What the choice led to, and its receipt. A button that is gone hands on to it; those for one way to reach the person stay where they are. */
function Chosen({ answer, purpose }: { answer: ChoiceMade; purpose: string }) {
  const say = useConsentWords();
  const { id, source, chosen, consequences } = answer;
  return (
    <>
      <Done stay={chosen.channels !== undefined}>
        {say(`did-${chosen.status}`)}
        {chosen.status === 'withdrawn' && chosen.channels === undefined && <Consequences of={consequences} />}
      </Done>
      <ReceiptOfChoice choice={{ id, source, status: chosen.status, purposes: [purpose] }} />
    </>
  );
}

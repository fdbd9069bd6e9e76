import { useState } from 'react';
import { useAnswer } from '../../kit/answers.js';
import { dateTime } from '../../kit/dates.js';
import { useLanguage } from '../../kit/words.js';
import { Loaded, Page, Time } from '../base/page.js';
import { usePerson } from '../base/person.js';
import { useAboutWords } from './about.words.js';
import { useChannelName } from './channels.js';
import { Known, OWN_REASON } from './known.js';
import { PurposeTitle } from './purpose-title.js';
import { ReceiptOfChoice } from './receipt-of-choice.js';

/** A row of `GET /v1/subjects/:id/consent-history`. */
interface Chosen {
  kind: 'choice' | 'objection' | 'restriction' | 'age' | 'guardian' | 'link';
  source: string;
  id: string;
  happenedAt: string;
  status?: 'given' | 'refused' | 'withdrawn' | 'requested' | 'deferred';
  purposes?: string[];
  by?: 'subject' | 'guardian' | 'controller';
  state?: 'raised' | 'upheld' | 'rejected' | 'withdrawn';
  placed?: boolean;
  /** By which ways alone; without them by every one. */
  channels?: string[];
}

/** What the person chose, newest first, each with its receipt. */
export function History() {
  const say = useAboutWords();
  const { subject } = usePerson()!;
  const history = useAnswer<{ data: Chosen[] }>(
    `/v1/subjects/${subject}/consent-history`,
    { reason: OWN_REASON },
    { enabled: subject !== null },
  );
  return (
    <Page title={say('historyTitle')}>
      <Known error={history.error}>
        <Loaded answer={history}>
          {({ data }) =>
            data.length === 0 ? (
              <p>{say('noHistory')}</p>
            ) : (
              <ol className="steps">
                {data.toReversed().map((row) => (
                  <li key={`${row.source} ${row.id}`}>
                    <Row row={row} />
                  </li>
                ))}
              </ol>
            )
          }
        </Loaded>
      </Known>
    </Page>
  );
}

function Row({ row }: { row: Chosen }) {
  const say = useAboutWords();
  const language = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const { kind, status, purposes = [], channels = [], by, happenedAt, source, id } = row;
  const channelName = useChannelName();
  return (
    <>
      <Time at={happenedAt} />
      <div>
        <strong>{say(wordOf(row))}</strong>{' '}
        {purposes.map((purpose, i) => (
          <span key={purpose}>
            {i > 0 && '; '}
            <PurposeTitle id={purpose} />
          </span>
        ))}
        {channels.length > 0 && ` (${channels.map(channelName).join(', ')})`}
      </div>
      {kind === 'choice' && (by === 'controller' || by === 'guardian') && <div>{say(`by-${by}`)}</div>}
      {kind === 'choice' && (
        <>
          <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {say('receipt')} <span className="visually-hidden">{dateTime(happenedAt, language)}</span>
          </button>
          {isOpen && <ReceiptOfChoice choice={{ id, source, status: status!, purposes }} />}
        </>
      )}
    </>
  );
}

const OBJECTIONS = {
  raised: 'objectionRaised',
  upheld: 'objectionUpheld',
  rejected: 'objectionRejected',
  withdrawn: 'objectionWithdrawn',
} as const;

function wordOf({ kind, status, state, placed }: Chosen) {
  switch (kind) {
    case 'choice':
      return `chose-${status!}` as const;
    case 'objection':
      return OBJECTIONS[state!];
    case 'restriction':
      return placed ? ('restrictionPlaced' as const) : ('restrictionLifted' as const);
    default:
      return kind;
  }
}

import { useState } from 'react';
import { useList } from '../../kit/answers.js';
import { Page, Time } from '../base/page.js';
import { Pages } from '../base/pages.js';
import { usePerson } from '../base/person.js';
import { useAboutWords } from './about.words.js';
import { Known, OWN_REASON } from './known.js';
import { looked, useLookedWords } from './looked.words.js';

/** A row of `GET /v1/subjects/:id/timeline` about a look. */
interface Look {
  position: number;
  time: string;
  data: { action: string; outcome: 'allowed' | 'denied'; reason?: string; role?: string };
}

const ROLES = ['dpo', 'auditor', 'operator', 'publisher', 'subject'] as const;

/** Who looked at the person's data, and why (notice clauses 5.1, 6.3). */
export function Looks() {
  const say = useAboutWords();
  const { subject } = usePerson()!;
  const [isAll, setAll] = useState(false);
  const list = useList<Look>(
    `/v1/subjects/${subject}/timeline`,
    { type: 'attesta.access.recorded.v1', reason: OWN_REASON, limit: 200 },
    { enabled: subject !== null },
  );
  const shown = (rows: Look[]) => (isAll ? rows : rows.filter(({ data }) => data.role !== 'subject'));
  return (
    <Page title={say('looksTitle')}>
      <p className="lead">{say('looksIntro')}</p>
      <Known error={list.error}>
        <label className="choice">
          <input type="checkbox" checked={isAll} onChange={({ target }) => setAll(target.checked)} />
          <span>{say('own')}</span>
        </label>
        <Pages list={list} none={say('noLooks')}>
          {(rows) =>
            shown(rows).length === 0 ? (
              <p>{say('noLooks')}</p>
            ) : (
              <ol className="steps">
                {shown(rows).map(({ position, time, data: { action, outcome, reason, role } }) => {
                  const known = ROLES.find((one) => one === role);
                  return (
                    <li key={position}>
                      <Time at={time} />
                      <div>
                        <strong>{known ? say(`role-${known}`) : say('somebody')}</strong>: <LookedAt action={action} />
                        {outcome === 'denied' && `. ${say('denied')}`}
                      </div>
                      <div>{reason === undefined ? say('noWhy') : say('why', { reason })}</div>
                    </li>
                  );
                })}
              </ol>
            )
          }
        </Pages>
      </Known>
    </Page>
  );
}

function LookedAt({ action }: { action: string }) {
  const say = useLookedWords();
  const known = looked(action);
  return known ? <>{say(known)}</> : <span lang="en">{action}</span>;
}

import { useAnswer } from '../../../kit/answers.js';
import { Loaded, When } from '../../../kit/parts.js';
import { Named } from '../../cells.js';
import { Tag } from '../../desk/facts.js';
import { Rows } from '../../rows.js';
import type { Look } from './person-page.js';
import { usePeopleWords } from './people.words.js';

/** `apps/retention` holdings.ts. */
interface Holding {
  category: string;
  purpose: string;
  class: string;
  jurisdiction: string;
  entries: number;
  collected: { from: string; until: string };
  due: string | null;
  keptBy: { rule: string; ground: string; law: string; until: string | null }[];
  holds: { id: string; matter: string }[];
  unruled: boolean;
}

/** What is held of a person, until when and why. */
export function Held({ id, reason }: Look) {
  const say = usePeopleWords();
  const answer = useAnswer<{ data: Holding[] }>(`/v1/subjects/${id}/holdings`, { reason }, { once: true });
  return (
    <Loaded answer={answer}>
      {({ data }) => (
        <>
          <p className="as-of">{say('inRegister')}</p>
          <Rows
            caption={say('held')}
            rows={data}
            keyOf={({ category, purpose, jurisdiction }) => `${category} ${purpose} ${jurisdiction}`}
            columns={[
              { title: say('data'), cell: ({ category }) => <Named kind="category" ids={category} /> },
              { title: say('purpose'), cell: ({ purpose }) => <Named kind="purpose" ids={purpose || null} /> },
              { title: say('law'), cell: ({ jurisdiction }) => <Named kind="jurisdiction" ids={jurisdiction} /> },
              { title: say('entries'), cell: ({ entries }) => entries },
              { title: say('collected'), cell: ({ collected }) => <When time={collected.from} /> },
              { title: say('due'), cell: ({ due }) => (due ? <When time={due} /> : say('openEnd')) },
              { title: say('keptBy'), cell: (holding) => <KeptBy of={holding} /> },
            ]}
          />
        </>
      )}
    </Loaded>
  );
}

function KeptBy({ of: { keptBy, holds, unruled } }: { of: Holding }) {
  const say = usePeopleWords();
  return (
    <>
      {keptBy.map(({ rule, law, until }) => (
        <div key={rule + law}>
          {rule} ({law}), {until ? <When time={until} /> : say('openEnd')}
        </div>
      ))}
      {holds.map((hold) => (
        <div key={hold.id}>
          <Tag tone="warn">{say('hold')}</Tag> {hold.matter}
        </div>
      ))}
      {unruled && <Tag tone="warn">{say('unruled')}</Tag>}
    </>
  );
}

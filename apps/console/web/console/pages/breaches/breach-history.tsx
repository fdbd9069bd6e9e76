import { useList } from '../../../kit/answers.js';
import { When } from '../../../kit/parts.js';
import { useChoices } from '../../desk/choices.js';
import { Section } from '../../desk/facts.js';
import { Sealed } from '../../entry/sealed.js';
import { PagedRows } from '../../rows.js';
import { useBreachesWords } from './breaches.words.js';

/** `GET /v1/register/breaches`. */
interface BreachRow {
  position: number;
  event: string;
  jurisdiction: string | null;
  occurredAt: string;
}

/** Events whose names are said of a breach's state too. */
const OWN = ['overdue', 'closed'];

export function BreachHistory({ breach }: { breach: string }) {
  const say = useBreachesWords();
  const choices = useChoices();
  const list = useList<BreachRow>('/v1/register/breaches', { breach, limit: 50 }, { live: true });
  return (
    <Section title={say('history')}>
      <PagedRows
        caption={say('history')}
        list={list}
        keyOf={({ position }) => position}
        columns={[
          { title: say('when'), cell: ({ occurredAt }) => <When time={occurredAt} /> },
          { title: say('event'), cell: ({ event }) => say((OWN.includes(event) ? `event-${event}` : event) as 'recorded') },
          {
            title: say('jurisdiction'),
            cell: ({ jurisdiction }) => (jurisdiction === null ? '—' : choices.title('jurisdictions', jurisdiction)),
          },
          { title: say('entry'), cell: ({ position }) => <Sealed position={position} /> },
        ]}
      />
    </Section>
  );
}

import { Link, useParams } from 'react-router';
import { useAnswer } from '../../../kit/answers.js';
import { Loaded, Page, When } from '../../../kit/parts.js';
import { Person, Positions } from '../../cells.js';
import { Desk } from '../../desk/desk.js';
import { useDeskWords } from '../../desk/desk.words.js';
import { Facts, Section } from '../../desk/facts.js';
import { Sealed } from '../../entry/sealed.js';
import { SeenAt } from '../../desk/seen-at.js';
import { Rows } from '../../rows.js';
import { FindingActions } from './finding-actions.js';
import { Severity, Standing } from './finding-list.js';
import type { FindingAnswer, OneFinding } from './finding.js';
import { useFindingsWords } from './findings.words.js';

export const pathOf = (finding: string): string => `/v1/findings/${encodeURIComponent(finding)}`;

/** One finding. Where it is about a person, to open it is a look at them, so it is asked for once. */
export function FindingPage() {
  const { finding = '' } = useParams();
  const say = useFindingsWords();
  const answer = useAnswer<OneFinding>(pathOf(finding), {}, { once: true });
  return (
    <Page title={say('findingOf', { finding })} extra={<Link to="/findings">{say('back')}</Link>}>
      <Loaded answer={answer}>
        {(found) => (
          <Desk>
            <SeenAt answer={answer} />
            <What found={found} />
            <FindingActions found={found} />
            <History of={found.history} />
          </Desk>
        )}
      </Loaded>
    </Page>
  );
}

function What({ found: { entry, history, ...found } }: { found: OneFinding }) {
  const say = useFindingsWords();
  const raised = history.find(({ event }) => event === 'raised');
  return (
    <Section title={say('what')}>
      <Facts
        of={[
          [
            say('what'),
            <p className="prose" key="what">
              {entry?.explanation ?? raised?.explanation}
            </p>,
          ],
          [say('severity'), entry && <Severity of={entry.severity} />],
          [say('rule'), entry?.rule],
          [say('clause'), entry?.clause],
          [say('law'), entry?.law],
          [say('person'), found.subject && <Person id={found.subject} />],
          [say('entries'), <Positions key="entries" positions={entry?.positions ?? raised?.positions ?? []} />],
          [say('sealedAs'), entry && entry.sealedPosition !== null ? <Sealed position={entry.sealedPosition} /> : undefined],
          [say('state'), <Standing key="state" {...found} />],
          [say('outcome'), found.outcome && say(found.outcome)],
          [say('resolution'), found.resolution],
        ]}
      />
    </Section>
  );
}

function History({ of }: { of: FindingAnswer['history'] }) {
  const say = useFindingsWords();
  const desk = useDeskWords();
  return (
    <Section title={say('history')}>
      <Rows
        caption={say('history')}
        rows={of}
        keyOf={({ event, at }) => `${event} ${at}`}
        columns={[
          { title: say('when'), cell: ({ at }) => <When time={at} /> },
          {
            title: say('event'),
            cell: ({ event, assignee, outcome }) =>
              [say(event), event === 'assigned' ? assignee : undefined, outcome && say(outcome)].filter(Boolean).join(': '),
          },
          { title: say('who'), cell: ({ actor }) => actor ?? '—' },
          { title: say('why'), cell: ({ explanation }) => explanation ?? '—' },
          { title: say('entry'), cell: ({ position }) => (position === null ? desk('notYetSealed') : <Sealed position={position} />) },
        ]}
      />
    </Section>
  );
}

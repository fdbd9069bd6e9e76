import { useChoices } from '../../desk/choices.js';
import { Deadline, Section, Tag, useNow } from '../../desk/facts.js';
import { Rows } from '../../rows.js';
import { spanOf, type BreachView, type ClockView } from './breach.js';
import { useBreachesWords } from './breaches.words.js';

const TONES = {
  running: 'warn',
  overdue: 'bad',
  notified: 'good',
  'notified-late': 'bad',
  'not-required': 'plain',
  none: 'plain',
} as const;

/** How the duty to tell an authority stands, and how long there is: counted down while the page is open. */
export function ClockState({ of: { state, due } }: { of: ClockView }) {
  const say = useBreachesWords();
  const now = useNow();
  // Between two answers of the service the deadline may pass.
  const standing = state === 'running' && due !== null && Date.parse(due) <= now ? 'overdue' : state;
  const runs = due !== null && (standing === 'running' || standing === 'overdue');
  return (
    <>
      <Tag tone={TONES[standing]}>{say(standing === 'none' ? 'noClock' : standing)}</Tag>
      {runs && (
        <span className={standing === 'overdue' ? 'late' : undefined}>
          {' '}
          {say(standing === 'overdue' ? 'lateBy' : 'left', spanOf(Date.parse(due), now))}
        </span>
      )}
    </>
  );
}

export function Clocks({ breach: { clocks, assessmentDue } }: { breach: BreachView }) {
  const say = useBreachesWords();
  const choices = useChoices();
  return (
    <Section title={say('clocks')}>
      {assessmentDue !== null && (
        <p>
          {say('assessBy')}: <Deadline due={assessmentDue} />
        </p>
      )}
      <Rows
        caption={say('clocks')}
        rows={clocks}
        keyOf={({ jurisdiction }) => jurisdiction}
        columns={[
          { title: say('jurisdiction'), cell: ({ jurisdiction }) => choices.title('jurisdictions', jurisdiction) },
          { title: say('authority'), cell: ({ authority }) => (authority === null ? '—' : authority.toUpperCase()) },
          { title: say('state'), cell: (clock) => <ClockState of={clock} /> },
          { title: say('due'), cell: ({ due, state }) => <Deadline due={due} over={state !== 'running' && state !== 'overdue'} /> },
        ]}
      />
    </Section>
  );
}

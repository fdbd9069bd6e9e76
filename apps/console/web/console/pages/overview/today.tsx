import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useAnswer } from '../../../kit/answers.js';
import type { ProblemError } from '../../../kit/api.js';
import { Loaded } from '../../../kit/parts.js';
import { useChoices } from '../../desk/choices.js';
import { Deadline, useNow } from '../../desk/facts.js';
import { ClockState } from '../breaches/breach-clocks.js';
import { waitingFor, type BreachView } from '../breaches/breach.js';
import type { FindingView } from '../findings/finding.js';
import { isOpen, type RequestRow } from '../requests/request.js';
import { useOverviewWords } from './overview.words.js';
import { isPressing, THREE_DAYS_MS } from './pressing.js';

/** As many as are asked for; who has more of them has the list. */
const MOST = 100;
const SHOWN = 5;

interface List<T> {
  data: T[];
  has_more: boolean;
}

interface CardProps<T> {
  title: string;
  help: string;
  answer: { data: List<T> | undefined; error: ProblemError | null; isPending: boolean; refetch: () => unknown };
  wanted?: (row: T) => boolean;
  row: (row: T) => ReactNode;
  keyOf: (row: T) => string;
  none: string;
  /** Where all of them are. */
  all: readonly [to: string, name: string];
}

/** How many, and the first of them. */
export function Card<T>({ title, help, answer, wanted = () => true, row, keyOf, none, all: [to, name] }: CardProps<T>) {
  return (
    <section className="card">
      <h3>{title}</h3>
      <p className="as-of">{help}</p>
      <Loaded answer={answer}>
        {({ data, has_more }) => {
          const found = data.filter(wanted);
          if (found.length === 0) return <p>{none}</p>;
          return (
            <>
              <p className="count">
                {found.length}
                {has_more && found.length === data.length && '+'}
              </p>
              <ul className="plain-list spaced">
                {found.slice(0, SHOWN).map((one) => (
                  <li key={keyOf(one)}>{row(one)}</li>
                ))}
              </ul>
            </>
          );
        }}
      </Loaded>
      <p>
        <Link to={to}>{name}</Link>
      </p>
    </section>
  );
}

export function RequestsToday() {
  const say = useOverviewWords();
  const choices = useChoices();
  const now = useNow();
  return (
    <Card
      title={say('requests')}
      help={say('requestsHelp')}
      none={say('requestsNone')}
      all={['/requests', say('allRequests')]}
      answer={useAnswer<List<RequestRow>>('/v1/requests', { limit: MOST }, { live: true })}
      wanted={(request) => isOpen(request) && isPressing(request.due, now, THREE_DAYS_MS)}
      keyOf={({ request }) => request}
      row={({ request, right, due, lastDay }) => (
        <>
          <Link to={`/requests/${request}`}>{choices.title('rights', right)}</Link> <Deadline due={due} lastDay={lastDay} />
        </>
      )}
    />
  );
}

export function BreachesToday() {
  const say = useOverviewWords();
  const choices = useChoices();
  return (
    <Card
      title={say('breaches')}
      help={say('breachesHelp')}
      none={say('breachesNone')}
      all={['/breaches', say('allBreaches')]}
      answer={useAnswer<List<BreachView>>('/v1/breaches', { status: 'open', limit: MOST }, { live: true })}
      wanted={(breach) => waitingFor(breach).length > 0}
      keyOf={({ breach }) => breach}
      row={(breach) => (
        <>
          <Link to={`/breaches/${breach.breach}`}>
            <code>{breach.breach.slice(0, 8)}</code>
          </Link>
          {waitingFor(breach).map((clock) => (
            <div key={clock.jurisdiction}>
              {choices.title('jurisdictions', clock.jurisdiction)}: <ClockState of={clock} />
            </div>
          ))}
        </>
      )}
    />
  );
}

export function FindingsToday() {
  const say = useOverviewWords();
  return (
    <Card
      title={say('findings')}
      help={say('findingsHelp')}
      none={say('findingsNone')}
      all={['/findings?severity=violation&state=open', say('allFindings')]}
      answer={useAnswer<List<FindingView>>('/v1/findings', { severity: 'violation', state: 'open', limit: MOST }, { live: true })}
      keyOf={({ finding }) => finding}
      row={({ finding, rule, explanation }) => (
        <>
          <Link to={`/findings/${encodeURIComponent(finding)}`}>{rule}</Link>: {explanation}
        </>
      )}
    />
  );
}

interface Task {
  task: string;
  system: string;
  dueAt: string;
  stuck: boolean;
}

export function TasksToday() {
  const say = useOverviewWords();
  return (
    <Card
      title={say('tasks')}
      help={say('tasksHelp')}
      none={say('tasksNone')}
      all={['/retention/tasks', say('allTasks')]}
      answer={useAnswer<List<Task>>('/v1/disposal-tasks', { limit: MOST }, { live: true })}
      wanted={({ stuck }) => stuck}
      keyOf={({ task }) => task}
      row={({ system, dueAt }) => (
        <>
          {system}: <Deadline due={dueAt} />
        </>
      )}
    />
  );
}

export function MailsToday() {
  const say = useOverviewWords();
  const answer = useAnswer<List<{ mail: string }>>('/v1/mail', {}, { live: true });
  return (
    <section className="card">
      <h3>{say('mails')}</h3>
      <p className="as-of">{say('mailsHelp')}</p>
      <Loaded answer={answer}>
        {({ data }) => <p>{data.length === 0 ? say('mailsNone') : say('mailsSome', { count: data.length })}</p>}
      </Loaded>
      <p>
        <Link to="/requests/mail">{say('allMails')}</Link>
      </p>
    </section>
  );
}

import type { ReactNode } from 'react';
import { useAnswer, type AsOf as Standing } from '../../../kit/answers.js';
import { AsOf, Loaded } from '../../../kit/parts.js';
import { useLanguage } from '../../../kit/words.js';
import { useAddress } from '../../address.js';
import { Chart } from '../../chart.js';
import { useChoices } from '../../desk/choices.js';
import { Section } from '../../desk/facts.js';
import { SelectField, TextField } from '../../desk/fields.js';
import { useOverviewWords } from './overview.words.js';

/** `GET /v1/dashboard`; a series has a number for each of `periods`. */
interface DashboardAnswer {
  from: string;
  until: string;
  periods: string[];
  requests: { received: number[]; endedInTime: number[]; endedLate: number[]; open: number; overdue: number };
  consents: {
    purpose: string;
    title: string | null;
    titleTh: string | null;
    given: number[];
    refused: number[];
    withdrawn: number[];
  }[];
  retention: { started: number[]; completed: number[]; abandoned: number[]; underWay: number };
  findings: {
    open: { rule: string; count: number }[];
    raised: { rule: string; counts: number[] }[];
    resolved: number[];
  };
  events: { total: number[] };
  asOf: Standing;
}

const BY = ['day', 'week', 'month'] as const;
const CHOICES = ['given', 'refused', 'withdrawn'] as const;
type ChoiceName = (typeof CHOICES)[number];

const momentOf = (day: string | undefined) => day && `${day}T00:00:00Z`;

export function Dashboard() {
  const say = useOverviewWords();
  const [{ from, to, by = 'week' }] = useAddress('from', 'to', 'by');
  const answer = useAnswer<DashboardAnswer>('/v1/dashboard', { from: momentOf(from), to: momentOf(to), by }, { live: true });
  return (
    <Section title={say('numbers')}>
      <Period {...(answer.data && { shown: answer.data })} />
      <Loaded answer={answer}>{(numbers) => <Charts numbers={numbers} />}</Loaded>
    </Section>
  );
}

function Period({ shown }: { shown?: Pick<DashboardAnswer, 'from' | 'until'> }) {
  const say = useOverviewWords();
  const [{ from, to, by }, change] = useAddress('from', 'to', 'by');
  return (
    <div className="filters">
      <TextField
        name="from"
        type="date"
        label={say('from')}
        value={from ?? shown?.from ?? ''}
        onChange={({ target }) => change({ from: target.value })}
      />
      <TextField
        name="to"
        type="date"
        label={say('to')}
        value={to ?? shown?.until ?? ''}
        onChange={({ target }) => change({ to: target.value })}
      />
      <SelectField
        name="by"
        label={say('by')}
        none={say('week')}
        value={by ?? ''}
        onChange={({ target }) => change({ by: target.value })}
        options={BY.filter((one) => one !== 'week').map((value) => ({ value, label: say(value) }))}
      />
    </div>
  );
}

function Drawing({ title, says, children }: { title: string; says?: ReactNode; children: ReactNode }) {
  return (
    <section className="card">
      <h3>{title}</h3>
      {says}
      {children}
    </section>
  );
}

function Charts({ numbers: { periods, requests, retention, findings, events, consents, asOf } }: { numbers: DashboardAnswer }) {
  const say = useOverviewWords();
  const open = findings.open.map(({ rule, count }) => `${rule} ${count}`).join(', ');
  return (
    <>
      <AsOf asOf={asOf} />
      <div className="charts">
        <Drawing title={say('requestsChart')} says={<p>{say('nowOpen', { open: requests.open, late: requests.overdue })}</p>}>
          <Chart
            title={say('requestsChart')}
            kind="bar"
            labels={periods}
            series={[
              { name: say('received'), values: requests.received },
              { name: say('inTime'), values: requests.endedInTime },
              { name: say('endedLate'), values: requests.endedLate },
            ]}
          />
        </Drawing>
        <Consents periods={periods} consents={consents} />
        <Backlog />
        <Drawing title={say('disposalsChart')} says={<p>{say('underWay', { count: retention.underWay })}</p>}>
          <Chart
            title={say('disposalsChart')}
            kind="bar"
            labels={periods}
            series={(['started', 'completed', 'abandoned'] as const).map((name) => ({ name: say(name), values: retention[name] }))}
          />
        </Drawing>
        <Drawing title={say('findingsChart')} says={open !== '' && <p>{say('openByRule', { open })}</p>}>
          <Chart
            title={say('findingsChart')}
            kind="bar"
            labels={periods}
            series={[
              ...findings.raised.map(({ rule, counts }) => ({ name: rule, values: counts })),
              { name: say('resolved'), values: findings.resolved },
            ]}
          />
        </Drawing>
        <Drawing title={say('eventsChart')}>
          <Chart title={say('eventsChart')} kind="bar" labels={periods} series={[{ name: say('events'), values: events.total }]} />
        </Drawing>
      </div>
    </>
  );
}

function Consents({ periods, consents }: Pick<DashboardAnswer, 'periods' | 'consents'>) {
  const say = useOverviewWords();
  const language = useLanguage();
  const [{ choice }, change] = useAddress('choice');
  const chosen = CHOICES.find((one) => one === choice) ?? 'given';
  return (
    <Drawing
      title={say('consentsChart')}
      says={
        <div className="filters">
          <SelectField
            name="choice"
            label={say('choice')}
            none={say('given')}
            value={choice ?? ''}
            onChange={({ target }) => change({ choice: target.value })}
            options={CHOICES.filter((one): one is Exclude<ChoiceName, 'given'> => one !== 'given').map((value) => ({
              value,
              label: say(value),
            }))}
          />
        </div>
      }
    >
      <Chart
        title={`${say('consentsChart')}: ${say(chosen)}`}
        kind="line"
        labels={periods}
        series={consents.map(({ purpose, title, titleTh, ...counts }) => ({
          name: (language === 'th' ? (titleTh ?? title) : title) ?? purpose,
          values: counts[chosen],
        }))}
      />
    </Drawing>
  );
}

const COUNTED = ['due', 'onHold', 'toReview', 'disposing'] as const;

/** As it is now, whatever the period. */
function Backlog() {
  const say = useOverviewWords();
  const choices = useChoices();
  const answer = useAnswer<{ classes: ({ class: string } & Record<(typeof COUNTED)[number], number>)[] }>(
    '/v1/retention/backlog',
    {},
    { live: true },
  );
  return (
    <Drawing title={say('backlogChart')}>
      <Loaded answer={answer}>
        {({ classes }) => (
          <Chart
            title={say('backlogChart')}
            kind="bar"
            stacked
            heading={say('class')}
            labels={classes.map((row) => choices.title('retentionClasses', row.class))}
            series={COUNTED.map((name) => ({ name: say(name), values: classes.map((row) => row[name]) }))}
          />
        )}
      </Loaded>
    </Drawing>
  );
}

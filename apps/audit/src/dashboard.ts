import type { Policy } from '@attesta/policy';
import { transaction } from '@attesta/transport';
import type pg from 'pg';
import { Periods, Series, type PeriodKind } from './periods.js';
import { openRequests } from './request-lines.js';
import { tallyAt, type Count, type TallyKind } from './tally.js';

/** Numbers to draw charts from. A series has a number for each of `periods`. */
export interface Dashboard {
  /** Days, the first and the last, YYYY-MM-DD in UTC. */
  from: string;
  until: string;
  by: PeriodKind;
  /** The first day of each. The first and the last may be cut by `from` and `until`. */
  periods: string[];
  /** The instant that open requests are looked at. */
  at: string;
  requests: RequestNumbers;
  consents: { purpose: string; title: string | null; titleTh: string | null; given: number[]; refused: number[]; withdrawn: number[] }[];
  retention: {
    started: number[];
    completed: number[];
    abandoned: number[];
    /** Started and neither completed nor abandoned. */
    underWay: number;
  };
  findings: {
    open: { rule: string; severity: string; count: number }[];
    raised: { rule: string; severity: string; counts: number[] }[];
    resolved: number[];
  };
  events: { total: number[]; byType: { type: string; counts: number[] }[] };
}

export interface RequestNumbers {
  received: number[];
  /** Of those that ended: before their deadline, or after one was missed. */
  endedInTime: number[];
  endedLate: number[];
  open: number;
  overdue: number;
  byRight: RightNumbers[];
}

export interface RightNumbers {
  right: string;
  title: string | null;
  titleTh: string | null;
  /** In the period asked for. */
  received: number;
  endedInTime: number;
  endedLate: number;
  /** Now. */
  open: number;
  overdue: number;
}

export interface DashboardQuestion {
  /** Days, the first and the last, YYYY-MM-DD in UTC. */
  from: string;
  until: string;
  by: PeriodKind;
  asOf: number;
  /** Milliseconds. */
  at: number;
}

const KINDS: readonly TallyKind[] = ['event', 'choice', 'finding'];

/** All of one moment: the tally is of the newest position, and entries sealed after the one asked for are taken out of it. */
export function readDashboard(pool: pg.Pool, policy: Policy, question: DashboardQuestion): Promise<Dashboard> {
  const { from, until, by, asOf, at } = question;
  return transaction(
    pool,
    async (tx) => {
      const periods = new Periods(from, until, by);
      const counts = (await tallyAt(tx, asOf, { kinds: KINDS, from, until, by })).rows();
      return {
        from,
        until,
        by,
        periods: periods.first,
        at: new Date(at).toISOString(),
        requests: await requestNumbers(tx, policy, periods, question),
        consents: consentSeries(policy, periods, counts),
        retention: { ...retentionSeries(periods, counts), underWay: await disposalsUnderWay(tx, asOf) },
        findings: {
          open: await openFindings(tx, asOf),
          raised: seriesBy(periods, ofKind(counts, 'finding')).map(({ key, values }) => {
            const [rule, severity] = key.split(' ') as [string, string];
            return { rule, severity, counts: values };
          }),
          resolved: eventSeries(periods, counts, 'attesta.finding.resolved'),
        },
        events: {
          total: seriesOf(periods, ofKind(counts, 'event')),
          byType: seriesBy(periods, ofKind(counts, 'event')).map(({ key, values }) => ({ type: key, counts: values })),
        },
      };
    },
    'isolation level repeatable read read only',
  );
}

const ofKind = (counts: readonly Count[], kind: TallyKind): Count[] => counts.filter((count) => count.kind === kind);

function seriesOf(periods: Periods, counts: readonly Pick<Count, 'day' | 'n'>[]): number[] {
  const series = new Series(periods);
  for (const { day, n } of counts) series.add(day, n);
  return series.values;
}

function seriesBy(periods: Periods, counts: readonly Count[]): { key: string; values: number[] }[] {
  const series = new Map<string, Series>();
  for (const { key, day, n } of counts) {
    const known = series.get(key) ?? new Series(periods);
    known.add(day, n);
    series.set(key, known);
  }
  return [...series].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { values }]) => ({ key, values }));
}

const eventSeries = (periods: Periods, counts: readonly Count[], name: string): number[] =>
  seriesOf(
    periods,
    ofKind(counts, 'event').filter(({ key }) => key === name),
  );

function consentSeries(policy: Policy, periods: Periods, counts: readonly Count[]): Dashboard['consents'] {
  const chosen = new Map(seriesBy(periods, ofKind(counts, 'choice')).map(({ key, values }) => [key, values]));
  const purposes = [...new Set([...chosen.keys()].map((key) => key.slice(0, key.indexOf(' '))))];
  const of = (purpose: string, status: string) => chosen.get(`${purpose} ${status}`) ?? new Series(periods).values;
  return purposes.map((purpose) => {
    const known = policy.purposes.get(purpose);
    return {
      purpose,
      title: known?.title ?? null,
      titleTh: known?.title_th ?? null,
      given: of(purpose, 'given'),
      refused: of(purpose, 'refused'),
      withdrawn: of(purpose, 'withdrawn'),
    };
  });
}

const retentionSeries = (periods: Periods, counts: readonly Count[]) => ({
  started: eventSeries(periods, counts, 'attesta.disposal.started'),
  completed: eventSeries(periods, counts, 'attesta.disposal.completed'),
  abandoned: eventSeries(periods, counts, 'attesta.disposal.abandoned'),
});

async function disposalsUnderWay(tx: pg.PoolClient, asOf: number): Promise<number> {
  const { rows } = await tx.query<{ n: string }>(
    `select count(*) filter (where event = 'started') - count(*) filter (where event in ('completed', 'abandoned')) as n
       from disposal_event where position <= $1 and event in ('started', 'completed', 'abandoned')`,
    [asOf],
  );
  return Number(rows[0]!.n);
}

/** Those that were raised, by the tally, without those that are resolved now. */
export async function openFindings(tx: pg.PoolClient, asOf: number): Promise<Dashboard['findings']['open']> {
  const { rows } = await tx.query<{ key: string; n: string }>(
    `select o.rule || ' ' || o.severity as key, count(*) filter (where e.event = 'resolved') - count(*) filter (where e.event = 'reopened') as n
       from finding_event e join lateral (
         select rule, severity from finding_event r where r.finding = e.finding and r.event = 'raised' order by position limit 1) o on true
      where e.event in ('resolved', 'reopened') and e.position <= $1 group by 1`,
    [asOf],
  );
  const open = new Map(rows.map(({ key, n }) => [key, -Number(n)]));
  for (const { key, n } of (await tallyAt(tx, asOf, { kinds: ['finding'], by: 'month' })).rows()) open.set(key, (open.get(key) ?? 0) + n);
  return [...open]
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, count]) => {
      const [rule, severity] = key.split(' ') as [string, string];
      return { rule, severity, count };
    });
}

interface EndedRow {
  right: string;
  day: string;
  late: boolean;
  n: string;
}

// A deadline that passes is sealed before whatever ends the request; one that a reopening overtook does not count.
const ENDED = `
  select r.right_id as right, (e.occurred_at at time zone 'UTC')::date::text as day, exists (
           select 1 from request_event o where o.request = e.request and o.position < e.position and o.event = 'overdue' and not exists (
             select 1 from request_event a where a.request = e.request and a.event = 'reopened' and a.position between o.position and e.position)) as late,
         count(*) as n
    from request_event e join request_event r on r.request = e.request and r.event = 'received'
   where e.event in ('fulfilled', 'rejected', 'unfulfilled') and e.position <= $1 and e.occurred_at >= $2::date and e.occurred_at < $3::date + 1
   group by 1, 2, 3`;

async function requestNumbers(
  tx: pg.PoolClient,
  policy: Policy,
  periods: Periods,
  { asOf, at, from, until }: DashboardQuestion,
): Promise<RequestNumbers> {
  const { rows: received } = await tx.query<{ right: string; day: string; n: string }>(
    `select right_id as right, (occurred_at at time zone 'UTC')::date::text as day, count(*) as n from request_event
      where event = 'received' and position <= $1 and occurred_at >= $2::date and occurred_at < $3::date + 1 group by 1, 2`,
    [asOf, from, until],
  );
  const { rows: ended } = await tx.query<EndedRow>(ENDED, [asOf, from, until]);
  const open = await openRequests(tx, policy, asOf, at);
  const sum = (rows: readonly { n: string }[]) => rows.reduce((total, { n }) => total + Number(n), 0);
  const series = (rows: readonly { day: string; n: string }[]) =>
    seriesOf(
      periods,
      rows.map(({ day, n }) => ({ day, n: Number(n) })),
    );
  const [late, inTime] = [ended.filter((row) => row.late), ended.filter((row) => !row.late)];
  const rights = new Set([...received, ...ended, ...open].map(({ right }) => right));
  return {
    received: series(received),
    endedInTime: series(inTime),
    endedLate: series(late),
    open: open.length,
    overdue: open.filter(({ overdue }) => overdue).length,
    byRight: [...rights].sort().map((right) => {
      const isOfRight = (one: { right: string }) => one.right === right;
      const known = policy.rights.get(right);
      return {
        right,
        title: known?.title ?? null,
        titleTh: known?.title_th ?? null,
        received: sum(received.filter(isOfRight)),
        endedInTime: sum(inTime.filter(isOfRight)),
        endedLate: sum(late.filter(isOfRight)),
        open: open.filter(isOfRight).length,
        overdue: open.filter((one) => isOfRight(one) && one.overdue).length,
      };
    }),
  };
}

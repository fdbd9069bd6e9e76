import type { ServiceLog } from '@attesta/event-log';
import type { Policy } from '@attesta/policy';
import { Timers } from '@attesta/service-kit';
import { retriedTransaction } from '@attesta/transport';
import type pg from 'pg';
import type { Candidate, SuppliedFact } from './candidate.js';
import type { FactIndex } from './fact-index.js';
import type { FindingDesk } from './finding-desk.js';
import { findingEvent, findingId } from './findings.projection.js';
import type { Parting } from './parting.js';
import { neverTold } from './sources.decider.js';

/** Data from third parties of which people were not told yet: work that is left, filled and emptied as the log goes on. */

type Tx = Pick<pg.PoolClient, 'query'>;

const isTold = ({ kind }: Candidate): boolean => kind === 'told';

/** Keeps in mind what came from third parties. */
export async function watchSources(tx: Tx, candidates: readonly Candidate[]): Promise<void> {
  const positions = candidates
    .filter(({ kind, origin }) => kind === 'collection' && origin === 'third-party')
    .map(({ position }) => position);
  if (positions.length === 0) return;
  await tx.query(
    `insert into untold_source (position, subject, jurisdiction, overdue_from)
     select position, subject, jurisdiction, overdue_from from third_party_source where position = any($1::int8[]) on conflict do nothing`,
    [positions],
  );
}

interface Row {
  position: string;
  subject: string;
  jurisdiction: string;
  overdue_from: Date;
}

const suppliedFact = ({ position, subject, jurisdiction, overdue_from }: Row): SuppliedFact => ({
  position: Number(position),
  subject,
  jurisdiction,
  overdueFrom: overdue_from.getTime(),
});

/** What notices about sources may tell of. */
export async function loadSupplied(tx: Tx, facts: FactIndex, candidates: readonly Candidate[]): Promise<void> {
  const told = candidates.filter(isTold);
  if (told.length === 0) return;
  for (const notice of told) facts.addTold(notice);
  const { rows } = await tx.query<Row & { until: string | null }>(
    `select u.position, u.subject, jurisdiction, overdue_from, f.position as until
       from untold_source u left join forgotten f on f.subject = u.subject
      where told_by is null and u.position in (
        select position from untold_source where subject = any($1::uuid[])
        union all select position from untold_source where position = any($2::int8[]))
      order by u.position`,
    [told.flatMap(({ subject }) => subject ?? []), told.flatMap(({ subject, covers }) => (subject === undefined ? (covers ?? []) : []))],
  );
  for (const row of rows) facts.addSupplied({ ...suppliedFact(row), until: row.until === null ? undefined : Number(row.until) });
}

// The first notice that tells of a collection counts.
const SETTLE = `
  with told as (
         select * from jsonb_to_recordset($1::jsonb) n(position int8, subject uuid, covers int8[], "occurredAt" float8, "recordedAt" float8)),
       first as (
         select distinct on (position) * from (
           select u.position, u.overdue_from, n.position as by, n."occurredAt", n."recordedAt"
             from told n join untold_source u on u.subject = n.subject where n.covers is null or u.position = any(n.covers)
           union all
           select u.position, u.overdue_from, n.position, n."occurredAt", n."recordedAt"
             from told n cross join lateral unnest(n.covers) c(position) join untold_source u on u.position = c.position where n.subject is null) x
          where position < by order by position, by),
       settled as (
         delete from untold_source u using first f
          where u.position = f.position and told_by is null and f.overdue_from > to_timestamp(f."recordedAt" / 1000))
  update untold_source u set told_by = f.by, told_at = to_timestamp(f."occurredAt" / 1000)
    from first f where u.position = f.position and told_by is null and f.overdue_from <= to_timestamp(f."recordedAt" / 1000)`;

/**
 * Lets go of what people were told of, and of whoever is forgotten. What was told when it may have been found untold already is settled by
 * `UntoldSources.look`.
 */
export async function settleSources(tx: Tx, candidates: readonly Candidate[], partings: readonly Parting[]): Promise<void> {
  const told = candidates.filter(isTold);
  if (told.length > 0) await tx.query(SETTLE, [JSON.stringify(told)]);
  for (const { people, position } of partings)
    await tx.query('delete from untold_source where subject = any($1::uuid[]) and position < $2', [people, position]);
}

const AT_ONCE = 500;
const LOOK_MS = 15_000;

export interface UntoldSourcesOptions {
  policy: Policy;
  log: ServiceLog;
  desk: FindingDesk;
  pool: pg.Pool;
  now: () => Date;
  /** How old the newest entry in the registers is while others wait, in seconds; 0 when none do. */
  lag: () => Promise<{ seconds: number }>;
  onError: (error: unknown) => void;
}

/** Finds what nobody was told of in time, as time passes, and resolves it once they are. */
export class UntoldSources {
  private readonly timers: Timers;

  constructor(private readonly options: UntoldSourcesOptions) {
    this.timers = new Timers({ look: () => this.look(), everyMs: LOOK_MS, onError: options.onError });
  }

  start(): void {
    this.timers.start();
  }

  stop(): Promise<void> {
    return this.timers.stop();
  }

  /** Whoever waits in the log to be read may have been told: what is sealed counts, and until when it is known. */
  async look(): Promise<void> {
    const { pool, now, lag } = this.options;
    const known = now().getTime() - (await lag()).seconds * 1_000;
    while ((await retriedTransaction(pool, (tx) => this.raise(tx, known))) === AT_ONCE);
    while (await retriedTransaction(pool, (tx) => this.resolve(tx)));
  }

  /** What nobody was told of, as events that follow from the entries alone: said again, it is the same. */
  private async raise(tx: pg.PoolClient, known: number): Promise<number> {
    const { rows } = await tx.query<Row>(
      `update untold_source set raised = true where position in (
         select position from untold_source where not raised and told_by is null
            and overdue_from <= least(to_timestamp($1::float8 / 1000), (
              select to_timestamp(min((candidate->>'recordedAt')::float8) / 1000) from to_judge where candidate->>'kind' = 'told'))
          order by overdue_from limit $2 for update skip locked)
       returning position, subject, jurisdiction, overdue_from`,
      [known, AT_ONCE],
    );
    const events = rows.map(suppliedFact).map((fact) => {
      const { position, subject, overdueFrom: recordedAt } = fact;
      return findingEvent({ position, subject, recordedAt }, neverTold(fact, this.options.policy));
    });
    const said = await tx.query<{ id: string }>('select id from service_event where id = any($1::uuid[])', [events.map(({ id }) => id)]);
    const before = new Set(said.rows.map(({ id }) => id));
    const unsaid = events.filter(({ id }) => !before.has(id));
    if (unsaid.length > 0) await this.options.log.append(tx, 'findings', 'any', unsaid);
    return rows.length;
  }

  /** @returns whether there was any */
  private async resolve(tx: pg.PoolClient): Promise<boolean> {
    const { rows } = await tx.query<Row & { told_by: string; told_at: Date }>(
      `delete from untold_source where position in (
         select position from untold_source where told_by is not null order by position limit 1 for update skip locked)
       returning position, subject, jurisdiction, overdue_from, told_by, told_at`,
    );
    const [row] = rows;
    if (!row) return false;
    const late = row.told_at >= row.overdue_from;
    const reason = late ? 'The person was told, too late.' : 'The person had been told in time; that was sealed later.';
    await this.options.desk.resolveByItself(tx, findingId('source-not-told', Number(row.position)), {
      kind: 'resolve',
      outcome: late ? 'remedied' : 'not-an-infringement',
      reason,
      positions: [Number(row.told_by)],
    });
    return true;
  }
}

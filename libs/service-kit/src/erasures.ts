import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type pg from 'pg';
import type { Erasures, LedgerDirectory } from './directory/directory.js';

type Tx = Pick<pg.PoolClient, 'query'>;

/**
 * Tables of a service that keeps rows about people; its role reads and writes them.
 * forgotten: whose rows are not to come back, whatever is told of them; `position`: of the entry that says so, null while the directory alone does.
 * erasure_cursor: up to which erasure of the directory all are forgotten here; `people`: forgotten again, and not said yet.
 */
export const erasureTables = `
create table forgotten (subject uuid primary key, position bigint);
create table erasure_cursor (one boolean primary key default true check (one), n bigint not null, people bigint not null default 0);
`;

export const ERASURE_TABLES = ['forgotten', 'erasure_cursor'] as const;

export interface Forgotten {
  subject: string;
  /** Of the entry that says so, where one does. */
  position?: number | undefined;
}

/** Keeps in mind that people are forgotten. */
export async function noteForgotten(tx: Tx, people: readonly Forgotten[]): Promise<void> {
  await tx.query(
    `insert into forgotten (subject, position)
     select subject, min(position) from unnest($1::uuid[], $2::int8[]) p(subject, position) group by subject order by subject
     on conflict (subject) do update set position = least(forgotten.position, excluded.position)`,
    [people.map(({ subject }) => subject), people.map(({ position }) => position ?? null)],
  );
}

/** Those of these people who are forgotten, with the position of the entry that says so, where one did. */
export async function forgottenAmong(db: Tx, subjects: Iterable<string>): Promise<Map<string, number | undefined>> {
  const { rows } = await db.query<{ subject: string; position: string | null }>({
    name: 'forgotten-among',
    text: 'select subject, position from forgotten where subject = any($1::uuid[])',
    values: [[...new Set(subjects)]],
  });
  return new Map(rows.map(({ subject, position }) => [subject, position === null ? undefined : Number(position)]));
}

export interface ErasureReplay {
  /** The service, which is also the name of its consumer. */
  service: string;
  transact: <T>(work: (tx: pg.PoolClient) => Promise<T>) => Promise<T>;
  directory: Pick<LedgerDirectory, 'erasures'>;
  /** Forgets people, also for whatever is still to be told of them. @returns of how many of them there was something */
  forget: (tx: pg.PoolClient, people: readonly Forgotten[]) => Promise<number>;
  /** Appends to the service's own log. */
  say: (tx: pg.PoolClient, event: ReturnType<typeof replayed>) => Promise<unknown>;
  now: () => Date;
  /** How often the ledger is asked before it counts as away. */
  tries?: number | undefined;
}

const AT_ONCE = 500;
const TRIES = 8;
const FIRST_PAUSE_MS = 250;

/**
 * Forgets everybody who was erased since this database last knew, before anything is served from it: one that was restored from a backup holds
 * people who were erased after that, and its feed tells it of them only in the end (notice clause 4.9). Starts over where it was stopped.
 * A database that never followed the feed holds nobody, and begins with the newest erasure.
 * @returns how many people there still was something of
 * @throws Error when the ledger does not tell who was erased
 */
export async function replayErasures(replay: ErasureReplay): Promise<number> {
  for (let after = await startOf(replay); ;) {
    const { erasures } = await ask(replay, after);
    if (erasures.length === 0) break;
    await replay.transact((tx) => apply(tx, erasures, replay));
    after = erasures.at(-1)!.n;
  }
  return replay.transact((tx) => tell(tx, replay));
}

async function startOf(replay: ErasureReplay): Promise<number> {
  const known = await replay.transact(async (tx) => {
    const { rows } = await tx.query<{ n: string | null; followed: boolean }>(
      'select (select n from erasure_cursor) as n, exists (select 1 from feed_cursor where consumer = $1) as followed',
      [replay.service],
    );
    return rows[0]!;
  });
  if (known.n !== null) return Number(known.n);
  const start = known.followed ? 0 : (await ask(replay, 0)).last;
  await replay.transact((tx) => tx.query('insert into erasure_cursor (n) values ($1) on conflict do nothing', [start]));
  return start;
}

/** Another process of the service may be at the same: whoever comes second finds them forgotten. */
async function apply(tx: pg.PoolClient, erasures: Erasures['erasures'], { forget }: ErasureReplay): Promise<void> {
  const { rows } = await tx.query<{ n: string }>('select n from erasure_cursor for update');
  const ahead = erasures.filter(({ n }) => n > Number(rows[0]!.n));
  if (ahead.length === 0) return;
  const people = await forget(
    tx,
    ahead.map(({ subject }) => ({ subject })),
  );
  await tx.query('update erasure_cursor set n = $1, people = people + $2', [ahead.at(-1)!.n, people]);
}

async function tell(tx: pg.PoolClient, { service, say, now }: ErasureReplay): Promise<number> {
  const { rows } = await tx.query<{ people: string }>('select people from erasure_cursor for update');
  const people = Number(rows[0]!.people);
  if (people === 0) return 0;
  await tx.query('update erasure_cursor set people = 0');
  await say(tx, replayed(service, people, now()));
  new Logger('erasures').warn('erasures replayed: people who had been erased were forgotten again', { service, count: people });
  return people;
}

const replayed = (database: string, people: number, now: Date) => ({
  id: randomUUID(),
  type: 'attesta.erasures.replayed.v1',
  time: now.toISOString(),
  data: { database, people, keys: 0, ciphertexts: 0 },
});

async function ask({ directory, tries = TRIES }: ErasureReplay, after: number): Promise<Erasures> {
  for (let tried = 1; ; tried++) {
    try {
      return await directory.erasures(after, AT_ONCE);
    } catch (cause) {
      if (tried >= tries) {
        throw new Error(
          'The ledger does not tell who was erased, and without that nothing may be served: start it first, and check LEDGER_URL and AUTH_CLIENT_ID.',
          { cause },
        );
      }
      await pause(FIRST_PAUSE_MS * 2 ** (tried - 1));
    }
  }
}

import { ServiceLog, type EntrySource, type NewEvent } from '@attesta/event-log';
import type { Entry } from '@attesta/events';
import type { PolicySource } from '@attesta/policy';
import type pg from 'pg';
import { RESTORED, RESTORING } from './feed-consumer.js';
import type { FeedHandler, ParkedEvent } from './feed.js';
import { PostgresFeed } from './postgres-feed.js';
import { StoredSealedEvent } from './sealed-event.js';
import { transaction } from './transaction.js';

/** Entries read at once. */
const PAGE = 2_000;

/** A service's own log while its state is built from the ledger's: what follows from an entry then was said before, or is kept until it is known that it was not. */
export class WithholdingLog extends ServiceLog {
  private withheld: Withheld[] | undefined = [];

  override append(
    tx: Pick<pg.Pool, 'query'>,
    stream: string,
    expected: number | 'any',
    events: readonly NewEvent[],
  ): Promise<{ position: number; version: number }> {
    if (!this.withheld) return super.append(tx, stream, expected, events);
    for (const event of events) this.withheld.push({ stream, event });
    return Promise.resolve({ position: -1, version: -1 });
  }

  /** Withholds nothing any more. @returns what was withheld */
  release(): Withheld[] {
    const withheld = this.withheld ?? [];
    this.withheld = undefined;
    return withheld;
  }
}

export interface Withheld {
  stream: string;
  event: NewEvent;
}

/** What the restore of any service is given. */
export interface RestoreOptions {
  /** An empty database. */
  databaseUrl: string;
  /** Owner of its tables. */
  migrationUrl?: string | undefined;
  /** The policy file, parsed. */
  policy: PolicySource;
  /** The ledger's log. */
  entries: EntrySource;
  /** Told now and then how many of the log's entries are applied. */
  onProgress?: ((applied: number, size: number) => void) | undefined;
}

export interface Restoring extends Pick<RestoreOptions, 'entries' | 'onProgress'> {
  /** Name of the service's consumer. */
  group: string;
  /** CloudEvents source that the service speaks as. */
  source: string;
  /** The service's database: migrated, and empty. */
  pool: pg.Pool;
  /** Stream of the service's own log that a sealed event of the service belongs to. */
  streamOf: (entry: Entry) => string;
  /** Applies sealed events, as the service's consumer does. What follows from them must be withheld: see WithholdingLog. */
  handle: FeedHandler;
  /** When everything is applied, and the service's own log is there: says what was not said yet. @returns how much that is */
  finish: (tx: pg.PoolClient) => Promise<number>;
}

export interface Restored {
  /** Entries of the ledger's log that were read. */
  entries: number;
  /** Of them, what the service itself had said. */
  own: number;
  /** What it had not come to say when its database was lost; it goes to the ledger when the service starts. */
  unsaid: number;
}

/**
 * Builds the database of a service from the ledger's log: its state by its own consumer, and its own log from what was sealed of it. The service must
 * not run meanwhile. Until this is done the database has a cursor by which every consumer refuses it; afterwards the service goes on behind what was read.
 * @throws Error for a database that is not empty, or for an entry that cannot be applied
 */
export async function restoreFromLog(restoring: Restoring): Promise<Restored> {
  const { group, pool, entries, handle, finish } = restoring;
  await refuseFilled(pool, group);
  const size = await entries.size();
  await play(restoring, size, handle);
  const outcome = await transaction(pool, async (tx) => {
    const own = await restoreOwnLog(tx, restoring, size);
    const unsaid = await finish(tx);
    await tx.query('update feed_cursor set topic = $3 where consumer = $1 and topic = $2', [group, RESTORING, RESTORED]);
    return { own, unsaid };
  });
  return { entries: size, ...outcome };
}

/** Says those events that no event of the service's own log has the id of. @returns how many */
export async function sayUnsaid(tx: pg.PoolClient, log: ServiceLog, withheld: readonly Withheld[]): Promise<number> {
  const { rows } = await tx.query<{ id: string }>('select id from service_event where id = any($1::uuid[])', [
    withheld.map(({ event }) => event.id),
  ]);
  const known = new Set(rows.map(({ id }) => id));
  let said = 0;
  for (const { stream, event } of withheld) {
    if (known.has(event.id)) continue;
    known.add(event.id);
    await log.append(tx, stream, 'any', [event]);
    said++;
  }
  return said;
}

async function refuseFilled(pool: pg.Pool, group: string): Promise<void> {
  const { rows } = await pool.query<{ filled: boolean }>(
    'select exists (select 1 from feed_cursor) or exists (select 1 from service_event) as filled',
  );
  if (rows[0]?.filled)
    throw new Error(
      `The database of ${group} is not empty: a service followed the log with it, or a restore was begun. Restore into a new one.`,
    );
}

async function play({ group, pool, entries, onProgress }: Restoring, size: number, handle: FeedHandler): Promise<void> {
  const bounded: EntrySource = {
    size: () => Promise.resolve(size),
    read: async (after, limit) => (after + 1 >= size ? [] : entries.read(after, Math.min(limit, size - 1 - after))),
    watch: () => Promise.resolve(() => Promise.resolve()),
  };
  let cause: unknown;
  const subscription = await new PostgresFeed(bounded, RESTORING).subscribe({
    group,
    pool,
    handle: async (events, tx) => {
      await handle(events, tx);
      onProgress?.(events.at(-1)!.position + 1, size);
    },
    onError: (error) => (cause = error),
  });
  try {
    await subscription.caughtUp(size - 1);
    const [parked] = await subscription.parked.list({ limit: 1 });
    if (parked) throw new Error(notApplied(group, parked), { cause });
  } finally {
    await subscription.stop();
  }
}

const notApplied = (group: string, { position, error }: ParkedEvent): string =>
  `Entry ${position} could not be applied to the database of ${group} (${error ?? 'unknown'}). Mend that, and restore into a new database.`;

/** The service's own log, in the order in which it was sealed. All of it has been carried to the ledger. */
async function restoreOwnLog(tx: pg.PoolClient, { source, entries, streamOf }: Restoring, size: number): Promise<number> {
  let own = 0;
  for (let after = -1; after + 1 < size;) {
    const page = await entries.read(after, Math.min(PAGE, size - 1 - after));
    if (page.length === 0) throw new Error(`The ledger's log ends at position ${after}, before its size of ${size}`);
    after = page.at(-1)!.position;
    const mine = page
      .map((entry) => StoredSealedEvent.of(entry).entry)
      .filter((entry) => entry.source === source)
      .map(({ id, type, time, subject, actor, data, ...entry }) => ({
        stream: streamOf({ id, type, time, subject, actor, data, ...entry } as Entry),
        ...{ id, type, time, data },
        ...(subject && { subject: subject.id }),
        ...(actor !== undefined && { actor }),
      }));
    if (mine.length === 0) continue;
    await tx.query(
      `insert into service_event (position, stream, version, id, type, time, subject, actor, data)
       select $1 + o - 1, e->>'stream', coalesce((select max(version) from service_event s where s.stream = e->>'stream'), 0)
                + row_number() over (partition by e->>'stream' order by o),
              (e->>'id')::uuid, e->>'type', (e->>'time')::timestamptz, e->>'subject', e->>'actor', e->'data'
         from jsonb_array_elements($2::jsonb) with ordinality x(e, o)`,
      [own, JSON.stringify(mine)],
    );
    own += mine.length;
  }
  await tx.query('update service_log_head set size = $1', [own]);
  await tx.query('insert into relay_cursor (relay, position) values ($1, $2)', [`outbox ${source}`, own - 1]);
  return own;
}

import type { Entry, EventTypes } from '@attesta/events';
import type pg from 'pg';
import { keyOf, type Sender } from './prepare.js';
import type { ReceivedEvent } from './sealer.js';
import { unavailable } from './unavailable.js';

const RETENTION_SOURCE = '//attesta/retention';
const STARTED = 'attesta.disposal.started.v1';
const INSTRUCTED = 'attesta.disposal.instructed.v1';

/** A sealed event of the retention service that the ledger acts on. */
export type Instruction = { n: string; id: string; subject: string; attempts: number } & (
  { type: typeof STARTED; data: EventTypes[typeof STARTED] } | { type: typeof INSTRUCTED; data: EventTypes[typeof INSTRUCTED] }
);

const MOST = 300;
const MOST_BYTES = 2 << 20;
const LONGEST_WAIT_MS = 3_600_000;

/** Keys of the events that the ledger is to act on once they are sealed, as 32 hexadecimal digits. */
export function instructionsIn(items: readonly ReceivedEvent[], { maySpeakFor }: Sender): string[] {
  const keys: string[] = [];
  for (const item of items) {
    if (!item.ok) continue;
    const { type, source, id } = (item.event ?? {}) as { type?: unknown; source?: unknown; id?: unknown };
    if (type !== STARTED && type !== INSTRUCTED) continue;
    if (source === RETENTION_SOURCE && typeof id === 'string' && maySpeakFor?.(source) !== false)
      keys.push(Buffer.from(keyOf(source, id), 'latin1').toString('hex'));
  }
  return keys;
}

/** Before any is sealed, so that no crash leaves one out. @throws LogUnavailable */
export async function noteInstructions(pool: pg.Pool, keys: readonly string[]): Promise<void> {
  try {
    await pool.query('insert into instruction (key) select unnest($1::uuid[]) on conflict do nothing', [keys]);
  } catch (error) {
    throw unavailable(error);
  }
}

/** What is sealed and still to be done, in order, as much as is acted on at a time. */
export async function dueInstructions(pool: pg.Pool, now: Date): Promise<Instruction[]> {
  const { rows } = await pool.query<{ n: string; attempts: number; bytes: Buffer }>(
    // "offset 0": one look by key for each, however large the log; a plan is made before the first instruction comes.
    `select i.n, i.attempts, e.bytes from instruction i, lateral (select bytes from entry where key = i.key offset 0) e
      where i.due <= $1 order by i.n limit $2`,
    [now, MOST],
  );
  const due: Instruction[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += row.bytes.length;
    if (due.length > 0 && bytes > MOST_BYTES) break;
    const { type, id, subject, data } = JSON.parse(row.bytes.toString('utf8')) as Entry;
    due.push({ n: row.n, attempts: row.attempts, id, subject: subject!.id, type, data } as unknown as Instruction);
  }
  return due;
}

export async function instructionsDone(pool: pg.Pool, done: readonly Instruction[]): Promise<void> {
  await pool.query('delete from instruction where n = any ($1::bigint[])', [done.map(({ n }) => n)]);
}

/** One that fails waits longer each time, and lets the others pass. */
export async function postponeInstruction(pool: pg.Pool, { n }: Instruction, now: Date): Promise<void> {
  await pool.query(
    `update instruction set attempts = attempts + 1, due = $2::timestamptz + least($3, 1000 * 2 ^ least(attempts, 20)) * interval '1 ms' where n = $1`,
    [n, now, LONGEST_WAIT_MS],
  );
}

/** Keys whose events never were sealed, and will not be. */
export async function dropUnsealed(pool: pg.Pool): Promise<void> {
  await pool.query(
    `delete from instruction i where at < clock_timestamp() - interval '1 day' and not exists (select from entry e where e.key = i.key)`,
  );
}

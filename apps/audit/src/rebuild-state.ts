import type pg from 'pg';
import type { Compared } from './rebuild-compare.js';
import { NEXT } from './register-set.js';

type Db = Pick<pg.Pool, 'query'>;

/** What becomes of the second set when it is not what the present one is: it is kept for looking, or takes its place. */
export type OnDifference = 'keep' | 'swap';

export interface RebuildRow {
  run: string;
  /** `done`: swapped in. `differs`: both sets are kept. */
  state: 'filling' | 'done' | 'differs' | 'given-up';
  onDifference: OnDifference;
  /** Where the registers stood when it was ordered. */
  target: number;
  beganAt: Date;
  endedAt: Date | null;
  /** Entries a second. */
  rate: number | null;
  compared: Compared | null;
}

export async function readRebuild(db: Db, lock: '' | 'for update' = ''): Promise<RebuildRow | undefined> {
  const { rows } = await db.query<{
    run: string;
    state: RebuildRow['state'];
    on_difference: OnDifference;
    target: string;
    began_at: Date;
    ended_at: Date | null;
    rate: number | null;
    compared: string | null;
    present: Compared['present'];
    rebuilt: Compared['rebuilt'];
    differing: Compared['differing'];
  }>(`select * from rebuild ${lock}`);
  const [row] = rows;
  if (!row) return undefined;
  const { run, state, rate, present, rebuilt, differing } = row;
  const compared = row.compared === null ? null : { position: Number(row.compared), present, rebuilt, differing };
  const [beganAt, endedAt] = [row.began_at, row.ended_at];
  return { run, state, onDifference: row.on_difference, target: Number(row.target), beganAt, endedAt, rate, compared };
}

/** Begins a new one, in the place of the one before. As the owner. */
export async function beginRebuild(tx: Db, run: string, onDifference: OnDifference, target: number, now: Date): Promise<void> {
  await tx.query(
    `insert into rebuild (run, state, on_difference, target, began_at) values ($1, 'filling', $2, $3, $4)
     on conflict (one) do update set run = $1, state = 'filling', on_difference = $2, target = $3, began_at = $4, ended_at = null, rate = null,
       compared = null, present = null, rebuilt = null, differing = null`,
    [run, onDifference, target, now],
  );
}

export async function goOn(tx: Db, onDifference: OnDifference): Promise<void> {
  await tx.query(`update rebuild set state = 'filling', on_difference = $1, ended_at = null`, [onDifference]);
}

/** The second set has caught up for the first time. */
export async function noteRate(db: Db, run: string, rate: number): Promise<void> {
  await db.query('update rebuild set rate = $2 where run = $1 and rate is null', [run, rate]);
}

export async function noteCompared(db: Db, run: string, { position, present, rebuilt, differing }: Compared): Promise<void> {
  await db.query('update rebuild set compared = $2, present = $3, rebuilt = $4, differing = $5 where run = $1', [
    run,
    position,
    JSON.stringify(present),
    JSON.stringify(rebuilt),
    JSON.stringify(differing),
  ]);
}

export async function endRebuild(tx: Db, state: RebuildRow['state'], now: Date): Promise<void> {
  await tx.query('update rebuild set state = $1, ended_at = $2', [state, now]);
}

/** Where the second set stands; undefined where there is none. */
export async function nextPosition(db: Db): Promise<number | undefined> {
  const { rows } = await db.query<{ position: string }>('select position from feed_cursor where consumer = $1', [NEXT.group]);
  return rows[0] && Number(rows[0].position);
}

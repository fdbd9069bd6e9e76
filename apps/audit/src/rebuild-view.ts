import type pg from 'pg';
import type { Compared } from './rebuild-compare.js';
import { nextPosition, readRebuild, type OnDifference, type RebuildRow } from './rebuild-state.js';

/** The rebuild that is under way, or was last. */
export interface RebuildView {
  /** `none`: there never was one. `done`: the second set answers now. `differs`: both are kept, and the one from before answers. */
  state: RebuildRow['state'] | 'none';
  run: string | null;
  onDifference: OnDifference | null;
  beganAt: string | null;
  endedAt: string | null;
  /** Where the second set stands; null where there is none. */
  position: number | null;
  /** Where the registers stood when it was ordered. */
  target: number | null;
  percent: number | null;
  /** Until the second set had caught up. */
  entriesPerSecond: number | null;
  /** SHA-256 of both sets at one position, and the registers that differ, each with the first position where it does. */
  compared: Compared | null;
}

const NONE: RebuildView = {
  state: 'none',
  run: null,
  onDifference: null,
  beganAt: null,
  endedAt: null,
  position: null,
  target: null,
  percent: null,
  entriesPerSecond: null,
  compared: null,
};

export async function readRebuildView(pool: pg.Pool, now: Date): Promise<RebuildView> {
  const [row, position = null] = await Promise.all([readRebuild(pool), nextPosition(pool)]);
  if (!row) return NONE;
  const { state, run, onDifference, beganAt, endedAt, target, rate, compared } = row;
  return {
    state,
    run,
    onDifference,
    beganAt: beganAt.toISOString(),
    endedAt: endedAt && endedAt.toISOString(),
    position,
    target,
    percent: state === 'done' ? 100 : position === null ? null : percentOf(position, target),
    entriesPerSecond: rate === null ? rateSoFar(row, position, now) : Math.round(rate),
    compared,
  };
}

const percentOf = (position: number, target: number): number =>
  target < 0 ? 100 : Math.min(100, Math.floor(((position + 1) / (target + 1)) * 100));

function rateSoFar({ state, beganAt }: RebuildRow, position: number | null, now: Date): number | null {
  const seconds = (now.getTime() - beganAt.getTime()) / 1000;
  return state !== 'filling' || position === null || seconds <= 0 ? null : Math.round((position + 1) / seconds);
}

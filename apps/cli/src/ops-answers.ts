import { Failure } from './failure.js';

/** How far the registers are: every entry up to and including `position` is in them. */
export interface RegisterProgress {
  position: number;
  /** Entries still to come, where the service knows. */
  lag?: number;
}

/** Reads GET /ops/<service>/progress: the position of all registers, and how far each partition of the feed is. @throws Failure */
export function readProgress(value: unknown): RegisterProgress {
  const { position, partitions } = (value ?? {}) as { position?: unknown; partitions?: { lag?: number }[] };
  if (typeof position !== 'number') throw unknownAnswer('progress');
  const lags = Array.isArray(partitions) ? partitions.map(({ lag }) => lag).filter((lag) => lag !== undefined) : [];
  return { position, ...(lags.length > 0 && { lag: lags.reduce((sum, lag) => sum + lag, 0) }) };
}

/** A rebuild as GET /ops/<service>/rebuild tells of it. */
export interface RebuildAnswer {
  state: 'filling' | 'done' | 'differs' | 'given-up';
  run: string;
  position: number | null;
  target: number | null;
  entriesPerSecond: number | null;
  compared: {
    position: number;
    present: Record<string, string>;
    rebuilt: Record<string, string>;
    differing: { register: string; position: number | null }[];
  } | null;
}

const STATES: readonly unknown[] = ['filling', 'done', 'differs', 'given-up'] satisfies RebuildAnswer['state'][];

/** @throws Failure when it is not what GET /ops/<service>/rebuild answers */
export function readRebuild(value: unknown): RebuildAnswer {
  const answer = (value ?? {}) as Partial<RebuildAnswer>;
  const { compared } = answer;
  const whole =
    compared == null ||
    (typeof compared.position === 'number' && Array.isArray(compared.differing) && !!compared.present && !!compared.rebuilt);
  if (!STATES.includes(answer.state) || typeof answer.run !== 'string' || !whole) throw unknownAnswer('rebuild');
  return answer as RebuildAnswer;
}

const unknownAnswer = (what: string): Failure =>
  new Failure(`the service answered with something else than its ${what}`, 'Check that the CLI and the service are of the same version.');

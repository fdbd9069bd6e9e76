import { Failure } from './failure.js';

/** One digest per register, over its rows up to and including a position. */
export interface Digests {
  position: number;
  registers: Record<string, string>;
}

/** How far the registers are: every entry up to and including `position` is in them. */
export interface RegisterProgress {
  position: number;
  /** Entries still to come, where the service knows. */
  lag?: number;
}

/** @throws Failure when it is not what GET /ops/<service>/digest answers */
export function readDigests(value: unknown): Digests {
  const { position, registers } = (value ?? {}) as Partial<Digests>;
  if (typeof position !== 'number' || typeof registers !== 'object' || registers === null) throw unknownAnswer('digest');
  return { position, registers };
}

/** Reads GET /ops/<service>/progress: the position of all registers, and how far each partition of the feed is. @throws Failure */
export function readProgress(value: unknown): RegisterProgress {
  const { position, partitions } = (value ?? {}) as { position?: unknown; partitions?: { lag?: number }[] };
  if (typeof position !== 'number') throw unknownAnswer('progress');
  const lags = Array.isArray(partitions) ? partitions.map(({ lag }) => lag).filter((lag) => lag !== undefined) : [];
  return { position, ...(lags.length > 0 && { lag: lags.reduce((sum, lag) => sum + lag, 0) }) };
}

const unknownAnswer = (what: string): Failure =>
  new Failure(`the service answered with something else than its ${what}`, 'Check that the CLI and the service are of the same version.');

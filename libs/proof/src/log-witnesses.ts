import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { readCosignatures } from './cosignature.js';
import type { LogReader } from './log-reader.js';
import { reason } from './log-report.js';
import { openNote, type VerifierKey } from './note.js';
import type { Primitives } from './primitives.js';
import { verifyConsistency } from './tree-proof.js';
import { witnessedTime, type WitnessPolicy } from './witness-policy.js';

/** What a visitor asks of witnesses. */
export interface WitnessDemand {
  policy: WitnessPolicy;
  /** Seconds since 1970. */
  now: number;
  /** The witnessed time may be at most so many seconds ago. */
  within: number;
}

/** What witnesses vouch for. */
export interface Witnessed {
  /** Entries of the tree they signed; fewer than the log has where its end is too new for them. */
  size: number;
  /** Since when the policy holds, in whole seconds since 1970. */
  time: number;
  /** Key names of all who signed. */
  names: string[];
}

/** Clocks of two machines differ; by more than this many seconds one of them is wrong. */
const CLOCKS_DIFFER = 300;

/**
 * Looks whether witnesses vouch for this log: on its newest checkpoint, or else on the newest that they did sign, which the log serves as
 * `checkpoint/witnessed` and which the newest must continue. What is missing is the problem.
 * Rejects where the log cannot show that one continues the other.
 */
export async function checkWitnesses(
  primitives: Primitives,
  reader: LogReader,
  { note, checkpoint, key }: { note: string; checkpoint: Checkpoint; key: VerifierKey },
  demand: WitnessDemand,
): Promise<{ witnessed?: Witnessed; problem?: string }> {
  const refuse = (problem: string) => ({ problem });
  let found = readWitnessed(primitives, note, checkpoint, demand.policy);
  if (found.time === undefined) {
    const older = await servedWitnessed(primitives, reader, key, demand.policy);
    if (older && !(await continues(primitives, reader, older.checkpoint, checkpoint)))
      return refuse(`the log does not continue the tree of ${older.checkpoint.size} entries that witnesses signed`);
    found = older ?? found;
  }
  if (found.wrong.length > 0) return refuse(`not made by the witness whose name it bears: the cosignature of ${found.wrong.join(', ')}`);
  const { time, names } = found;
  const { size } = found.checkpoint;
  if (time === undefined) {
    const who = names.length > 0 ? `only ${names.join(', ')}` : 'none of the witnesses you named';
    return refuse(`${who} signed the checkpoint of ${size} entries, which is not enough`);
  }
  if (time > demand.now + CLOCKS_DIFFER) return refuse(`the witnesses signed in the future, at ${iso(time)}`);
  const witnessed = { size, time, names };
  if (!demand.policy.quorum || demand.now - time <= demand.within) return { witnessed };
  return {
    witnessed,
    problem: `enough witnesses signed last at ${iso(time)}, on ${size} entries; that is more than ${demand.within} seconds ago`,
  };
}

interface Found {
  checkpoint: Checkpoint;
  time: number | undefined;
  names: string[];
  wrong: string[];
}

function readWitnessed(primitives: Primitives, note: string, checkpoint: Checkpoint, policy: WitnessPolicy): Found {
  const keys = policy.witnesses.map(({ key }) => key);
  const { cosignatures, wrong } = readCosignatures(primitives, note, keys);
  const names = (of: readonly VerifierKey[]) => of.map(({ name }) => name);
  return { checkpoint, time: witnessedTime(policy, cosignatures), names: names(cosignatures.map((one) => one.key)), wrong: names(wrong) };
}

/** undefined where the log serves none that is its own and witnessed; logs that nobody here wrote need not know the path. */
async function servedWitnessed(
  primitives: Primitives,
  reader: LogReader,
  key: VerifierKey,
  policy: WitnessPolicy,
): Promise<Found | undefined> {
  try {
    const note = await reader.witnessedNote();
    const checkpoint = parseCheckpoint(openNote(primitives, note, [key]).text);
    if (checkpoint.origin !== key.name) return undefined;
    const found = readWitnessed(primitives, note, checkpoint, policy);
    return found.time === undefined && found.wrong.length === 0 ? undefined : found;
  } catch {
    return undefined;
  }
}

/** Either may be the newer one: between two requests the log grows. */
async function continues(primitives: Primitives, reader: LogReader, one: Checkpoint, other: Checkpoint): Promise<boolean> {
  const [older, newer] = one.size <= other.size ? [one, other] : [other, one];
  try {
    const proof = await reader.consistencyProof(older.size, newer.size);
    return verifyConsistency(primitives.sha256, {
      from: older.size,
      to: newer.size,
      fromRoot: older.root,
      toRoot: newer.root,
      proof,
    });
  } catch (error) {
    throw new Error(`whether the log continues the witnessed tree cannot be told: ${reason(error)}`, { cause: error });
  }
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

import { toBase64 } from './base64.js';
import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import type { LogReader } from './log-reader.js';
import { leadsTo, openByKeyOrNext, type KeyChange } from './key-change.js';
import { checkWitnesses, type WitnessDemand, type Witnessed } from './log-witnesses.js';
import { ProblemList, reason, type LogProblem } from './log-report.js';
import { Marks, parseLogState, type LogState } from './log-state.js';
import { LogWalk } from './log-walk.js';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from './note.js';
import type { Primitives } from './primitives.js';
import { concludeWalk } from './walk-conclusion.js';

export interface VerifyLogOptions {
  /** Verifier key line of the log. Get it from somewhere else than the log itself, or you trust whoever answers. */
  key: string;
  /** What the visit before returned. */
  state?: LogState;
  /** Witnesses that must vouch for the log. */
  witnesses?: WitnessDemand;
  /** Told now and then how many of the entries have been checked. */
  onProgress?: (checked: number, total: number) => void;
}

export interface LogReport {
  /** True if nothing is wrong: every entry is in canonical form and place, leads to the signed root, and the log continues the one seen before. */
  ok: boolean;
  /** The checkpoint that the log's key signed; absent if there is none. */
  checkpoint?: Checkpoint;
  /** Entries looked at; less than the checkpoint's size only if the walk was given up. */
  checked: number;
  /** Subjects whose chains were followed. */
  subjects: number;
  /** Changes of the log's key since the one that was trusted, each by the word of the key before; absent where there were none. */
  keyChanges?: KeyChange[];
  /** What witnesses vouch for, where some were asked for and they do. */
  witnessed?: Witnessed;
  /** Rising by position, what concerns the whole log first. */
  problems: LogProblem[];
  /** Problems beyond those told. */
  omitted: number;
  /** What to give to the next visit; only present when ok, so that a bad log never becomes the measure. */
  state?: LogState;
}

/**
 * Reads a whole log and re-derives everything it claims: leaf hashes from the entries, every hash tile and the root from them, the checkpoint's
 * signature, each subject's chain, and that the log continues what was seen at the last visit. Memory grows with the number of subjects only.
 * Never rejects because of what the log answers: that becomes a problem of the report. What it cannot see: an entry that was never sealed,
 * and, where no witnesses are asked for, a whole log that was
 * replaced before the first visit.
 */
export async function verifyLog(primitives: Primitives, reader: LogReader, options: VerifyLogOptions): Promise<LogReport> {
  const problems = new ProblemList();
  const saved = readState(options.state, problems);
  const key = readKey(options.key, problems);
  const head = key && (await readCheckpoint(primitives, reader, key, saved, problems));
  if (!key || !head) return { ok: false, checked: 0, subjects: 0, problems: problems.sorted(), omitted: problems.omitted };

  const { checkpoint, changes } = head;
  const marks = Marks.forSize(checkpoint.size);
  const walk = new LogWalk(primitives.sha256, reader, checkpoint.size, problems, { marks, ...(saved ? { saved } : {}) });
  let witnessed: Witnessed | undefined;
  try {
    await walk.run(options.onProgress);
    concludeWalk(walk, checkpoint, saved, problems);
    if (options.witnesses) {
      const found = await checkWitnesses(primitives, reader, head, options.witnesses);
      witnessed = found.witnessed;
      if (found.problem !== undefined) problems.add({ kind: 'witness', message: found.problem });
    }
  } catch (error) {
    problems.add({ kind: 'format', message: `the log could not be read to its end: ${reason(error)}` });
  }
  const found = problems.sorted();
  const ok = found.length === 0;
  return {
    ok,
    checkpoint,
    checked: walk.checked,
    subjects: walk.subjects,
    problems: found,
    omitted: problems.omitted,
    ...(changes.length > 0 ? { keyChanges: changes } : {}),
    ...(witnessed ? { witnessed } : {}),
    ...(ok ? { state: stateOf(checkpoint, head.key, marks) } : {}),
  };
}

function stateOf({ origin, size, root }: Checkpoint, { name, publicKey }: VerifierKey, marks: Marks): LogState {
  return { origin, size, root: toBase64(root), key: formatVerifierKey(name, publicKey), marks: marks.toState() };
}

function readState(state: LogState | undefined, problems: ProblemList): LogState | undefined {
  if (state === undefined) return undefined;
  try {
    return parseLogState(state);
  } catch (error) {
    problems.add({ kind: 'format', message: reason(error) });
    return undefined;
  }
}

function readKey(line: string, problems: ProblemList): VerifierKey | undefined {
  try {
    return parseVerifierKey(line);
  } catch (error) {
    problems.add({ kind: 'signature', message: reason(error) });
    return undefined;
  }
}

interface Head {
  note: string;
  checkpoint: Checkpoint;
  /** Whose signature it bears. */
  key: VerifierKey;
  changes: KeyChange[];
}

async function readCheckpoint(
  primitives: Primitives,
  reader: LogReader,
  key: VerifierKey,
  saved: LogState | undefined,
  problems: ProblemList,
): Promise<Head | undefined> {
  const attempt = async <T>(kind: LogProblem['kind'], step: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (error) {
      problems.add({ kind, message: `checkpoint: ${reason(error)}` });
      return undefined;
    }
  };
  const note = await attempt('format', () => reader.note());
  const opened = note === undefined ? undefined : await attempt('signature', () => openByKeyOrNext(primitives, reader, note, key));
  const checkpoint = opened && (await attempt('format', () => parseCheckpoint(opened.text)));
  if (note === undefined || !checkpoint) return undefined;
  if (saved && !(await leadsTo(primitives, reader, saved.key, opened.key)))
    problems.add({ kind: 'signature', message: 'the key is not the one of the last visit' });
  if (checkpoint.origin !== key.name) problems.add({ kind: 'signature', message: 'the checkpoint is of another log than the key' });
  if (saved) compareHeads(checkpoint, saved, problems);
  return { note, checkpoint, key: opened.key, changes: opened.changes };
}

/** What two heads say by themselves, without any entry. */
function compareHeads(checkpoint: Checkpoint, saved: LogState, problems: ProblemList): void {
  if (checkpoint.origin !== saved.origin) problems.add({ kind: 'fork', message: 'the log has another origin than at the last visit' });
  if (checkpoint.size < saved.size) {
    const message = `the log has ${checkpoint.size} entries, but had ${saved.size} at the last visit`;
    problems.add({ kind: 'rollback', position: checkpoint.size, lastPosition: saved.size - 1, message });
  }
}

import { fromBase64 } from './base64.js';
import { equalBytes } from './bytes.js';
import type { Checkpoint } from './checkpoint.js';
import { explainMismatches } from './log-mismatch.js';
import { positionsText, type LogProblem, type ProblemList } from './log-report.js';
import type { LogState, Stretch } from './log-state.js';
import type { LogWalk } from './log-walk.js';

/** Which of the log's two tellings leads to the signed root: the leaf hashes in its tiles, its entries, or neither. */
type Witness = 'tiles' | 'entries' | 'neither' | 'unknown';

/** Says what the observations of a walk mean in the light of the signed root and of the last visit. */
export function concludeWalk(walk: LogWalk, checkpoint: Checkpoint, saved: LogState | undefined, problems: ProblemList): void {
  const witness = witnessOf(walk, checkpoint);
  const add = (problem: LogProblem) => problems.add(problem);

  if (witness === 'entries') walk.mismatches.forEach(({ position }) => add(wrongTile(position)));
  else explainMismatches(walk.mismatches, walk.missing, checkpoint.size).forEach(add);

  if (witness === 'tiles') {
    for (const { path, first, last } of walk.upperDifferences) {
      add({
        kind: 'edit',
        position: first,
        lastPosition: last,
        message: `${path} holds a wrong hash for ${positionsText(first, last)}; the entries are as sealed`,
      });
    }
  }
  const parted = saved && partedFrom(saved, walk, checkpoint, witness);
  if (parted) add(parted);
  if (witness === 'neither') otherRoot(walk, saved, parted !== undefined).forEach(add);
}

function witnessOf(walk: LogWalk, { root }: Checkpoint): Witness {
  if (!walk.complete) return 'unknown';
  if (equalBytes(walk.tiles.root(), root)) return 'tiles';
  return walk.entries && walk.missing.length === 0 && equalBytes(walk.entries.root(), root) ? 'entries' : 'neither';
}

function wrongTile(position: number): LogProblem {
  return { kind: 'edit', position, message: `the hash tile is wrong at position ${position}; the entry there leads to the signed root` };
}

/** The signed root belongs to other leaves: tell where, as closely as the upper tiles or the last visit allow. */
function otherRoot(walk: LogWalk, saved: LogState | undefined, located: boolean): LogProblem[] {
  const level = Math.min(...walk.upperDifferences.map((difference) => difference.level));
  const places = walk.upperDifferences.filter((difference) => difference.level === level);
  if (places.length > 0) {
    return places.map(({ first, last, path }) => ({
      kind: 'edit',
      position: first,
      lastPosition: last,
      message: `${positionsText(first, last)} do not hash to what ${path} holds, and the log does not lead to its signed root`,
    }));
  }
  if (located) return [];
  const sinceSaved = saved && walk.tilesAtSaved && equalBytes(walk.tilesAtSaved, fromBase64(saved.root)!);
  return [
    {
      kind: 'edit',
      ...(sinceSaved && saved.size < walk.checked ? { position: saved.size, lastPosition: walk.checked - 1 } : {}),
      message: 'the entries and hash tiles do not lead to the signed root: some were changed together',
    },
  ];
}

/** What separates this log from the one of the last visit; undefined if it continues it, or if that cannot be told. */
function partedFrom(saved: LogState, walk: LogWalk, checkpoint: Checkpoint, witness: Witness): LogProblem | undefined {
  const marksKnown = walk.complete && witness !== 'entries';
  const place = marksKnown && saved.marks ? walk.savedMarks?.firstDifference(saved.marks, saved.size) : undefined;
  const savedRoot = fromBase64(saved.root)!;
  const otherHead = checkpoint.size === saved.size && !equalBytes(checkpoint.root, savedRoot);
  if (otherHead) return forked(place);
  // With no way to the signed root, leaves were changed behind the signer's back: that is an edit, not another signed history.
  if (witness === 'neither') return place && (place.certain || !leadsToSaved(walk.tilesAtSaved, savedRoot)) ? changed(place) : undefined;
  if (checkpoint.size < saved.size) return place?.certain ? forked(place) : undefined;
  return leadsToSaved(witness === 'entries' ? walk.entriesAtSaved : walk.tilesAtSaved, savedRoot) ? undefined : forked(place);
}

/** True also if the tree of that size could not be had: nothing is claimed then, and what was missing is reported by itself. */
function leadsToSaved(rootThen: Uint8Array | undefined, savedRoot: Uint8Array): boolean {
  return rootThen === undefined || equalBytes(rootThen, savedRoot);
}

function forked(place: Stretch | undefined): LogProblem {
  const where = place ? `: they part at ${positionsText(place.first, place.last)}` : '';
  return { kind: 'fork', ...located(place), message: `the log is not a continuation of the one seen at the last visit${where}` };
}

function changed(place: Stretch): LogProblem {
  return { kind: 'edit', ...located(place), message: `${positionsText(place.first, place.last)} changed since the last visit` };
}

function located(place: Stretch | undefined): { position?: number; lastPosition?: number } {
  if (!place) return {};
  return place.first === place.last ? { position: place.first } : { position: place.first, lastPosition: place.last };
}

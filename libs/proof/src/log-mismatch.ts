import { toBase64 } from './base64.js';
import { positionsText, type LogProblem } from './log-report.js';

/** A position whose entry does not have the leaf hash that the log's tile holds for it. */
export interface Mismatch {
  position: number;
  expected: Uint8Array;
  found: Uint8Array;
}

/** Positions without an entry, with the leaf hashes their tile holds where it could be read. */
export interface Missing {
  first: number;
  last: number;
  expected: Uint8Array[];
}

/**
 * Turns single observations into what happened: entries that carry each other's hashes were reordered, a run that moved up by one
 * closes on an entry that was taken out, whatever remains was edited or is missing.
 */
export function explainMismatches(mismatches: readonly Mismatch[], missing: readonly Missing[], size: number): LogProblem[] {
  const homeOf = new Map<string, number>();
  const placeOf = new Map<string, number>();
  for (const { position, expected, found } of mismatches) {
    homeOf.set(toBase64(expected), position);
    placeOf.set(toBase64(found), position);
  }
  for (const { first, expected } of missing) expected.forEach((hash, i) => homeOf.set(toBase64(hash), first + i));
  const home = (at: Mismatch) => homeOf.get(toBase64(at.found));
  const place = (hash: Uint8Array) => placeOf.get(toBase64(hash));

  const problems: LogProblem[] = [];
  const explained = new Set<number>();
  for (let i = 0; i < mismatches.length; i++) {
    const one = mismatches[i]!;
    if (explained.has(one.position)) continue;
    const shift = runOfShifts(mismatches, i, home);
    const removed = home(one) === one.position + 1;
    // Where the first entry turns up again, they went round in a circle.
    if (shift > 0 && !(removed && place(one.expected) !== undefined)) {
      const run = mismatches.slice(i, i + shift);
      for (const { position } of run) explained.add(position);
      // An inserted entry was met one position earlier, as an edit, before it was clear what it is.
      if (!removed && problems.at(-1)?.position === one.position - 1) problems.pop();
      problems.push(removed ? takenOut(one.position, shift) : insertedAt(one.position - 1));
      continue;
    }
    const circle = circleFrom(one.position, mismatches, home);
    if (circle.length > 1) {
      for (const position of circle) explained.add(position);
      problems.push(reordered(circle));
    } else {
      problems.push(edited(one, home(one), place(one.expected)));
    }
  }
  return [...problems, ...missing.flatMap((range) => missingProblem(range, size, (hash) => place(hash) !== undefined))];
}

function takenOut(position: number, moved: number): LogProblem {
  return { kind: 'gap', position, message: `the entry of position ${position} was taken out; ${moved} or more behind it moved up` };
}

function insertedAt(position: number): LogProblem {
  return { kind: 'edit', position, message: `an entry that was not sealed stands at position ${position}; those behind it moved down` };
}

/** How many mismatches from `i` on, in a row, hold the entry of their neighbour on one and the same side; 0 for fewer than two. */
function runOfShifts(mismatches: readonly Mismatch[], i: number, home: (at: Mismatch) => number | undefined): number {
  const first = mismatches[i]!;
  const by = (home(first) ?? first.position) - first.position;
  if (Math.abs(by) !== 1) return 0;
  let length = 0;
  for (; i + length < mismatches.length; length++) {
    const next = mismatches[i + length]!;
    if (next.position !== first.position + length || home(next) !== next.position + by) break;
  }
  return length > 1 ? length : 0;
}

/** The positions whose entries changed places among themselves, beginning with this one; alone if they do not close. */
function circleFrom(start: number, mismatches: readonly Mismatch[], home: (at: Mismatch) => number | undefined): number[] {
  const circle = [start];
  for (let at = start; circle.length <= mismatches.length;) {
    const mismatch = atPosition(mismatches, at);
    const next = mismatch && home(mismatch);
    if (next === start) return circle;
    if (next === undefined || circle.includes(next) || circle.length >= 64) return [start];
    circle.push(next);
    at = next;
  }
  return [start];
}

/** Binary search: mismatches rise by position. */
function atPosition(mismatches: readonly Mismatch[], position: number): Mismatch | undefined {
  let low = 0;
  let high = mismatches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (mismatches[middle]!.position < position) low = middle + 1;
    else high = middle;
  }
  return mismatches[low]?.position === position ? mismatches[low] : undefined;
}

function reordered(circle: readonly number[]): LogProblem {
  const positions = circle.toSorted((a, b) => a - b);
  const [p, q] = positions;
  const message =
    positions.length === 2
      ? `the entries of positions ${p} and ${q} stand at each other's place`
      : `the entries of positions ${positions.join(', ')} changed places among themselves`;
  return { kind: 'reorder', position: p!, positions, message };
}

function edited({ position }: Mismatch, home: number | undefined, place: number | undefined): LogProblem {
  if (home !== undefined) return { kind: 'edit', position, message: `position ${position} holds the entry of position ${home}` };
  if (place !== undefined)
    return { kind: 'edit', position, message: `the entry of position ${position} stands at position ${place}, another one here` };
  return {
    kind: 'edit',
    position,
    message: `the entry at position ${position} is not the one that was sealed: its leaf hash differs from the log's tile`,
  };
}

function missingProblem({ first, last, expected }: Missing, size: number, standsElsewhere: (hash: Uint8Array) => boolean): LogProblem[] {
  if (expected.length === last - first + 1 && expected.every(standsElsewhere)) return [];
  const kind = last === size - 1 ? 'truncation' : 'gap';
  const message =
    kind === 'truncation' ? `the log ends at ${first} entries; its checkpoint says ${size}` : `no entry at ${positionsText(first, last)}`;
  return [{ kind, position: first, ...(last > first ? { lastPosition: last } : {}), message }];
}

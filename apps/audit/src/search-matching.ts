import { rfc3339Millis, type Entry } from '@attesta/events';
import type { Clause, Range, SearchQuery } from './search-language.js';
import { peopleIn } from './remains.js';
import { isType, speaksOf, termsOf } from './search-terms.js';

/** From the first to the last, both included. */
export interface Interval {
  from: number;
  to: number;
}

/** Whole positions of a range, or milliseconds. A day is all of it. */
export function intervalOf(range: Range, timed: boolean): Interval {
  return { from: edge(range.from, timed, 'from'), to: edge(range.to, timed, 'to') };
}

function edge(bound: Range['from'], timed: boolean, side: 'from' | 'to'): number {
  const step = side === 'from' ? 1 : -1;
  if (!bound) return -step * Infinity;
  if (!timed) return Number(bound.text) + (bound.inclusive ? 0 : step);
  const first = Math.floor(Date.parse(bound.text));
  const last = bound.text.length === 10 ? first + 86_400_000 - 1 : first;
  if (side === 'from') return bound.inclusive ? first : last + 1;
  return bound.inclusive ? last : first - 1;
}

/** Who is named in a query, be it to leave them out. */
export const peopleNamed = ({ clauses }: SearchQuery): string[] => [
  ...new Set(
    clauses.flatMap((clause) => (clause.kind === 'values' && clause.qualifier === 'subject' ? clause.values.map(({ text }) => text) : [])),
  ),
];

type Test = (entry: Entry, terms: ReadonlySet<string>, position: number) => boolean;

/** Whether an entry, or what is left of it, is one the query asks for. */
export function matcherOf({ clauses }: SearchQuery): (position: number, entry: Entry) => boolean {
  const tests = clauses.map((clause) => ({ test: testOf(clause), wanted: !clause.negated }));
  return (position, entry) => {
    const terms = termsOf(entry);
    return tests.every(({ test, wanted }) => test(entry, terms, position) === wanted);
  };
}

function testOf(clause: Clause): Test {
  if (clause.kind === 'ranges') {
    const timed = clause.qualifier !== 'position';
    const intervals = clause.ranges.map((range) => intervalOf(range, timed));
    const within = (value: number) => intervals.some(({ from, to }) => value >= from && value <= to);
    if (!timed) return (_entry, _terms, position) => within(position);
    const field = clause.qualifier === 'created' ? 'recordedAt' : 'time';
    return (entry) => within(rfc3339Millis(entry[field])!);
  }
  const { qualifier, values } = clause;
  if (qualifier === 'word') return ({ type }) => speaksOf(type, values[0]!.text);
  if (qualifier === 'type') return ({ type }) => values.some((value) => isType(type, value));
  if (qualifier === 'subject') return (entry) => peopleIn(entry).some((one) => values.some(({ text }) => text === one));
  if (qualifier === 'source')
    return ({ source }) => values.some(({ text, prefix }) => (prefix ? source.startsWith(text) : source === text));
  return (_entry, terms) => values.some(({ text }) => terms.has(`${qualifier}:${text}`));
}

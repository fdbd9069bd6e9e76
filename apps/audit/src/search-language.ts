import { isQualifier, qualifierOf, QUALIFIERS, type QualifierName } from './search-qualifiers.js';

/** A bound as it was written: a whole number, a day (UTC) or a time of RFC 3339. */
export interface Bound {
  text: string;
  /** `>=` and `<=`; both ends of `A..B`. */
  inclusive: boolean;
}

export interface Range {
  from?: Bound | undefined;
  to?: Bound | undefined;
}

export interface Value {
  text: string;
  /** Ended with `*`: whatever begins so. */
  prefix: boolean;
}

/** All clauses of a query hold; of a clause, any value. `column` counts from 1, where it was written first. */
export type Clause = { negated: boolean; column: number } & (
  { kind: 'values'; qualifier: QualifierName | 'word'; values: Value[] } | { kind: 'ranges'; qualifier: QualifierName; ranges: Range[] }
);

export interface SearchQuery {
  clauses: Clause[];
}

/** What is wrong, where (columns count from 1), and what would be right there. Repeats nothing of what was written. */
export interface SearchProblem {
  column: number;
  length: number;
  message: string;
  allowed: string;
}

export type Parsed = { ok: true; query: SearchQuery } | { ok: false; problems: SearchProblem[] };

export const LONGEST_QUERY = 1_000;
export const MOST_VALUES = 50;
const NAMES = QUALIFIERS.map(({ name }) => `${name}:`).join(' ');

interface Token {
  text: string;
  quoted: boolean;
  column: number;
  length: number;
}

/** Reads a query. The same qualifier twice is one clause with the values of both; words and ranges each stand for themselves. */
export function parseSearch(text: string): Parsed {
  if (text.length > LONGEST_QUERY)
    return refuse(LONGEST_QUERY + 1, text.length - LONGEST_QUERY, 'The query is too long.', `at most ${LONGEST_QUERY} characters`);
  const problems: SearchProblem[] = [];
  const clauses: Clause[] = [];
  const scanner = new Scanner(text, problems);
  for (let clause = scanner.clause(); clause; clause = scanner.clause()) join(clauses, clause);
  const count = clauses.reduce((sum, clause) => sum + (clause.kind === 'values' ? clause.values.length : clause.ranges.length), 0);
  if (count > MOST_VALUES)
    problems.push({
      column: 1,
      length: text.length,
      message: 'The query names too many values.',
      allowed: `at most ${MOST_VALUES} values`,
    });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, query: { clauses } };
}

const refuse = (column: number, length: number, message: string, allowed: string): Parsed => ({
  ok: false,
  problems: [{ column, length, message, allowed }],
});

function join(clauses: Clause[], clause: Clause): void {
  const same =
    clause.kind === 'values' && clause.qualifier !== 'word'
      ? clauses.find((one) => one.qualifier === clause.qualifier && one.negated === clause.negated)
      : undefined;
  if (same?.kind !== 'values' || clause.kind !== 'values') clauses.push(clause);
  else same.values.push(...clause.values.filter((value) => !same.values.some((one) => sameValue(one, value))));
}

const sameValue = (a: Value, b: Value) => a.text === b.text && a.prefix === b.prefix;

class Scanner {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly problems: SearchProblem[],
  ) {}

  /** The next clause that can be read; what is wrong on the way is noted. */
  clause(): Clause | undefined {
    for (;;) {
      while (this.at < this.text.length && isBlank(this.text[this.at]!)) this.at++;
      if (this.at >= this.text.length) return undefined;
      const column = this.at + 1;
      const negated = this.text[this.at] === '-';
      if (negated) this.at++;
      const clause = this.rest(column, negated);
      if (clause) return clause;
    }
  }

  private rest(column: number, negated: boolean): Clause | undefined {
    const name = /^([A-Za-z][A-Za-z-]*):/.exec(this.text.slice(this.at, this.at + 40))?.[1];
    if (name === undefined) return this.word(column, negated);
    const written = this.at + 1;
    this.at += name.length + 1;
    const values = this.values();
    const qualifier = name.toLowerCase();
    if (!isQualifier(qualifier)) return this.wrong(written, name.length, 'There is no such qualifier.', NAMES);
    if (values.length === 0) return this.wrong(written, name.length + 1, 'The qualifier has no value.', qualifierOf(qualifier).about);
    const { kind } = qualifierOf(qualifier);
    if (kind === 'position' || kind === 'time') {
      const ranges = values.map((token) => this.range(token, qualifier)).filter((range) => range !== undefined);
      return ranges.length === 0 ? undefined : { kind: 'ranges', qualifier, negated, column, ranges };
    }
    const read = values.map((token) => this.value(token, qualifier)).filter((value) => value !== undefined);
    return read.length === 0 ? undefined : { kind: 'values', qualifier, negated, column, values: unique(read) };
  }

  private word(column: number, negated: boolean): Clause | undefined {
    const before = this.problems.length;
    const [token, ...more] = this.values();
    if (this.problems.length > before) return undefined;
    if (!token || !WORD.test(token.text))
      return this.wrong(column, this.at - column + 1, 'This is neither a word nor a qualifier.', `a word, or one of ${NAMES}`);
    if (more.length > 0) return this.wrong(column, this.at - column + 1, 'A list needs a qualifier before it.', `one of ${NAMES}`);
    return { kind: 'values', qualifier: 'word', negated, column, values: [{ text: token.text.toLowerCase(), prefix: false }] };
  }

  /** A list as far as it goes: values with commas between them. */
  private values(): Token[] {
    const found: Token[] = [];
    for (;;) {
      const token = this.token();
      if (token) found.push(token);
      if (this.text[this.at] !== ',') break;
      this.at++;
      if (!token) this.wrong(this.at, 1, 'A value is missing before the comma.', 'a value, or no comma');
      else if (this.at >= this.text.length || isBlank(this.text[this.at]!))
        this.wrong(this.at, 1, 'A value is missing after the comma.', 'a value, or no comma');
    }
    const end = this.at;
    while (this.at < this.text.length && !isBlank(this.text[this.at]!)) this.at++;
    if (this.at > end) this.wrong(end + 1, this.at - end, 'A blank belongs before this.', 'a blank, or a comma between values');
    return found;
  }

  private token(): Token | undefined {
    if (this.text[this.at] === '"') return this.quoted();
    const start = this.at;
    while (this.at < this.text.length && !isBlank(this.text[this.at]!) && !'",'.includes(this.text[this.at]!)) this.at++;
    if (start === this.at) return undefined;
    return { text: this.text.slice(start, this.at), quoted: false, column: start + 1, length: this.at - start };
  }

  /** In quotes, `\"` and `\\` stand for themselves. */
  private quoted(): Token | undefined {
    const start = this.at++;
    let text = '';
    for (; this.at < this.text.length && this.text[this.at] !== '"'; this.at++) {
      if (this.text[this.at] === '\\' && '"\\'.includes(this.text[this.at + 1] ?? ' ')) this.at++;
      text += this.text[this.at];
    }
    if (this.at >= this.text.length) return this.wrong(start + 1, this.text.length - start, 'The quotes are not closed.', 'a closing "');
    this.at++;
    return { text, quoted: true, column: start + 1, length: this.at - start };
  }

  private value({ text, quoted, column, length }: Token, qualifier: QualifierName): Value | undefined {
    const definition = qualifierOf(qualifier);
    const starred = !quoted && text.endsWith('*');
    const bare = definition.folded ? text.toLowerCase() : text;
    const value: Value = { text: starred ? bare.slice(0, -1) : bare, prefix: starred };
    if (starred && !definition.prefix) return this.wrong(column, length, 'This qualifier takes no *.', definition.about);
    if (value.text === '' || !definition.pattern.test(value.text))
      return this.wrong(column, length, `This is no value of ${qualifier}:.`, definition.about);
    return value;
  }

  private range({ text, column, length }: Token, qualifier: QualifierName): Range | undefined {
    const { pattern, about, kind } = qualifierOf(qualifier);
    const [, operator, low, , high] = /^(>=|<=|>|<)?(.*?)(\.\.(.*))?$/su.exec(text)!;
    const bound = (written: string, inclusive: boolean): Bound => ({ text: written.toUpperCase(), inclusive });
    const range: Range =
      high !== undefined
        ? { from: bound(low!, true), to: bound(high, true) }
        : operator === undefined
          ? { from: bound(low!, true), to: bound(low!, true) }
          : operator.startsWith('>')
            ? { from: bound(low!, operator === '>=') }
            : { to: bound(low!, operator === '<=') };
    const bounds = [range.from, range.to].filter((one) => one !== undefined);
    const usable = bounds.every((one) => pattern.test(one.text) && (kind !== 'time' || isOnCalendar(one.text)));
    if (!usable || (operator !== undefined && high !== undefined))
      return this.wrong(column, length, `This is no range of ${qualifier}:.`, about);
    const [from, to] = bounds.map((one) => (kind === 'time' ? Date.parse(one.text) : Number(one.text)));
    if (to !== undefined && to < from!) return this.wrong(column, length, 'The range ends before it begins.', about);
    return range;
  }

  private wrong(column: number, length: number, message: string, allowed: string): undefined {
    this.problems.push({ column, length, message, allowed });
    return undefined;
  }
}

/** Words hold no control characters and no halves of characters. */
const WORD = /^[^\p{Cc}\p{Cs}]+$/u;
/** Some parsers take 30 February for a day in March. */
const isOnCalendar = (text: string): boolean => {
  const day = new Date(text.slice(0, 10));
  return !Number.isNaN(Date.parse(text)) && day.toISOString().startsWith(text.slice(0, 10));
};
const isBlank = (character: string): boolean => /\s/u.test(character);

const unique = (values: Value[]): Value[] => values.filter((value, i) => values.findIndex((one) => sameValue(one, value)) === i);

/** The query as text; read again it is the same query. */
export const printSearch = ({ clauses }: SearchQuery): string => clauses.map(printClause).join(' ');

function printClause(clause: Clause): string {
  const minus = clause.negated ? '-' : '';
  if (clause.kind === 'ranges') return `${minus}${clause.qualifier}:${clause.ranges.map(printRange).join(',')}`;
  const values = clause.values.map(({ text, prefix }) => (prefix ? `${text}*` : quotedIfNeeded(text, clause.qualifier === 'word')));
  return minus + (clause.qualifier === 'word' ? '' : `${clause.qualifier}:`) + values.join(',');
}

function printRange({ from, to }: Range): string {
  if (from && to) return from.text === to.text ? from.text : `${from.text}..${to.text}`;
  return from ? `${from.inclusive ? '>=' : '>'}${from.text}` : `${to!.inclusive ? '<=' : '<'}${to!.text}`;
}

const quotedIfNeeded = (text: string, word: boolean): string =>
  /[\s",\\]|\*$/u.test(text) || (word && /^-|^[A-Za-z][A-Za-z-]*:/.test(text)) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : text;

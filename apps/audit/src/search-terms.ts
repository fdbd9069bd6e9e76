import { events, type Entry } from '@attesta/events';
import type { QualifierName } from './search-qualifiers.js';

/** Qualifiers that are looked up by their values. `subject:` has a register of its own; positions and times are numbers. */
export type TermName = Exclude<QualifierName, 'subject' | 'position' | 'created' | 'occurred'>;

const SINGLE = ['recipient', 'basis', 'method', 'channel', 'clause', 'rule', 'request', 'breach', 'finding'] as const satisfies TermName[];

/** What an entry, or what is left of it, can be found by: `qualifier:value`, each once. */
export function termsOf({ type, source, actor, data }: Entry): Set<string> {
  const terms = new Set([`type:${type}`, `source:${source}`]);
  if (actor !== undefined) terms.add(`actor:${actor}`);
  for (const name of SINGLE) addTo(terms, name, data[name]);
  for (const [name, plural] of [
    ['purpose', 'purposes'],
    ['category', 'categories'],
    ['channel', 'channels'],
  ] as const) {
    addTo(terms, name, data[name]);
    if (Array.isArray(data[plural])) for (const one of data[plural]) addTo(terms, name, one);
  }
  return terms;
}

function addTo(terms: Set<string>, name: TermName, value: unknown): void {
  if (typeof value === 'string') terms.add(`${name}:${value}`);
}

const VERSION = /\.v\d+$/;
const OURS = /^attesta\./;

/** Whether a type is meant by a value; `attesta.` and the version may be left out. */
export function isType(type: string, { text, prefix }: { text: string; prefix: boolean }): boolean {
  if (prefix) return type.startsWith(text) || type.replace(OURS, '').startsWith(text);
  const named = VERSION.test(text) ? type : type.replace(VERSION, '');
  return named === text || named.replace(OURS, '') === text;
}

export const titleOf = (type: string): string => events.get(type)?.title ?? type;

/** Whether a word stands in a type or in what the type is called. @param word in lower case */
export const speaksOf = (type: string, word: string): boolean => type.includes(word) || titleOf(type).toLowerCase().includes(word);

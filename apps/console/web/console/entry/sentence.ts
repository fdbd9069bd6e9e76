import type { Entry } from '@attesta/events';
import type { NameOf, Named } from '../policy.js';
import { SENTENCES, type SentenceKey } from './sentences-en.js';

/** How parts of a sentence are written in the reader's language. */
export interface Speech {
  name: NameOf;
  /** A word of the events' own vocabulary, such as `withdrawn`. */
  code: (code: string) => string;
  time: (time: string) => string;
  list: (parts: string[]) => string;
}

export interface Sentence {
  key: SentenceKey;
  values: Record<string, string>;
}

const NAMES: Readonly<Record<string, Named>> = {
  purposes: 'purpose',
  purpose: 'purpose',
  categories: 'category',
  recipient: 'party',
  originParty: 'party',
  authority: 'party',
  system: 'party',
  occasion: 'occasion',
  right: 'right',
  service: 'service',
  trigger: 'trigger',
};
const TIMES = new Set(['due', 'until', 'expires']);
/** Said as it was written, for it is a text of somebody's or a name. */
const TEXTS = new Set(['explanation', 'matter', 'version', 'consumer', 'template', 'action']);

/** Members whose value chooses among the sentences of a type. */
const CHOOSING = ['origin', 'status', 'outcome', 'state', 'scope', 'about'] as const;

/** What happened, in plain words. @returns undefined for a type that has no sentence */
export function sentenceOf({ type, data }: Pick<Entry, 'type' | 'data'>, speech: Speech): Sentence | undefined {
  const stem = camel(type.replace(/^attesta\./, '').replace(/\.v\d+$/, ''));
  const chosen = CHOOSING.map((member) => data[member]).filter((value) => typeof value === 'string');
  const key = [...chosen.map((value) => stem + capital(camel(value))), stem].find(isKey);
  return key && { key, values: valuesOf(data, speech) };
}

function valuesOf(data: Entry['data'], { name, code, time, list }: Speech): Record<string, string> {
  const say = (member: string, value: unknown): string => {
    if (typeof value === 'number') return String(value);
    if (typeof value !== 'string') return '';
    const kind = NAMES[member];
    if (kind) return name(kind, value);
    if (TIMES.has(member)) return time(value);
    if (TEXTS.has(member)) return value;
    // Methods of identification and refusal grounds share their members with words of the events' own.
    const named = member === 'method' ? name('method', value) : member === 'ground' ? name('refusal', value) : value;
    return named === value ? code(value) : named;
  };
  return Object.fromEntries(
    Object.entries(data).map(([member, value]) => [
      member,
      Array.isArray(value) ? list(value.map((one) => say(member, one))) : say(member, value),
    ]),
  );
}

const isKey = (key: string): key is SentenceKey => Object.hasOwn(SENTENCES, key);
const camel = (text: string): string => text.replaceAll(/[.-]([a-z])/g, (_, letter: string) => letter.toUpperCase());
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

import { dayIn, momentIn } from './template-dates.js';
import type { Field, Fields, FieldType, Language } from './template-definitions.js';

export type Value = string | number | boolean | readonly Values[];
export type Values = { readonly [field: string]: Value | undefined };

/** Who a message is from. */
export interface Sender {
  name: string;
  /** Office or person to ask. */
  contact: string;
  email?: string;
  phone?: string;
  address?: string;
  url?: string;
  /** Where marketing is stopped; of marketing alone. */
  unsubscribe?: string;
}

/** A message cannot be written. Says which field, and never what was in it. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** Values as the reader sees them: clean text (lines end in \n), written-out days. `false`: not there. */
export type Clean = string | false | readonly CleanValues[];
export type CleanValues = Readonly<Record<string, Clean>>;

export interface Reader {
  language: Language;
  /** IANA name. */
  timeZone: string;
}

const MOST_ITEMS = 200;
const MOST_LINK = 2_000;

/** @throws TemplateError naming the first field that is wrong */
export function cleanValues(values: Values, fields: Fields, reader: Reader, within = ''): CleanValues {
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(fields, name));
  // What it was called may be a value that took the wrong place.
  if (unknown !== undefined) throw new TemplateError(`${within}a field is not one of: ${Object.keys(fields).join(', ')}`);
  const clean = Object.create(null) as Record<string, Clean>;
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    clean[name] = value === undefined ? false : cleanValue(value, field.type, reader, `${within}${name}`);
    if (field.required && isNothing(clean[name])) throw new TemplateError(`${within}${name} is missing`);
    if (isNothing(clean[name])) clean[name] = false;
  }
  return clean;
}

const isNothing = (value: Clean | undefined): boolean => value === undefined || value === false || value.length === 0;

function cleanValue(value: Value, type: FieldType, reader: Reader, name: string): Clean {
  switch (type.of) {
    case 'line':
      return oneLine(stringOf(value, type.most, name));
    case 'text':
      return cleanText(stringOf(value, type.most, name));
    case 'day':
    case 'moment': {
      const write = type.of === 'day' ? dayIn : momentIn;
      const written = write(stringOf(value, 35, name), reader.language, reader.timeZone);
      if (written === undefined) throw new TemplateError(`${name} is no RFC 3339 date: write it like 2026-03-15T09:30:00Z`);
      return written;
    }
    case 'link':
      return cleanLink(stringOf(value, MOST_LINK, name), name);
    case 'count':
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new TemplateError(`${name} is no whole number`);
      return String(value);
    case 'word': {
      const word = stringOf(value, 64, name);
      const words = Object.hasOwn(type.words, word) ? type.words[word] : undefined;
      if (!words) throw new TemplateError(`${name} is not one of: ${Object.keys(type.words).join(', ')}`);
      return words[reader.language];
    }
    case 'list':
      if (!Array.isArray(value)) throw new TemplateError(`${name} is no list`);
      if (value.length > MOST_ITEMS) throw new TemplateError(`${name} has more than ${MOST_ITEMS} items`);
      return value.map((item: unknown, i) => {
        if (typeof item !== 'object' || item === null) throw new TemplateError(`${name}[${i}] is no object`);
        return cleanValues(item as Values, type.items, reader, `${name}[${i}].`);
      });
  }
}

function stringOf(value: Value, most: number, name: string): string {
  if (typeof value !== 'string') throw new TemplateError(`${name} is no text`);
  if (value.length > most) throw new TemplateError(`${name} is longer than ${most} characters`);
  return value;
}

const BREAKS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
// Controls, and what is not seen: marks and overrides of direction, soft hyphens, tags. Joiners stay: emoji and some scripts need them.
const UNSEEN = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}]/gu;

/** Text that shows all it says: no control or invisible character, no half of a surrogate pair, paragraphs parted by one empty line. */
const cleanText = (text: string): string =>
  text
    .toWellFormed()
    .replace(BREAKS, '\n')
    .replace(UNSEEN, '')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
    .normalize('NFC');

const oneLine = (text: string): string => cleanText(text).replace(/\s+/g, ' ');

/** As the browser will read it, so that nothing in it means anything where it is put. */
function cleanLink(text: string, name: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (!url || (url.protocol !== 'https:' && !isLocal)) throw new TemplateError(`${name} is no https link`);
  if (url.username !== '' || url.password !== '') throw new TemplateError(`${name} is a link with a name or password in it`);
  return url.href;
}

const line = (required: boolean, most: number): Field => ({ required, about: '', type: { of: 'line', most } });
const link: Field = { required: false, about: '', type: { of: 'link' } };
const SENDER_FIELDS: Fields = {
  name: line(true, 100),
  contact: line(true, 200),
  email: line(false, 254),
  phone: line(false, 40),
  address: line(false, 300),
  url: link,
  unsubscribe: link,
};

/** @throws TemplateError naming the first field that is wrong */
export function cleanSender(sender: Sender, reader: Reader): CleanValues {
  const clean = cleanValues(sender as unknown as Values, SENDER_FIELDS, reader, 'sender.');
  return { ...clean, reach: clean['phone'] || clean['email'] || clean['url'] || clean['contact'] || false };
}

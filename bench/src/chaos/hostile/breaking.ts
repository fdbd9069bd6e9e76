import type { Dice } from './dice.js';
import { PLANTED } from './planted.js';

/** JSON that may go out: objects may hold `__proto__` as a key of their own. */
export type Json = unknown;

export interface Broken {
  value: Json;
  /** What was done to it. */
  how: string;
  /** No event may hold this, whatever its type. */
  surely: boolean;
}

type Container = Record<string, Json> | Json[];

/** Texts that code behind an interface has tripped over somewhere. `true`: no event may hold it. */
const HOSTILE_TEXTS: readonly [how: string, text: string, surely: boolean][] = [
  ['NUL', 'a\u0000b', true],
  ['half a surrogate pair', 'a\ud800b', true],
  ['the other half', '\udfff', true],
  ['a control character', 'a\u001b[2Jb', false],
  ['text from right to left', '\u202egnp.exe', false],
  ['emoji', '👩‍👩‍👧‍👦'.repeat(9), false],
  ['combining marks', `e${'\u0301'.repeat(300)}`, false],
  ['SQL', "'; drop table entry; --", false],
  ['a path', '../../../../etc/passwd', false],
  ['a template', '${7*7}{{7*7}}<%= 7*7 %>', false],
  ['mark-up', '<script>alert(1)</script>', false],
  ['a format string', '%s%n%x%p', false],
  ['nothing', '', false],
  ['blanks', ' \t\n ', false],
  ['a name', PLANTED.name, false],
  ['a name in Thai', PLANTED.thaiName, false],
  ['an e-mail address', PLANTED.email, false],
  ['a phone number', PLANTED.phone, false],
  ['a card number', '4111111111111111', false],
  ['a time out of range', '2026-13-45T99:99:99Z', false],
  ['a year beyond', '+275760-09-13T00:00:00Z', false],
  ['an old year', '0000-01-01T00:00:00Z', false],
  ['a number as text', '1e999', false],
  ['toString', 'toString', false],
  ['__proto__ as a value', '__proto__', false],
];

const OTHER_TYPES: readonly Json[] = [null, true, 0, -1, 1.5, -0, 1e308, 2 ** 53, 2 ** 63, '', 'text', [], {}, [[]], [null], [{}]];
const LENGTHS = [257, 4_097, 70_000];
const KEYS: readonly [how: string, key: string, surely: boolean][] = [
  ['__proto__', '__proto__', true],
  ['constructor', 'constructor', false],
  ['prototype', 'prototype', false],
  ['toString', 'toString', false],
  ['a NUL', 'a\u0000b', true],
  ['half a surrogate pair', '\ud801', true],
  ['nothing', '', false],
  ['an e-mail address', PLANTED.email, false],
  ['a long name', 'k'.repeat(5_000), false],
  ['a pointer', 'a/b~c~0~1', false],
  ['an unknown field', 'unexpected', false],
];

/** One thing is broken at a place drawn at random; what was given stays as it is. */
export function breakOne(value: Json, dice: Dice): Broken {
  const copy = { root: structuredClone(value) };
  const places = placesIn(copy);
  const [container, key] = dice.pick(places);
  const put = (how: string, broken: Json, surely = false): Broken => {
    define(container, key, broken);
    return { value: copy.root, how, surely };
  };
  switch (dice.between(0, 8)) {
    case 0:
      if (container === copy) return put('another type', dice.pick(OTHER_TYPES));
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else delete container[key];
      return { value: copy.root, how: 'left out', surely: false };
    case 1:
    case 2:
      return put('another type', dice.pick(OTHER_TYPES));
    case 3: {
      const length = dice.pick(LENGTHS);
      return put(`${length} characters`, dice.pick(['x', 'ก', '😀']).repeat(length));
    }
    case 4: {
      const depth = dice.pick([20, 40, 2_000]);
      return put(`${depth} levels deep`, nested(depth, dice.chance(0.5)), depth >= 40);
    }
    case 5: {
      const objects = places.map(([of, at]) => (of as Record<string, Json>)[at]).filter(isObject);
      if (objects.length === 0) return put('another type', dice.pick(OTHER_TYPES));
      const [how, name, surely] = dice.pick(KEYS);
      define(dice.pick(objects), name, dice.pick(OTHER_TYPES));
      return { value: copy.root, how: `a key that is ${how}`, surely };
    }
    case 6:
      return put(
        'many times',
        Array.from({ length: dice.pick([2, 33, 3_000]) }, () => (container as Record<string, Json>)[key] ?? 1),
      );
    default: {
      const [how, text, surely] = dice.pick(HOSTILE_TEXTS);
      return put(how, text, surely);
    }
  }
}

/** A hostile text, for where nothing but text can be sent. */
export const hostileText = (dice: Dice): string => dice.pick(HOSTILE_TEXTS)[1];

/** JSON text that is broken as text: whoever parses it must not. */
export function breakText(text: string, dice: Dice): { bytes: Buffer; how: string } {
  const at = dice.between(0, text.length + 1);
  const [how, bytes] = dice.pick<[string, () => Buffer]>([
    ['cut short', () => Buffer.from(text.slice(0, Math.max(0, at - 1)))],
    [
      'invalid UTF-8',
      () =>
        Buffer.concat([
          Buffer.from(text.slice(0, at)),
          Buffer.from(dice.pick([[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80]])),
          Buffer.from(text.slice(at)),
        ]),
    ],
    ['UTF-16', () => Buffer.from(text, 'utf16le')],
    ['a byte order mark', () => Buffer.from(`\ufeff${text}`)],
    ['more behind it', () => Buffer.from(`${text}${dice.pick(['}', ']', ',', text, '\u0000'])}`)],
    ['single quotes', () => Buffer.from(text.replaceAll('"', "'"))],
    ['NaN', () => Buffer.from(`{"a":NaN}`)],
    ['numbers beyond all', () => Buffer.from(text.replace(/:"[^"]*"/, `:${dice.pick(['1e999', '-1e999', '1'.repeat(5_000), '0x1F'])}`))],
    ['brackets alone', () => Buffer.from(dice.pick(['[', '{"a":']).repeat(100_000))],
    ['a key twice', () => Buffer.from(text.replace('{', '{"id":"first","id":[],'))],
    ['nothing', () => Buffer.alloc(0)],
    ['noise', () => Buffer.from(Array.from({ length: 300 }, () => dice.between(0, 256)))],
  ]);
  return { bytes: bytes(), how };
}

const isObject = (value: Json): value is Record<string, Json> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every member and item, at any depth, the whole itself among them. */
function placesIn(root: Record<string, Json>): [Container, string][] {
  const places: [Container, string][] = [];
  const open: Container[] = [root];
  for (let container = open.pop(); container; container = open.pop()) {
    for (const key of Object.keys(container)) {
      places.push([container, key]);
      const inner = (container as Record<string, Json>)[key];
      if (typeof inner === 'object' && inner !== null) open.push(inner as Container);
    }
  }
  return places;
}

/** Never an assignment: `__proto__` is to be a key like any other. */
function define(container: Container, key: string, value: Json): void {
  Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
}

function nested(depth: number, asArrays: boolean): Json {
  let value: Json = 'deep';
  for (let i = 0; i < depth; i++) value = asArrays ? [value] : { a: value };
  return value;
}

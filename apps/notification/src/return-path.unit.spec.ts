import { randomBytes, randomUUID } from 'node:crypto';
import { messageOf, returnPathOf } from './return-path.js';

const PATHS = { domain: 'bounces.shop.example', key: randomBytes(32) };
const MESSAGE = '0191f3a2-5b7c-7d41-9c55-2f6f1a0b3c4d';

test('a return path names its message, and fits an address', () => {
  for (const message of [MESSAGE, ...Array.from({ length: 500 }, () => randomUUID())]) {
    const made = returnPathOf(message, PATHS);
    expect(made).toMatch(/^bounces\+[0-9a-f-]{36}\.[0-9a-z]{16}@bounces\.shop\.example$/);
    expect(made.indexOf('@')).toBeLessThanOrEqual(64);
    expect(messageOf(made, PATHS)).toBe(message);
    expect(messageOf(made.toUpperCase(), PATHS)).toBe(message);
  }
});

test('it is the same every time, of this key alone', () => {
  const key = Buffer.alloc(32, 7);
  expect(returnPathOf(MESSAGE, { domain: 'shop.example', key })).toBe(`bounces+${MESSAGE}.07oas9jkf39u3hd5@shop.example`);
  expect(messageOf(returnPathOf(MESSAGE, { ...PATHS, key }), PATHS)).toBeUndefined();
});

test.each([
  ['another message', (path: string) => path.replace('0191f3a2', '0191f3a3')],
  ['another tag', (path: string) => path.replace(/.@/, (end) => (end === 'a@' ? 'b@' : 'a@'))],
  ['no tag', (path: string) => path.replace(/\.[0-9a-z]{16}@/, '@')],
  ['an empty tag', (path: string) => path.replace(/\.[0-9a-z]{16}@/, '.@')],
  ['half a tag', (path: string) => path.replace(/.{8}@/, '@')],
  ['a longer tag', (path: string) => path.replace('@', '0@')],
  ['another domain', (path: string) => path.replace('@bounces.', '@')],
  ['a longer domain', (path: string) => `${path}.evil.example`],
  ['something before it', (path: string) => `x${path}`],
  ['a line behind it', (path: string) => `${path}\r\nRCPT TO:<x@y.example>`],
  ['a space behind it', (path: string) => `${path} `],
  ['a letter that is lower case of another length', (path: string) => path.replace('bounces+', 'bounces+İ')],
  ['nothing', () => ''],
  ['the reply address', () => 'dpo@shop.example'],
])('one with %s names nothing', (_what, change) => {
  expect(messageOf(change(returnPathOf(MESSAGE, PATHS)), PATHS)).toBeUndefined();
});

test('none is made for what is no UUID, and none with a short key', () => {
  for (const message of ['', 'x', `${MESSAGE}\r\n`, `${MESSAGE}>`, MESSAGE.toUpperCase(), `a${MESSAGE}`]) {
    expect(() => returnPathOf(message, PATHS)).toThrow('UUID');
  }
  expect(() => returnPathOf(MESSAGE, { ...PATHS, key: randomBytes(31) })).toThrow('32 bytes');
});

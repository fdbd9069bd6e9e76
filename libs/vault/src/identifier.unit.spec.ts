import { normalise, subjectRef } from './identifier.js';

const pepper = Buffer.alloc(32, 1);

test.each([
  ['email', ' Somchai@Example.CO.TH ', 'somchai@example.co.th'],
  ['phone', '+66 81-234-5678', '+66812345678'],
  ['phone', '0066 81 234 5678', '+66812345678'],
  ['th-national-id', '1-1017-00230-70-8', '1101700230708'],
  ['account', ' c-1001 ', 'c-1001'],
])('%s %s is written %s', (scheme, value, written) => {
  expect(normalise(scheme, value)).toEqual({ ok: true, identifier: { scheme, value: written } });
});

test.each([
  ['email', 'nobody'],
  ['phone', '081 234 5678'],
  ['th-national-id', '1101700230709'],
  ['account', '   '],
])('%s "%s" is refused with a fix that does not repeat it', (scheme, value) => {
  const result = normalise(scheme, value);
  if (result.ok) throw new Error('accepted');
  expect(result.problem.fix).not.toBe('');
  if (value.trim()) expect(JSON.stringify(result.problem)).not.toContain(value);
});

test('one spelling more or less is the same ref; another pepper, scheme or value is another', () => {
  const ref = subjectRef(pepper, 'phone', '+66812345678');
  expect(ref).toMatch(/^ref1\.[A-Za-z0-9_-]{43}$/);
  expect(subjectRef(pepper, 'phone', '+66 81 234 5678')).toBe(ref);
  expect(subjectRef(Buffer.alloc(32, 2), 'phone', '+66812345678')).not.toBe(ref);
  expect(subjectRef(pepper, 'account', '+66812345678')).not.toBe(ref);
});

import fc from 'fast-check';
import { findCardNumbers, looksLikeCard } from './card-number.js';

const CARDS: [string, string][] = [
  ['Visa', '4111111111111111'],
  ['Visa of 13 digits', '4222222222222'],
  ['Mastercard', '5555555555554444'],
  ['Mastercard of the 2-series', '2223003122003222'],
  ['American Express', '378282246310005'],
  ['Diners Club', '30569309025904'],
  ['Discover', '6011111111111117'],
  ['JCB', '3530111333300000'],
  ['UnionPay', '6200000000000005'],
  ['Maestro', '6759649826438453'],
];

describe('a payment card number', () => {
  test.each(CARDS)('of %s is seen', (_, card) => {
    expect(looksLikeCard(card)).toBe(true);
    expect(looksLikeCard(`paid with ${card}, thanks`)).toBe(true);
    expect(looksLikeCard(`card:${card};exp=12/27`)).toBe(true);
    expect(findCardNumbers(Number(card))).toEqual(['']);
  });

  test.each(CARDS)('of %s with one digit wrong is none', (_, card) => {
    const last = Number(card.at(-1));
    expect(looksLikeCard(card.slice(0, -1) + String((last + 1) % 10))).toBe(false);
  });

  test.each([
    '4111 1111 1111 1111',
    '4111-1111-1111-1111',
    '4111.1111.1111.1111',
    '4111\u00a01111\u00a01111\u00a01111',
    '3782 822463 10005',
    '3056 930902 5904',
    '4111 1111 1111 1111 12 27',
    'no 12 4111-1111-1111-1111',
  ])('written %s is seen', (text) => {
    expect(looksLikeCard(text)).toBe(true);
  });

  test.each([
    ['a Thai national ID', '1101700230708'],
    ['a phone number', '+66 81 234 5678'],
    ['two phone numbers', '081 234 5678 089 876 5432'],
    ['a UUID', '41111111-1111-4111-8111-111111111111'],
    ['a UUID of digits', '00000000-4111-1111-1111-111111111111'],
    ['a date and time', '2025-01-31T09:30:00.123456789Z'],
    ['milliseconds since the epoch', '1738315800123'],
    ['nanoseconds since the epoch', '1738315800123456789'],
    ['a digest', '6c7129c54fc7ed9ac152b0f0612843eb18e3d0ac8729dede060bc3f2d51d5993'],
    ['a digest that holds one', `ab4111111111111111cd${'e'.repeat(44)}`],
    ['an IBAN', 'DE89 3704 0044 0532 0130 00'],
    ['another IBAN', 'GB29NWBK60161331926819'],
    ['coordinates', '51.5073509 0.1277583'],
    ['an order number with a year', 'ORD-20250131-0000123456'],
    ['a long number', '41111111111111111111111'],
    ['zeros', '0000000000000000'],
    ['nothing', ''],
  ])('is not %s', (_, text) => {
    expect(looksLikeCard(text)).toBe(false);
  });

  it('is not a valid Thai national ID even in an issuer’s range with a valid Luhn digit', () => {
    let both = 0;
    for (let n = 4_000_000_000_000; n < 4_000_000_100_000; n++) {
      const digits = String(n);
      const luhn =
        [...digits].reverse().reduce((sum, d, i) => sum + (i % 2 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][Number(d)]! : Number(d)), 0) % 10 === 0;
      const check = (11 - ([...digits.slice(0, 12)].reduce((sum, d, i) => sum + Number(d) * (13 - i), 0) % 11)) % 10;
      const thai = check === Number(digits[12]);
      if (luhn && thai) both++;
      if (looksLikeCard(digits) !== (luhn && !thai)) throw new Error('wrong for one of the numbers');
    }
    expect(both).toBeGreaterThan(0);
  });

  it('is found wherever it hides, and named by its place', () => {
    const card = '4111111111111111';
    expect(findCardNumbers({ a: { b: ['x', card] }, c: Number(card), [`k${'x'.repeat(14)}`]: 1, d: `x ${card}` }, '/data')).toEqual([
      '/data/a/b/1',
      '/data/c',
      '/data/d',
    ]);
    expect(findCardNumbers({ [card]: 1 })).toEqual(['/?']);
    expect(findCardNumbers(card)).toEqual(['']);
    expect(findCardNumbers(undefined)).toEqual([]);
  });

  it('is looked for in any depth without running out of stack', () => {
    let deep: unknown = '4111111111111111';
    for (let i = 0; i < 20_000; i++) deep = [deep];
    expect(findCardNumbers(deep)).toHaveLength(1);
  });

  it('never makes a random UUID suspicious', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => !looksLikeCard(id)),
      { numRuns: 2_000 },
    );
  });

  it('costs no more than the length of the text', () => {
    const started = performance.now();
    for (const text of ['1 '.repeat(50_000), '123 '.repeat(50_000), '1'.repeat(100_000), '1234-5678.'.repeat(10_000)]) looksLikeCard(text);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

import fc from 'fast-check';
import { isThaiNationalId } from './thai-national-id.js';

test('exactly one check digit fits any twelve digits', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 11, maxLength: 11 }),
      (first, rest) => {
        const twelve = [first, ...rest].join('');
        return Array.from({ length: 10 }, (_, digit) => isThaiNationalId(twelve + digit)).filter(Boolean).length === 1;
      },
    ),
  );
});

// The first two have the right check digit, and a first digit that is not issued.
test.each(['0101700230700', '9101700230703', '110170023070', '11017002307089', '1-1017-00230-70-8', ''])('%j is none', (text) => {
  expect(isThaiNationalId(text)).toBe(false);
});

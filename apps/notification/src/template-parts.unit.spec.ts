import fc from 'fast-check';
import { smsSize } from './template-sms.js';
import { wrapped } from './template-wrap.js';

describe('the size of a text message', () => {
  it.each([
    ['', 'gsm-7', 1],
    ['a'.repeat(160), 'gsm-7', 1],
    ['a'.repeat(161), 'gsm-7', 2],
    ['a'.repeat(306), 'gsm-7', 2],
    ['a'.repeat(307), 'gsm-7', 3],
    ['€'.repeat(80), 'gsm-7', 1],
    // 76 of them fill 152 of 153 places: none is cut in two.
    ['€'.repeat(153), 'gsm-7', 3],
    ['ก'.repeat(70), 'ucs-2', 1],
    ['ก'.repeat(71), 'ucs-2', 2],
    ['ก'.repeat(135), 'ucs-2', 3],
    [`${'a'.repeat(69)}’`, 'ucs-2', 1],
    ['😀'.repeat(67), 'ucs-2', 3],
  ])('is counted as it is sent: %#', (text, alphabet, parts) => {
    expect(smsSize(text)).toEqual({ alphabet, parts });
  });
});

describe('wrapping', () => {
  it('breaks at spaces, Thai between words, and leaves links whole', () => {
    expect(wrapped('one two three', 7)).toBe('one two\nthree');
    expect(wrapped('- one two three', 9)).toBe('- one two\n  three');
    expect(wrapped('คุ้มครองข้อมูลส่วนบุคคล', 12)).toBe('คุ้มครองข้อมูล\nส่วนบุคคล');
    expect(wrapped(`    https://m-med.example/${'a'.repeat(90)} x`)).toBe(`    https://m-med.example/${'a'.repeat(90)} x`);
    expect(wrapped('call +66 2 000 0000 now', 10)).toBe('call\n+66 2 000 0000\nnow');
    expect(wrapped('a\n\nb')).toBe('a\n\nb');
  });

  it('loses and adds nothing but space', () => {
    const spaceless = (text: string) => text.replace(/\s+/g, '');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('ก', 'ั', 'น', 'ๆ', ' ', '\n', '-', 'a', '7', '(', '.'), maxLength: 200 }), (text) => {
        expect(spaceless(wrapped(text, 20))).toBe(spaceless(text));
      }),
    );
  });
});

import fc from 'fast-check';
import { linesOf } from './lines.js';

/** Every letter is a point wide; marks above and below have no width. */
const measure = (text: string) => [...text].filter((letter) => !/\p{Mn}/u.test(letter)).length;

describe('lines', () => {
  it('break English between words, and not within what machines read', () => {
    expect(linesOf('every value had been encrypted', 12, measure)).toEqual(['every value', 'had been', 'encrypted']);
    expect(linesOf('PDPA s.37(3), GDPR', 13, measure)).toEqual(['PDPA s.37(3),', 'GDPR']);
  });

  it('break Thai between words, and never between a letter and its marks', () => {
    expect(linesOf('การทำลายข้อมูลส่วนบุคคล', 12, measure)).toEqual(['การทำลายข้อมูล', 'ส่วนบุคคล']);
    expect(linesOf('ต่าง ๆ (กุญแจ)', 8, measure)).toEqual(['ต่าง ๆ', '(กุญแจ)']);
    expect(linesOf('กุญแจข้อมูลฯลฯ', 8, measure)).toEqual(['กุญแจ', 'ข้อมูลฯลฯ']);
  });

  it('break a key that is wider than a line', () => {
    expect(linesOf('AAAABBBBCC', 4, measure)).toEqual(['AAAA', 'BBBB', 'CC']);
  });

  it('hold all of the text and are never too wide', () => {
    const texts = fc
      .array(fc.constantFrom('กุญแจ', 'ที่', 'ถูก', 'ทำลาย', ' ', 'key ', '(3)', 'ๆ', 'a'.repeat(30)))
      .map((words) => words.join(''));
    fc.assert(
      fc.property(texts, fc.integer({ min: 6, max: 40 }), (text, width) => {
        const lines = linesOf(text, width, measure);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const line of lines) expect(measure(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

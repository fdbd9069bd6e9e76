/** Width of a text in points. */
export type Measure = (text: string) => number;

const WORDS = new Intl.Segmenter('th', { granularity: 'word' });
/** Marks of repetition and abbreviation: no line begins with one that follows its word without a space. */
const CLINGS = /^[ๆฯ]/;
const OPENS = /^[([“]/;
const LETTERS = new Intl.Segmenter('th', { granularity: 'grapheme' });

/**
 * Breaks a text into lines of at most `width` points. Thai has no spaces between words, so words are found by dictionary; a word that is wider than
 * a line, as a key, is broken between letters.
 */
export function linesOf(text: string, width: number, measure: Measure): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of piecesOf(text, width, measure)) {
    if (line !== '' && measure((line + word).trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = word.trimStart();
    } else line += word;
  }
  return [...lines, line.trimEnd()];
}

function* piecesOf(text: string, width: number, measure: Measure): Generator<string> {
  for (const word of wordsOf(text)) {
    if (measure(word) <= width) yield word;
    else for (const { segment } of LETTERS.segment(word)) yield segment;
  }
}

/** Words, each with the punctuation that cannot be parted from it. What machines read has no Thai, and is broken at spaces alone. */
function* wordsOf(text: string): Generator<string> {
  for (const [part] of text.matchAll(/\S+\s*|\s+/g)) {
    if (!/\p{Script=Thai}/u.test(part)) {
      yield part;
      continue;
    }
    let word = '';
    let whole = false;
    for (const { segment, isWordLike } of WORDS.segment(part)) {
      if (whole && (isWordLike === true ? !CLINGS.test(segment) : OPENS.test(segment))) {
        yield word;
        word = '';
        whole = false;
      }
      word += segment;
      whole ||= isWordLike === true;
    }
    yield word;
  }
}

const WORDS = new Intl.Segmenter('th', { granularity: 'word' });
/** Words with the space after them; the groups of a telephone number stay together. */
const PIECES = /\S+(?:(?<=\d) (?=\d)\S+)*\s*/g;
const MARKS = /\p{M}/gu;

/** Columns that a text takes: marks above and below a letter take none. */
const width = (text: string): number => text.replace(MARKS, '').length;

/**
 * Breaks the lines of a plain text at spaces; what is written without spaces, as Thai often is, between words. Lines that begin with four spaces
 * (links) and words without Thai stay whole, whatever their length.
 */
export const wrapped = (text: string, columns = 76): string =>
  text
    .split('\n')
    .map((line) => (line.startsWith('    ') ? line : wrappedLine(line, columns)))
    .join('\n');

function wrappedLine(text: string, columns: number): string {
  const indent = text.startsWith('- ') ? '  ' : '';
  const lines: string[] = [];
  let line = '';
  for (const piece of piecesOf(text, columns - indent.length)) {
    if (line !== '' && width((line + piece).trimEnd()) > columns) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += piece;
  }
  return [...lines, line.trimEnd()].join('\n');
}

function* piecesOf(text: string, columns: number): Generator<string> {
  for (const [piece] of text.matchAll(PIECES)) {
    if (width(piece) > columns && /\p{Script=Thai}/u.test(piece)) yield* thaiWords(piece);
    else yield piece;
  }
}

/** Marks of repetition and punctuation stay with the word before them. */
function* thaiWords(text: string): Generator<string> {
  let word = '';
  for (const { segment, isWordLike } of WORDS.segment(text)) {
    if (isWordLike && !/^[ๆฯ]/.test(segment) && word !== '') {
      yield word;
      word = '';
    }
    word += segment;
  }
  yield word;
}

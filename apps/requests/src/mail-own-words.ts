// Where an earlier message begins when its lines are not marked, in the mail programs of our people.
const EARLIER: readonly RegExp[] = [
  /^-{2,}\s*(?:original message|forwarded message|ข้อความต้นฉบับ|ข้อความเดิม|ข้อความที่ส่งต่อ)\s*-{2,}$/i,
  /^begin forwarded message:$/i,
  /^_{10,}$/,
  /^\*?(?:from|จาก)\s*:/i,
];
// May go over up to three lines.
const INTRODUCTION: readonly RegExp[] = [
  /^on\b.{4,300}\bwrote\s*:$/i,
  /^(?:เมื่อ|ใน|วันที่|วัน).{2,300}(?:ได้เขียน|เขียน)(?:ว่า|ข้อความว่า|ถึง.{0,80})?\s*:$/,
];
const SIGNATURE = /^--\s?$/;

/**
 * What the writer of a mail says: without quoted and forwarded messages, signature, and phrases in quotation marks, which are somebody else's words.
 * Lines that belong together are joined.
 */
export function ownWords(text: string): string {
  const kept: string[] = [];
  const lines = text.split('\n').map((line) => line.trim());
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (SIGNATURE.test(line) || EARLIER.some((pattern) => pattern.test(line))) break;
    const introduced = introduction(lines, at);
    if (introduced > 0) {
      const next = lines.slice(at + introduced).find((following) => following !== '');
      // Below an introduction either every line of the earlier message is marked, or all is the earlier message.
      if (!next?.startsWith('>')) break;
      at += introduced - 1;
    } else if (!line.startsWith('>')) kept.push(line);
  }
  return kept.join('\n').replace(QUOTED, ' ').trim();
}

const QUOTED = /"[^"\n]{0,300}"|“[^”\n]{0,300}”|«[^»\n]{0,300}»|‘[^’\n]{0,300}’(?!\p{L})/gu;

/** How many lines from here introduce an earlier message; 0: this one does not. */
function introduction(lines: readonly string[], at: number): number {
  for (let count = 1; count <= 3; count += 1) {
    const joined = lines.slice(at, at + count).join(' ');
    if (INTRODUCTION.some((pattern) => pattern.test(joined))) return count;
  }
  return 0;
}

/** Sentences: lines go on over a line break, and end at a blank line, a list mark or punctuation that is not an abbreviation's. */
export const sentencesOf = (words: string): string[] =>
  words
    .split(/\n\s*\n|\n(?=\s*(?:[-*•]|\d{1,2}[.)])\s)/)
    .flatMap((paragraph) =>
      paragraph.replace(/\s+/g, ' ').split(/(?<=[!?])\s+|(?<=(?<!\b(?:mr|mrs|ms|dr|prof|st|no|inc|ltd|co|e\.g|i\.e|etc|vs))\.)\s+/i),
    )
    .map((sentence) => sentence.trim())
    .filter(Boolean);

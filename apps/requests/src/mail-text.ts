/* eslint-disable no-control-regex -- what is looked for are control characters */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
// Soft hyphen, zero-width space (Thai is typed with it), marks and overrides of direction, byte order mark: nobody sees them.
const INVISIBLE = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** Text that can be shown and searched: lines end in \n, no control or invisible character, no half of a surrogate pair. */
export const cleanText = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(CONTROL, '')
    .replace(INVISIBLE, '')
    .normalize('NFC');

/** The same on one line. */
export const cleanLine = (text: string, most: number): string => shortened(cleanText(text).replace(/\s+/g, ' ').trim(), most);

/** At most so many UTF-16 units, and never half a character. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}

/** A file name without a path, or anything that a shell, a screen or a file system takes for more than a name. */
export function cleanFileName(name: string): string {
  const clean = cleanLine(name, 1_000)
    .replace(/[/\\<>:"|?*\u0000]/g, '_')
    .replace(/^[.\s_]+|[.\s]+$/g, '');
  const dot = clean.lastIndexOf('.');
  const ending = dot > 0 && clean.length - dot <= 12 ? clean.slice(dot) : '';
  return shortened(clean, 120 - ending.length).replace(/[.\s]+$/, '') === '' ? 'attachment' : withEnding(clean, ending);
}

function withEnding(clean: string, ending: string): string {
  return clean.length <= 120 ? clean : shortened(clean.slice(0, clean.length - ending.length), 120 - ending.length) + ending;
}

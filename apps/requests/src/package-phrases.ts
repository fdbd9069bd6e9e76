import { rfc3339Millis } from '@attesta/events';
import type { LogRow, PackageContent, ProcessingRow, TermKind } from './package-content.js';
import { citationsOf } from './package-csv.js';
import { markup, listOf, type Fragment, type Markup } from './package-markup.js';
import { titleIn } from './package-terms.js';
import { durationIn, word, WORDS, type PackageWords } from './package-words.js';

/** Writes RFC 3339 times in the package's language and zone; what is no time is shown as it is. Thai years are those of the Buddhist era. */
export function timeIn({ language, timeZone }: Pick<PackageContent, 'language' | 'timeZone'>): (time: string) => string {
  const format = new Intl.DateTimeFormat(WORDS[language].locale, { dateStyle: 'medium', timeStyle: 'short', timeZone });
  return (time) => {
    const millis = rfc3339Millis(time);
    return millis === undefined ? time : format.format(millis);
  };
}

/** How the rows of a package are said on its page. */
export class Phrases {
  readonly words: PackageWords;
  readonly time: (time: string) => string;
  private readonly countries: Intl.DisplayNames;

  constructor(readonly content: PackageContent) {
    this.words = WORDS[content.language];
    this.time = timeIn(content);
    this.countries = new Intl.DisplayNames([this.words.locale], { type: 'region' });
  }

  title(kind: TermKind, id: string): string {
    return titleIn(this.content.terms, kind, id);
  }

  titles(kind: TermKind, ids: readonly string[]): Markup {
    return listOf(ids.map((id) => this.title(kind, id)));
  }

  basis(row: ProcessingRow): Markup {
    const provisions = citationsOf(this.content, row).join('; ');
    return markup`${this.title('bases', `${row.jurisdiction}/${row.basis}`)}${small(provisions)}`;
  }

  country(code: string): string {
    return /^[A-Z]{2}$/.test(code) ? (this.countries.of(code) ?? code) : code;
  }

  related({ related = [] }: LogRow): string {
    return related.map(({ role }) => word(this.words.persons, role ?? 'unnamed')).join(', ');
  }

  period({ duration, trigger }: { duration: string; trigger: string }): string {
    const length = durationIn(this.words, duration);
    const begins = word(this.words.triggers, trigger);
    return length === '' ? this.words.until(begins) : this.words.period(length, begins);
  }

  /** When something happened, or from when to when and how often. */
  when({ first, last, count }: Spell): Markup {
    if (count === 1) return markup`${this.time(first)}`;
    return markup`${this.time(first)} – ${this.time(last)}${small(this.words.times(count))}`;
  }
}

export const small = (text: string | undefined): Fragment => (text ? markup`<div class="small">${text}</div>` : undefined);

/** Occurrences of the same thing. */
export interface Spell {
  first: string;
  last: string;
  count: number;
}

/** Rows that say the same but for their time, the first of each with its spell, in order of first appearance. */
export function spells<R extends LogRow>(rows: readonly R[], same: (row: R) => unknown): { row: R; spell: Spell }[] {
  const found = new Map<string, { row: R; spell: Spell; from: number; to: number }>();
  for (const row of rows) {
    const key = JSON.stringify(same(row));
    const at = rfc3339Millis(row.at) ?? 0;
    const known = found.get(key);
    if (!known) {
      found.set(key, { row, spell: { first: row.at, last: row.at, count: 1 }, from: at, to: at });
      continue;
    }
    known.spell.count++;
    if (at < known.from) [known.from, known.spell.first] = [at, row.at];
    if (at > known.to) [known.to, known.spell.last] = [at, row.at];
  }
  return [...found.values()];
}

import type { CategoryValues } from './package-content.js';
import { markup, tableOf, type Fragment, type Markup } from './package-markup.js';
import type { Phrases } from './package-phrases.js';
import { word } from './package-words.js';

/** Records of one category on the page, and characters of one value: the whole is in `values.csv`. */
const MOST_RECORDS = 500;
const MOST_CHARACTERS = 5_000;
const MOST_COLUMNS = 6;
const FILE = 'values.csv';

type Held = CategoryValues['records'][number];

/** What the systems hold, by category. Records of the same form share a table. */
export function valuesBody(say: Phrases): Markup {
  const { values } = say.content;
  if (values.length === 0) return markup`<p>${say.words.none}</p>`;
  return markup`${values.map((of) => categoryMarkup(say, of))}`;
}

function categoryMarkup(say: Phrases, { category, records }: CategoryValues): Markup {
  const tables = sameForm(records.slice(0, MOST_RECORDS)).map((alike) => recordsTable(say, alike));
  const more = records.length - MOST_RECORDS;
  const rest = more > 0 ? markup`<p>${say.words.more(more, FILE)}</p>` : undefined;
  return markup`<h3>${say.title('categories', category)}</h3>${tables}${rest}`;
}

function sameForm(records: readonly Held[]): [Held, ...Held[]][] {
  const found = new Map<string, [Held, ...Held[]]>();
  for (const record of records) {
    const { system, name, provenance, basis, values } = record;
    const key = JSON.stringify([system, name, provenance, basis, Object.keys(values)]);
    const alike = found.get(key);
    if (alike) alike.push(record);
    else found.set(key, [record]);
  }
  return [...found.values()];
}

function recordsTable(say: Phrases, records: [Held, ...Held[]]): Markup {
  const { words, content } = say;
  const [{ name, system, provenance, basis, values }] = records;
  const fields = Object.keys(values);
  const from = content.systems.find((asked) => asked.system === system)?.title ?? system;
  const rests = basis === undefined ? '' : `; ${words.onBasis}: ${say.title('bases', `${content.request.jurisdiction}/${basis}`)}`;
  const about = markup`<p class="small"><bdi>${name}</bdi> – ${words.fromSystem} ${from}; ${word(words.provenances, provenance)}${rests}</p>`;
  if (records.length > 1 && fields.length <= MOST_COLUMNS) {
    return markup`${about}${tableOf({ head: fields, rows: records.map((record) => Object.values(record.values).map((value) => shown(say, value))) })}`;
  }
  const head = [words.columns.field, words.columns.value];
  return markup`${about}${records.map((record) =>
    tableOf({ head, rows: Object.entries(record.values).map(([field, value]) => [markup`<bdi>${field}</bdi>`, shown(say, value)]) }),
  )}`;
}

function shown({ words }: Phrases, value: string | number | boolean | null): Fragment {
  if (value === null) return '–';
  const text = String(value);
  if (text.length <= MOST_CHARACTERS) return markup`<bdi>${text}</bdi>`;
  return markup`<bdi>${text.slice(0, MOST_CHARACTERS)}…</bdi><div class="small">${words.cut(FILE)}</div>`;
}

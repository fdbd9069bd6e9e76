import { stringify } from 'csv-stringify/sync';
import type { Activity, ProcessingRecord } from './processing-activities.js';
import { keptFor } from './processing-content.js';

const COLUMNS: Readonly<Record<string, (activity: Activity) => string | number>> = {
  purpose: ({ id }) => id,
  title: ({ title }) => title,
  title_th: ({ titleTh }) => titleTh,
  clauses: ({ clauses }) => clauses.join('; '),
  bases: ({ bases }) => bases.map(({ id, jurisdiction, law }) => `${jurisdiction} ${id} (${law})`).join('; '),
  objection: ({ objection }) => objection,
  categories: ({ categories }) => categories.map(({ id }) => id).join('; '),
  sensitive_categories: ({ categories }) =>
    categories
      .filter(({ sensitive }) => sensitive)
      .map(({ id }) => id)
      .join('; '),
  recipients: ({ recipients }) => recipients.map(({ id, role, country }) => `${id} (${role ?? '?'}, ${country ?? '?'})`).join('; '),
  transfers_abroad: ({ recipients }) =>
    recipients
      .filter(({ abroad }) => abroad.length > 0)
      .map(({ id, abroad }) => `${id} (${abroad.join(', ')})`)
      .join('; '),
  retention: ({ retention }) => retention.map(keptFor).join('; '),
  collected: ({ collected }) => collected.count,
  used: ({ used }) => used.count,
  disclosed: ({ disclosed }) => disclosed.count,
  first_day: (activity) => spanOf(activity)[0] ?? '',
  last_day: (activity) => spanOf(activity).at(-1) ?? '',
};

const spanOf = ({ collected, used, disclosed }: Activity): string[] =>
  [collected, used, disclosed].flatMap(({ first, last }) => [first?.day ?? [], last?.day ?? []].flat()).sort();

/** A row for each purpose (RFC 4180, UTF-8 with a byte order mark, which spreadsheets read Thai by); no cell is a formula. */
export function processingCsv({ activities }: ProcessingRecord): string {
  const rows = activities.map((activity) => Object.values(COLUMNS).map((cell) => plain(cell(activity))));
  return stringify([Object.keys(COLUMNS), ...rows], { bom: true, escape_formulas: true, record_delimiter: '\r\n' });
}

/** Some spreadsheets drop white space before they look for a formula, which `escape_formulas` does not. */
const plain = (cell: string | number): string | number =>
  typeof cell === 'string' && /^\s+[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/.test(cell) ? `'${cell}` : cell;

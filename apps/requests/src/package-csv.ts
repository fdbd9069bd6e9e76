import { stringify } from 'csv-stringify/sync';
import type { AccessContent, LogRow, PackageContent, ProcessingRow } from './package-content.js';
import { termIn, titleIn } from './package-terms.js';
import { word, WORDS } from './package-words.js';

type Cell = string | number | boolean | null | undefined;
type Columns<R> = Record<string, (row: R) => Cell>;

/**
 * RFC 4180, UTF-8 without a byte order mark. Titles are in the package's language, times as sealed (RFC 3339). Text a spreadsheet would take for
 * a formula gets an apostrophe before it, and a control character is shown by its symbol: exact values are in `package.json`.
 */
export function csvFiles(content: PackageContent): { name: string; text: string }[] {
  const { terms } = content;
  const words = WORDS[content.language];
  const titles = (kind: 'categories' | 'purposes', ids: readonly string[] | undefined) =>
    ids?.map((id) => titleIn(terms, kind, id)).join('; ');
  const optional = (kind: 'methods' | 'parties', id: string | undefined) => (id === undefined ? id : titleIn(terms, kind, id));
  const log: Columns<LogRow> = {
    position: (row) => row.position,
    happened_at: (row) => row.at,
    recorded_at: (row) => row.recordedAt,
    source: (row) => row.source,
    related: (row) => row.related?.map(({ role }) => word(words.persons, role ?? 'unnamed')).join('; '),
  };
  const processing: Columns<ProcessingRow> = {
    ...log,
    categories: (row) => titles('categories', row.categories),
    purposes: (row) => titles('purposes', row.purposes),
    basis: (row) => titleIn(terms, 'bases', `${row.jurisdiction}/${row.basis}`),
    basis_citation: (row) => citationsOf(content, row).join('; '),
    jurisdiction: (row) => row.jurisdiction,
    context: (row) =>
      Object.entries(row.context ?? {})
        .map(([key, reference]) => `${key} ${reference}`)
        .join('; '),
  };
  const systems = table('systems', content.systems, {
    system: (row) => row.title,
    outcome: (row) => word(words.outcomes, row.outcome),
    reason: (row) => row.reason,
    records: (row) => row.records,
  });
  const values = table('values', valueRows(content), {
    category: (row) => titleIn(terms, 'categories', row.category),
    system: (row) => row.system,
    record: (row) => row.record,
    name: (row) => row.name,
    provenance: (row) => word(words.provenances, row.provenance),
    basis: (row) => (row.basis === undefined ? row.basis : titleIn(terms, 'bases', `${content.request.jurisdiction}/${row.basis}`)),
    field: (row) => row.field,
    value: (row) => row.value,
  });
  if (content.kind === 'portability') {
    const leftOut = table('left-out', content.leftOut, {
      category: (row) => titleIn(terms, 'categories', row.category),
      reason: (row) => word(words.reasons, row.reason),
      records: (row) => row.records,
    });
    return [systems, values, leftOut];
  }
  return [
    systems,
    values,
    table('collections', content.collections, {
      ...processing,
      occasion: (row) => titleIn(terms, 'occasions', row.occasion),
      method: (row) => titleIn(terms, 'methods', row.method),
      channel: (row) => word(words.channels, row.channel),
      origin: (row) => word(words.origins, row.origin),
      origin_party: (row) => optional('parties', row.originParty),
      notice_version: (row) => row.noticeVersion,
    }),
    table('uses', content.uses, { ...processing, operation: (row) => row.operation, system: (row) => row.system }),
    table('disclosures', content.disclosures, {
      ...processing,
      recipient: (row) => titleIn(terms, 'parties', row.recipient),
      role: (row) => row.role && word(words.roles, row.role),
      country: (row) => row.country,
      transfer_ground: (row) =>
        row.transferGround === undefined ? undefined : titleIn(terms, 'transferGrounds', `${row.jurisdiction}/${row.transferGround}`),
      initiator: (row) => word(words.initiators, row.initiator),
      legal_reference: (row) => row.legalReference,
      channel: (row) => row.channel && word(words.channels, row.channel),
    }),
    table('consents', content.consents, {
      ...log,
      what: (row) => word(words.whats, row.what),
      status: (row) => word(words.statuses, row.status),
      purposes: (row) => titles('purposes', row.purposes),
      categories: (row) => titles('categories', row.categories),
      method: (row) => optional('methods', row.method),
      notice_version: (row) => row.noticeVersion,
      language: (row) => row.language,
      channels: (row) => row.channels?.map((channel) => word(words.channels, channel)).join('; '),
      valid_for: (row) => row.validFor,
      explicit: (row) => row.explicit,
      by: (row) => row.by && word(words.persons, row.by),
      reason: (row) => row.reason,
    }),
    table('objections', content.objections, {
      ...log,
      what: (row) => word(words.whats, row.what),
      purposes: (row) => titles('purposes', row.purposes),
      method: (row) => optional('methods', row.method),
      outcome: (row) => row.outcome && word(words.statuses, row.outcome),
      reason: (row) => row.reason,
      law: (row) => row.law,
    }),
    table('restrictions', content.restrictions, {
      ...log,
      what: (row) => word(words.whats, row.what),
      purposes: (row) => titles('purposes', row.purposes),
      categories: (row) => titles('categories', row.categories),
      ground: (row) => row.ground && word(words.grounds, row.ground),
      method: (row) => optional('methods', row.method),
      reason: (row) => row.reason,
    }),
    table('retention', retentionRows(content), {
      category: (row) => (row.category === null ? words.all : titleIn(terms, 'categories', row.category)),
      rule: (row) => row.rule?.rule,
      duration: (row) => row.rule?.duration,
      trigger: (row) => row.rule && word(words.triggers, row.rule.trigger),
      action: (row) => row.rule && word(words.actions, row.rule.action),
      ground: (row) => row.rule && word(words.grounds, row.rule.ground),
      citation: (row) => row.rule?.citation,
    }),
    table('requests', content.requests, {
      id: (row) => row.id,
      right: (row) => titleIn(terms, 'rights', row.right),
      status: (row) => word(words.requestStatuses, row.status),
      received_at: (row) => row.receivedAt,
      ended_at: (row) => row.endedAt,
    }),
    table('other-events', content.otherEvents, { ...log, event: (row) => titleIn(terms, 'events', row.event) }),
  ];
}

/** Provisions a row rests on: the basis' own, then the one it names besides. */
export function citationsOf({ terms }: PackageContent, { basis, jurisdiction, basisCitation }: ProcessingRow): string[] {
  const own = termIn(terms, 'bases', `${jurisdiction}/${basis}`)?.citation;
  return [own, basisCitation].filter((citation) => citation !== undefined);
}

/** One row per value; `record` numbers the records, so that the values of one can be put together again. */
function* valueRows({ values, systems }: PackageContent) {
  const titles = new Map(systems.map(({ system, title }) => [system, title]));
  let record = 0;
  for (const { category, records } of values) {
    for (const { system, values: fields, ...about } of records) {
      record++;
      for (const [field, value] of Object.entries(fields))
        yield { ...about, category, system: titles.get(system) ?? system, record, field, value };
    }
  }
}

/** One row per rule, and one for a category without any. */
export function* retentionRows({ retention }: AccessContent) {
  for (const { category, rules } of retention) {
    if (rules.length === 0) yield { category, rule: undefined };
    for (const rule of rules) yield { category, rule };
  }
}

function table<R>(name: string, rows: Iterable<R>, columns: Columns<R>): { name: string; text: string } {
  const cells = Object.values(columns);
  const lines: Cell[][] = [Object.keys(columns)];
  for (const row of rows) lines.push(cells.map((cell) => plain(cell(row))));
  const text = stringify(lines, { escape_formulas: true, record_delimiter: '\r\n', quote_record_delimiter: true });
  return { name: `${name}.csv`, text };
}

/** Some spreadsheets drop white space before they look for a formula, which `escape_formulas` does not. */
const HIDDEN_FORMULA = /^\s+[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/;

function plain(cell: Cell): Cell {
  if (typeof cell === 'boolean') return String(cell);
  if (typeof cell !== 'string') return cell;
  const text = visible(cell);
  return HIDDEN_FORMULA.test(text) ? `'${text}` : text;
}

// eslint-disable-next-line no-control-regex -- what is looked for are control characters
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g;

/** Control characters by their symbols (U+2400-), but for tab and line ends; what has no form in UTF-8 as U+FFFD. */
export function visible(text: string): string {
  return text.toWellFormed().replace(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\uFFFD';
  });
}

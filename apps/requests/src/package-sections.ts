import type { AccessContent, PortabilityContent } from './package-content.js';
import { retentionRows } from './package-csv.js';
import { markup, tableOf, type Fragment, type Markup } from './package-markup.js';
import { Phrases, small, spells } from './package-phrases.js';
import { valuesBody } from './package-values.js';
import { word, type PackageWords } from './package-words.js';

/** Rows of one table of the page; a table nobody can read to its end helps nobody, and the whole is in the CSV. */
const MOST_ROWS = 500;

export interface Section {
  id: string;
  name: string;
  about: string | undefined;
  body: Markup;
}

type SectionId = keyof PackageWords['sections'];

export function accessSections(content: AccessContent): Section[] {
  const say = new Phrases(content);
  const { words } = say;
  const { columns } = words;
  return [
    ...commonSections(say),
    section(say, 'collections', [columns.when, columns.data, columns.from, columns.how, columns.purposes, columns.basis], {
      rows: spells(content.collections, (row) => [
        row.categories,
        row.purposes,
        row.basis,
        row.jurisdiction,
        row.basisCitation,
        row.occasion,
        row.method,
        row.channel,
        row.origin,
        row.originParty,
        row.noticeVersion,
        row.source,
        row.related,
      ]),
      cells: ({ row, spell }) => [
        say.when(spell),
        say.titles('categories', row.categories),
        markup`${word(words.origins, row.origin)}${small(row.originParty && say.title('parties', row.originParty))}${small(
          row.related && `${columns.related}: ${say.related(row)}`,
        )}${small(`${columns.source}: ${row.source}`)}`,
        markup`${say.title('methods', row.method)}${small(say.title('occasions', row.occasion))}${small(word(words.channels, row.channel))}`,
        markup`${say.titles('purposes', row.purposes)}${small(row.noticeVersion && `${columns.notice}: ${row.noticeVersion}`)}`,
        say.basis(row),
      ],
    }),
    section(say, 'uses', [columns.when, columns.data, columns.operation, columns.purposes, columns.basis], {
      rows: spells(content.uses, (row) => [
        row.categories,
        row.purposes,
        row.basis,
        row.jurisdiction,
        row.basisCitation,
        row.operation,
        row.system,
        row.related,
      ]),
      cells: ({ row, spell }) => [
        say.when(spell),
        say.titles('categories', row.categories),
        markup`${row.operation}${small(row.system)}${small(row.related && `${columns.related}: ${say.related(row)}`)}`,
        say.titles('purposes', row.purposes),
        say.basis(row),
      ],
    }),
    section(say, 'disclosures', [columns.when, columns.recipient, columns.data, columns.country, columns.purposes, columns.basis], {
      rows: spells(content.disclosures, (row) => [
        row.categories,
        row.purposes,
        row.basis,
        row.jurisdiction,
        row.basisCitation,
        row.recipient,
        row.country,
        row.transferGround,
        row.initiator,
        row.legalReference,
        row.related,
      ]),
      cells: ({ row, spell }) => [
        say.when(spell),
        markup`${say.title('parties', row.recipient)}${small(row.role && word(words.roles, row.role))}${small(
          `${columns.demand}: ${word(words.initiators, row.initiator)}`,
        )}${small(row.related && `${columns.related}: ${say.related(row)}`)}`,
        say.titles('categories', row.categories),
        markup`${row.country && say.country(row.country)}${small(
          row.transferGround && `${words.transfer} ${say.title('transferGrounds', `${row.jurisdiction}/${row.transferGround}`)}`,
        )}`,
        say.titles('purposes', row.purposes),
        markup`${say.basis(row)}${small(row.legalReference)}`,
      ],
    }),
    section(say, 'consents', [columns.when, columns.what, columns.purposes, columns.how, columns.notice], {
      rows: content.consents,
      cells: (row) => [
        say.time(row.at),
        markup`${word(words.whats, row.what)}: ${word(words.statuses, row.status)}${small(row.reason)}`,
        markup`${say.titles('purposes', row.purposes)}${small(row.channels?.map((channel) => word(words.channels, channel)).join(', '))}`,
        markup`${say.title('methods', row.method)}${small(row.by && `${columns.by} ${word(words.persons, row.by)}`)}`,
        row.noticeVersion,
      ],
    }),
    section(say, 'objections', [columns.when, columns.what, columns.purposes, columns.reason], {
      rows: content.objections,
      cells: (row) => [
        say.time(row.at),
        markup`${word(words.whats, row.what)}${row.outcome && `: ${word(words.statuses, row.outcome)}`}`,
        say.titles('purposes', row.purposes),
        markup`${row.reason}${small(row.law)}`,
      ],
    }),
    section(say, 'restrictions', [columns.when, columns.what, columns.data, columns.purposes, columns.ground], {
      rows: content.restrictions,
      cells: (row) => [
        say.time(row.at),
        word(words.whats, row.what),
        row.categories ? say.titles('categories', row.categories) : row.purposes ? undefined : words.all,
        row.purposes && say.titles('purposes', row.purposes),
        markup`${row.ground && word(words.grounds, row.ground)}${row.reason}`,
      ],
    }),
    section(say, 'retention', [columns.data, columns.period, columns.end, columns.ground, columns.provision], {
      rows: [...retentionRows(content)],
      cells: ({ category, rule }) =>
        rule
          ? [
              category === null ? words.all : say.title('categories', category),
              say.period(rule),
              word(words.actions, rule.action),
              word(words.grounds, rule.ground),
              rule.citation,
            ]
          : [category === null ? words.all : say.title('categories', category), words.noPeriod, undefined, undefined, undefined],
    }),
    section(say, 'requests', [columns.received, columns.right, columns.status, columns.ended], {
      rows: content.requests,
      cells: (row) => [
        say.time(row.receivedAt),
        markup`${say.title('rights', row.right)}${small(row.id)}`,
        word(words.requestStatuses, row.status),
        row.endedAt && say.time(row.endedAt),
      ],
    }),
    section(say, 'otherEvents', [columns.when, columns.what, columns.source, columns.related], {
      rows: spells(content.otherEvents, ({ event, source, related }) => [event, source, related]),
      cells: ({ row, spell }) => [say.when(spell), say.title('events', row.event), row.source, say.related(row)],
    }),
    section(say, 'rights', [columns.right, columns.provision], {
      rows: content.rights,
      cells: ({ right, citation }) => [say.title('rights', right), citation],
    }),
  ];
}

export function portabilitySections(content: PortabilityContent): Section[] {
  const say = new Phrases(content);
  const { words } = say;
  const { columns } = words;
  const leftOut = section(say, 'leftOut', [columns.data, columns.reason, columns.records], {
    rows: content.leftOut,
    cells: (row) => [say.title('categories', row.category), word(words.reasons, row.reason), row.records],
  });
  return [...commonSections(say), leftOut];
}

function commonSections(say: Phrases): Section[] {
  const { words, content } = say;
  const { columns } = words;
  const complete = content.systems.every(({ outcome }) => outcome !== 'failed');
  const systems = section(say, 'systems', [columns.system, columns.answer, columns.records, columns.reason], {
    rows: content.systems,
    cells: (row) => [row.title, word(words.outcomes, row.outcome), row.records, row.reason],
  });
  const about = content.kind === 'access' ? words.about.values : undefined;
  return [
    complete ? systems : { ...systems, about: words.about.incomplete },
    { id: 'values', name: words.sections.values, about, body: valuesBody(say) },
  ];
}

interface Content<R> {
  rows: readonly R[];
  cells: (row: R) => Fragment[];
}

function section<R>({ words }: Phrases, id: SectionId, head: string[], { rows, cells }: Content<R>): Section {
  const abouts: Readonly<Record<string, string | undefined>> = words.about;
  const named = { id, name: words.sections[id], about: abouts[id] };
  if (rows.length === 0) return { ...named, about: undefined, body: markup`<p>${words.none}</p>` };
  const shown = tableOf({ head, rows: rows.slice(0, MOST_ROWS).map(cells) });
  const more = rows.length - MOST_ROWS;
  return { ...named, body: markup`${shown}${more > 0 ? markup`<p>${words.more(more, FILES[id] ?? `${id}.csv`)}</p>` : undefined}` };
}

const FILES: Partial<Record<SectionId, string>> = { otherEvents: 'other-events.csv', leftOut: 'left-out.csv' };

import type { CollectionRecorded, NoticeCommunicated } from '@attesta/events';
import { sourceNoticeDue, type Deadline, type Policy } from '@attesta/policy';
import type pg from 'pg';
import type { Page } from './page.js';
import { defineRegister } from './register.js';
import { answerOf, columnsOf, selectionOf, type AnswerOf, type Shape } from './row-shape.js';

const SOURCE = {
  position: 'int8',
  subject: 'uuid',
  originParty: 'text?',
  categories: 'texts',
  jurisdiction: 'text',
  occurredAt: 'time',
  /** Last day on which telling them is in time, in the clock's time zone. */
  lastDay: 'text?',
  /** First instant at which it is too late. */
  overdueFrom: 'time',
} as const satisfies Shape;

export const SOURCES = 'third-party-sources';

/** Data that came from somebody else, and by when the person must be told (notice clause 1.6; PDPA s.25, GDPR Art. 14). */
export const thirdPartySources = (policy: Policy) => {
  const dueOf = dueDates(policy);
  return defineRegister({
    name: SOURCES,
    table: 'third_party_source',
    columns: SOURCE,
    order: [],
    rows({ position, entry, name, data, occurredAt }) {
      if (name !== 'attesta.collection.recorded') return [];
      const collection = data as CollectionRecorded;
      if (collection.origin !== 'third-party') return [];
      const controller = policy.controllers.get(collection.controller ?? '') ?? policy.defaultController;
      const jurisdiction = collection.jurisdiction ?? controller.jurisdictions[0]!;
      const { lastDay, overdueFrom } = dueOf(jurisdiction, occurredAt);
      const due = { lastDay, overdueFrom: Date.parse(overdueFrom) };
      return [{ ...collection, ...due, position, subject: entry.subject!.id, jurisdiction, occurredAt }];
    },
  });
};

const QUARTER = 15 * 60_000;

/** Calendar arithmetic costs more than all the rest of a row: what began within a quarter of an hour ends on the same day in every time zone. */
function dueDates(policy: Policy): (jurisdiction: string, occurredAt: number) => Deadline {
  const known = new Map<string, Deadline>();
  return (jurisdiction, occurredAt) => {
    const key = `${jurisdiction} ${Math.floor(occurredAt / QUARTER)}`;
    const cached = known.get(key);
    if (cached) return cached;
    const due = sourceNoticeDue(policy, jurisdiction, new Date(occurredAt).toISOString());
    if (known.size >= 1_000) known.clear();
    if (due.lastDay !== undefined) known.set(key, due); // a clock that counts hours ends at an instant of its own
    return due;
  };
}

/** Notices that told people where data about them came from; without `covers`, all that had come until then. */
export const sourceNotices = defineRegister({
  name: 'source-notices',
  table: 'source_notice',
  columns: { position: 'int8', subject: 'uuid?', covers: 'int8s?', occurredAt: 'time' },
  order: [],
  rows({ position, entry, name, data, occurredAt }) {
    const { about, covers } = data as NoticeCommunicated;
    if (name !== 'attesta.notice.communicated' || about !== 'third-party-source') return [];
    return [{ position, subject: entry.subject?.id, covers, occurredAt }];
  },
});

export type SourceState = 'informed' | 'due' | 'overdue';

const VIEW = {
  ...SOURCE,
  state: 'text',
  informedAt: 'time?',
  /** Position of the notice. */
  informedBy: 'int8?',
} as const satisfies Shape;
const VIEW_COLUMNS = columnsOf(VIEW);

export type SourceRow = Omit<AnswerOf<typeof VIEW>, 'occurredAt'> & {
  collectedAt: string;
  state: SourceState;
  /** Told, but too late. */
  late: boolean;
};

export interface SourceFilter extends Page {
  /** Instant the report is for. */
  at: string;
  state?: SourceState | undefined;
}

// A notice counts for a collection of the same person, sealed before it; one without a subject only for the positions it names.
const STATES = `
  select t.*, n.position as informed_by, n.occurred_at as informed_at,
         case when n.position is not null then 'informed' when $2::timestamptz >= t.overdue_from then 'overdue' else 'due' end as state
    from third_party_source t
    left join lateral (
      select position, occurred_at from source_notice s
       where s.position > t.position and s.position <= $1 and s.occurred_at <= $2::timestamptz
         and ((s.subject = t.subject and (s.covers is null or t.position = any(s.covers)))
              or (s.subject is null and t.position = any(s.covers)))
       order by occurred_at, position limit 1) n on true
   where t.position <= $1 and t.occurred_at <= $2::timestamptz`;

export async function readThirdPartySources(
  pool: pg.Pool,
  { asOf, at, state, cursor, limit }: SourceFilter,
): Promise<{ counts: Record<SourceState, number>; rows: SourceRow[] }> {
  const [counted, listed] = await Promise.all([
    pool.query<{ state: SourceState; n: string }>(`select state, count(*) as n from (${STATES}) x group by state`, [asOf, at]),
    pool.query<object>(
      `select ${selectionOf(VIEW_COLUMNS)} from (${STATES}) x where ($3::text is null or state = $3) and ($4::int8 is null or position < $4) order by position desc limit $5`,
      [asOf, at, state ?? null, cursor ?? null, limit],
    ),
  ]);
  const counts: Record<SourceState, number> = { informed: 0, due: 0, overdue: 0 };
  for (const row of counted.rows) counts[row.state] = Number(row.n);
  return { counts, rows: listed.rows.map(sourceRow) };
}

function sourceRow(row: object): SourceRow {
  const { occurredAt, ...source } = answerOf<typeof VIEW>(VIEW_COLUMNS, row);
  const late = source.informedAt !== null && source.informedAt >= source.overdueFrom;
  return { ...source, state: source.state as SourceState, collectedAt: occurredAt, late };
}

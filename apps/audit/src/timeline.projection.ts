import { hash } from 'node:crypto';
import { events, type Entry } from '@attesta/events';
import type pg from 'pg';
import type { IdentitySpan } from '@attesta/decisions';
import { recordOf } from './links.projection.js';
import type { Page } from './page.js';
import { defineRegister } from './register.js';
import { peopleIn } from './remains.js';

/** Every entry, with its exact bytes: what evidence is made of. Where people in it are forgotten, what is left of it, and its leaf hash. */
export const timeline = defineRegister({
  name: 'timeline',
  columns: {
    position: 'int8',
    subject: 'uuid?',
    type: 'text',
    time: 'time',
    recordedAt: 'time',
    bytes: 'bytes',
    leafHash: 'bytes?',
  },
  order: [],
  rows: ({ position, entry, occurredAt, recordedAt, bytes, leafHash }) => [
    {
      position,
      subject: entry.subject?.id,
      type: entry.type,
      time: occurredAt,
      recordedAt,
      bytes,
      leafHash,
    },
  ],
});

/** Who an entry is about: its subject, and everybody it relates to or holds sealed values of. */
export const subjects = defineRegister({
  name: 'subjects',
  table: 'timeline_subject',
  columns: { subject: 'uuid', position: 'int8' },
  order: ['subject'],
  keyedBy: 'subject',
  rows: ({ position, entry }) => peopleIn(entry).map((subject) => ({ subject, position })),
});

export interface TimelineRow extends EntryRow {
  /** The identity it joined the person's record through: the person, or a linked device, visitor or account. */
  through: string;
}

export interface EntryRow {
  position: number;
  /** Whose entry it is; null where it only relates to people. */
  subject: string | null;
  type: string;
  /** The type in words. */
  title: string;
  time: string;
  recordedAt: string;
  source: string;
  actor: string | null;
  data: Record<string, unknown>;
  /** base64, of the entry as sealed */
  leafHash: string;
  /** People in it are forgotten: the row is what is left of the entry. */
  reduced: boolean;
}

/** Rows of a person's record, and the stretches that it is made up of. */
export interface Recorded<T> {
  rows: T[];
  spans: IdentitySpan[];
}

export interface TimelineFilter extends Page {
  type?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** Positions of a person's record that pass the page's bounds, newest first; to be joined with a register. `$1`-`$5` are spanParameters. */
export const RECORD = `(
  select distinct on (s.position) s.position, r.subject as through
    from unnest($1::uuid[], $2::int8[], $3::int8[]) with ordinality r(subject, after, upto, o)
    join timeline_subject s on s.subject = r.subject and s.position > r.after and s.position <= r.upto
   where s.position <= $4 and ($5::int8 is null or s.position < $5)
   order by s.position desc, r.o)`;

export const recordParameters = (spans: readonly IdentitySpan[], { asOf, cursor }: Page): unknown[] => [
  spans.map(({ subject }) => subject),
  spans.map(({ after }) => after),
  spans.map(({ upto }) => upto),
  asOf,
  cursor ?? null,
];

/** A person's record, newest first, and what it is made up of. Whoever was never tied to anything, which is most, costs one trip to the database. */
export async function readTimeline(pool: pg.Pool, person: string, filter: TimelineFilter): Promise<Recorded<TimelineRow>> {
  const own = [{ subject: person, after: -1, upto: filter.asOf }];
  const rows = await timelineRows(pool, own, filter);
  if (rows[0]?.tied === false) return { rows: rows.map(timelineRow), spans: own };
  const spans = await recordOf(pool, person, filter.asOf);
  return { rows: (spans.length === 1 ? rows : await timelineRows(pool, spans, filter)).map(timelineRow), spans };
}

interface Found {
  position: string;
  through: string;
  text: string;
  leaf_hash: Buffer | null;
  /** The person of the first stretch was tied to something, or is. */
  tied: boolean;
}

async function timelineRows(pool: pg.Pool, spans: readonly IdentitySpan[], filter: TimelineFilter): Promise<Found[]> {
  const { rows } = await pool.query<Found>(
    `select t.position, r.through, convert_from(t.bytes, 'UTF8') as text, t.leaf_hash, tied
       from (select exists (select 1 from link where person = ($1::uuid[])[1]) as tied) l, ${RECORD} r join timeline t on t.position = r.position
      where ($6::text is null or t.type = $6) and ($7::timestamptz is null or t.time >= $7) and ($8::timestamptz is null or t.time < $8)
      order by r.position desc limit $9`,
    [...recordParameters(spans, filter), filter.type ?? null, filter.from ?? null, filter.to ?? null, filter.limit],
  );
  return rows;
}

const timelineRow = ({ position, through, text, leaf_hash }: Found): TimelineRow => ({
  through,
  ...entryRow(Number(position), text, leaf_hash),
});

/** An entry as it is answered. @param text canonical JSON @param leafHash where the text is what is left of it */
export function entryRow(position: number, text: string, leafHash: Buffer | null): EntryRow {
  const { subject, type, time, recordedAt, source, actor, data } = JSON.parse(text) as Entry;
  return {
    position,
    subject: subject?.id ?? null,
    type,
    title: events.get(type)?.title ?? type,
    time,
    recordedAt,
    source,
    actor: actor ?? null,
    data,
    leafHash: leafHash?.toString('base64') ?? leafHashOf(text),
    reduced: leafHash !== null,
  };
}

/** Whether any entry up to a position is about this person. */
export async function isKnown(pool: pg.Pool, subject: string): Promise<boolean> {
  const { rowCount } = await pool.query('select 1 from timeline_subject where subject = $1 limit 1', [subject]);
  return rowCount === 1;
}

/** RFC 6962, 2.1: a zero byte before the entry. */
const leafHashOf = (text: string): string => hash('sha256', `\0${text}`, 'base64');

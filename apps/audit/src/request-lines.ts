import type { IdentitySpan } from '@attesta/decisions';
import type { Policy } from '@attesta/policy';
import type pg from 'pg';
import { Where, type Page } from './page.js';
import { requestLine, type RequestLine, type RequestStatus } from './request-line.js';
import { requestEvents, type RequestEventRow } from './requests.projection.js';
import { answerOf, selectionOf } from './row-shape.js';
import { RECORD, recordParameters } from './timeline.projection.js';

export interface RequestFilter extends Page {
  /** The instant that the register is for: what happened later is not in it. Milliseconds. */
  at: number;
  spans?: readonly IdentitySpan[] | undefined;
  right?: string | undefined;
  status?: RequestStatus | undefined;
  state?: 'open' | 'ended' | undefined;
  overdue?: boolean | undefined;
  request?: string | undefined;
  /** Events that are left out of the lines, where nobody asks for what they tell. */
  without?: readonly string[] | undefined;
}

type Db = Pick<pg.Pool, 'query'>;

const ENDS = `('fulfilled', 'rejected', 'unfulfilled', 'reopened')`;
const CHUNK = 200;

/** Newest first. Status and deadline follow from all events of a request, so more are read than are shown. */
export async function readRequests(db: Db, policy: Policy, filter: RequestFilter): Promise<RequestLine[]> {
  const found: RequestLine[] = [];
  const size = filter.status === undefined && filter.overdue === undefined ? filter.limit : CHUNK;
  for (let cursor = filter.cursor; ;) {
    const heads = await readHeads(db, { ...filter, cursor, limit: size });
    const lines = await linesOf(db, policy, heads, filter);
    for (const line of lines) if (isWanted(line, filter)) found.push(line);
    if (found.length >= filter.limit || heads.length < size) return found.slice(0, filter.limit);
    cursor = heads.at(-1)!.position;
  }
}

const isWanted = ({ status, overdue }: RequestLine, wanted: RequestFilter): boolean =>
  (wanted.status === undefined || status === wanted.status) && (wanted.overdue === undefined || overdue === wanted.overdue);

interface Head {
  position: number;
  request: string;
}

const OPEN_STATUSES: readonly RequestStatus[] = ['initiated', 'acknowledged', 'requires-action', 'action-performed', 'accepted'];

/** As much of the filter as can be told without putting requests together. */
async function readHeads(
  db: Db,
  { at, spans, right, request, status, state, overdue, without: _without, ...page }: RequestFilter,
): Promise<Head[]> {
  const where = new Where(spans ? recordParameters(spans, page) : []);
  if (!spans) where.and('r.position <= ?', page.asOf).and('r.position < ?', page.cursor);
  where.and('r.right_id = ?', right).and('r.request = ?::uuid', request).and('r.occurred_at <= ?::timestamptz', new Date(at).toISOString());
  const open = state === undefined ? (status === undefined ? overdue || undefined : OPEN_STATUSES.includes(status)) : state === 'open';
  const [asOf, until] = [where.parameter(page.asOf), where.parameter(new Date(at).toISOString())];
  // The last that ended it or opened it again, of all requests at once: looking for each by itself takes ten times as long.
  const last =
    open === undefined
      ? ''
      : `left join (select distinct on (request) request, event from request_event where event in ${ENDS} and position <= ${asOf}
           and occurred_at <= ${until}::timestamptz order by request, position desc) x on x.request = r.request`;
  where.and(`(coalesce(x.event, 'reopened') = 'reopened') = ?::bool`, open);
  const from = spans ? `${RECORD} s join request_event r using (position)` : 'request_event r';
  const { rows } = await db.query<{ position: string; request: string }>(
    `select r.position, r.request from ${from} ${last} where r.event = 'received' and ${where.sql}
       and ${asOf}::int8 is not null and ${until}::timestamptz is not null order by r.position desc limit ${where.parameter(page.limit)}`,
    where.values,
  );
  return rows.map(({ position, request: id }) => ({ position: Number(position), request: id }));
}

/** The requests, put together, in the order in which they are given. */
async function linesOf(
  db: Db,
  policy: Policy,
  heads: readonly Head[],
  { asOf, at, without }: Pick<RequestFilter, 'asOf' | 'at' | 'without'>,
): Promise<RequestLine[]> {
  if (heads.length === 0) return [];
  const { rows } = await db.query<object>(
    `select ${selectionOf(requestEvents.columns)} from request_event
      where request = any($1::uuid[]) and position <= $2 and occurred_at <= $3::timestamptz and event <> all($4::text[])
      order by position`,
    [heads.map(({ request }) => request), asOf, new Date(at).toISOString(), without ?? []],
  );
  const events = new Map<string, RequestEventRow[]>(heads.map(({ request }) => [request, []]));
  for (const row of rows) {
    const event = answerOf<typeof requestEvents.shape>(requestEvents.columns, row);
    const known = events.get(event.request)!;
    // What came before the receipt, by another's mistake, is of no request.
    if (known.length > 0 || event.event === 'received') known.push(event);
  }
  return heads.map(({ request }) => requestLine(policy, events.get(request)!, at));
}

const OF_SYSTEMS = ['task-issued', 'task-answered', 'task-overridden', 'task-stuck', 'package-made', 'package-downloaded'];

/** Every request that is open, put together but for what systems did. */
export async function openRequests(db: Db, policy: Policy, asOf: number, at: number): Promise<RequestLine[]> {
  return readRequests(db, policy, { asOf, at, state: 'open', limit: Number.MAX_SAFE_INTEGER, without: OF_SYSTEMS });
}

import { Problem } from '@attesta/service-kit';
import type { ListQuery } from './bodies.js';
import { deadlineOf } from './request.clock.js';
import { isOpen, type Refused, type RequestState, type Spared } from './request.state.js';
import { noSuchRequest, type Requests } from './requests.js';

export interface RequestRow {
  id: string;
  subject: string;
  state: RequestState;
  receipt: string | null;
  due: Date | null;
  spared: Spared[] | null;
}

/** @throws Problem 404 */
export async function rowOf({ pool }: Requests, id: string): Promise<RequestRow> {
  const { rows } = await pool.query<RequestRow>('select id, subject, state, receipt, due, spared from request where id = $1', [id]);
  if (!rows[0]) throw noSuchRequest();
  return rows[0];
}

/** A request as it is answered: without anything personal. Times are RFC 3339. */
export interface RequestView {
  request: string;
  subject: string;
  right: string;
  jurisdiction: string;
  channel: string;
  status: RequestState['status'];
  identity: RequestState['identity'];
  needs: RequestState['needs'];
  receivedAt: string;
  /** The first instant at which it is too late; null while its clock does not run. */
  due: string | null;
  lastDay: string | null;
  overdue: boolean;
  extendedTo: string | null;
  duplicateOf: string | null;
  endedAt: string | null;
  /** What is asked about, where the request says it. */
  about: {
    purposes: string[];
    channels: string[];
    categories: string[];
    ground: string | null;
    fields: { category: string; field: string }[];
  };
  /** Of what was fulfilled: all of it, or not. */
  result: 'complete' | 'partial' | null;
  refused: Refused[];
  survivors: Spared[];
  tasks: { task: string; system: string; kind: string; categories: string[]; outcome: string | null; stuck: boolean }[];
}

/** What is told to whoever made a request: neither the pseudonym, which is nobody's before they have proved to be the person, nor the systems. */
export type OwnView = Omit<RequestView, 'subject' | 'tasks'>;

export function ownViewOf(requests: Requests, row: RequestRow): OwnView {
  const { subject: _subject, tasks: _tasks, ...view } = viewOf(requests, row);
  return view;
}

export function viewOf(requests: Requests, { id, subject, state, spared }: RequestRow): RequestView {
  const deadline = deadlineOf(requests.policy, state);
  const { right, jurisdiction, channel, status, identity, needs, duplicateOf, refused, survivors } = state;
  return {
    request: id,
    subject,
    right,
    jurisdiction,
    channel,
    status,
    identity,
    needs,
    receivedAt: iso(state.receivedAt)!,
    due: deadline?.overdueFrom ?? null,
    lastDay: deadline?.lastDay ?? null,
    overdue: isOpen(state) && deadline !== undefined && Date.parse(deadline.overdueFrom) <= requests.now().getTime(),
    extendedTo: iso(state.extendedTo),
    duplicateOf: duplicateOf ?? null,
    endedAt: iso(state.endedAt),
    about: {
      purposes: state.purposes ?? [],
      channels: state.channels ?? [],
      categories: state.categories ?? [],
      ground: state.ground ?? null,
      fields: state.fields ?? [],
    },
    result: state.result ?? null,
    refused,
    survivors: status === 'accepted' ? [...(spared ?? []), ...survivors] : survivors,
    tasks: Object.entries(state.tasks).map(([task, { system, kind, categories, outcome, stuck }]) => ({
      task,
      system,
      kind,
      categories,
      outcome: outcome ?? null,
      stuck: stuck === true && outcome === undefined,
    })),
  };
}

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
  has_more: boolean;
}

/** A page of requests: open ones by deadline, then those without one, then the ended. */
export async function page(
  requests: Requests,
  { status, right, overdue, subject, cursor, limit }: ListQuery,
): Promise<Page<Omit<RequestView, 'tasks'>>> {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const { rows } = await requests.pool.query<RequestRow & { rank: string }>(
    `select id, subject, state, receipt, due, spared, rank from (
       select *, case when open then coalesce(extract(epoch from due), 1e11) else 2e11 end::numeric as rank from request
        where ($1::text is null or status = $1) and ($2::text is null or right_id = $2) and ($3::uuid is null or subject = $3)
          and ($4::boolean is null or (open and due is not null and due <= $5) = $4)) r
      where $6::numeric is null or (rank, id) > ($6, $7::uuid) order by rank, id limit $8`,
    [status ?? null, right ?? null, subject ?? null, overdue ?? null, requests.now(), after?.rank ?? null, after?.id ?? null, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const data = shown.map((row) => {
    const { tasks: _tasks, ...view } = viewOf(requests, row);
    return view;
  });
  return { data, next_cursor: last ? Buffer.from(`${last.rank} ${last.id}`).toString('base64url') : null, has_more: last !== undefined };
}

function readCursor(cursor: string): { rank: string; id: string } {
  const [, rank, id] = /^(\d+(?:\.\d+)?) ([0-9a-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (rank === undefined || id === undefined) {
    throw Problem.invalid([
      { field: '/cursor', code: 'bad-cursor', message: 'is not a cursor of this list', fix: 'send next_cursor as it came, or none' },
    ]);
  }
  return { rank, id };
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

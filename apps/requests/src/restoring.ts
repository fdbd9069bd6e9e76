import { uuidOf } from '@attesta/event-log';
import type { Entry } from '@attesta/events';
import { UNASKED } from '@attesta/service-kit';
import {
  restoreFromLog,
  SealedBatchContext,
  WithholdingLog,
  type DerivedState,
  type Restored,
  type RestoreOptions,
  type SealedEvent,
} from '@attesta/transport';
import type { KeyProvider } from '@attesta/vault';
import type pg from 'pg';
import { DISPOSALS } from './disposal-events.js';
import { deadlineOf, nextLook } from './request.clock.js';
import { evolve, isOpen, type RequestEvent, type RequestState } from './request.state.js';
import { REQUESTS_SOURCE, streamOf } from './request-store.js';
import { GROUP, RequestsConsumer } from './requests.consumer.js';
import { Requests } from './requests.js';

/**
 * What of the database follows from the log. Not in it, and nowhere else: what people wrote and are known by, what systems answered, packages that wait
 * for their link, codes, mail, the systems' webhooks and secrets, and what other controllers call their requests.
 */
export const REQUESTS_STATE: DerivedState = {
  request: 'select id, subject, right_id, jurisdiction, status, version, state, received_at, due, open from request',
  task: 'select id, request, subject, system, open, due_at from task where request is not null',
  dossier: 'select * from dossier',
  amendment: 'select * from amendment',
  general: 'select * from general',
  disposal: 'select id, subject, body, answered from disposal',
  forgotten: 'select * from forgotten',
  service_event: 'select id, type, time, subject, data from service_event',
};

/**
 * Builds the service's database from the ledger's log, as far as it is there: requests and their clocks go on. Open tasks wait to be settled by hand, for
 * by what the person is known is lost; systems are known by what they were asked before, until they are registered again.
 */
export async function restoreRequests({ entries, onProgress, ...options }: RestoreOptions & { keys: KeyProvider }): Promise<Restored> {
  let log!: WithholdingLog;
  const requests = await Requests.prepare({ ...UNASKED, publicUrl: '', ...options }, (pool) => (log = new WithholdingLog(pool)));
  const consumer = new RequestsConsumer(requests);
  const ended: SealedEvent[] = [];
  try {
    return await restoreFromLog({
      group: GROUP,
      source: REQUESTS_SOURCE,
      pool: requests.pool,
      entries,
      streamOf: streams(),
      handle: async (events, tx) => {
        await consumer.keep(events, new SealedBatchContext([tx]));
        ended.push(...events.filter(({ entry }) => entry.type === 'attesta.disposal.completed.v1' && entry.data.request !== undefined));
      },
      finish: async (tx) => {
        // That nobody was to be asked of a disposal was found without knowing the systems.
        log.release();
        await restoreSystems(tx);
        await askAnew(tx);
        await requests.refreshPolicy();
        await restoreRows(tx, requests);
        const before = await sizeIn(tx);
        await requests.disposals.keep(tx, ended);
        return (await sizeIn(tx)) - before;
      },
      onProgress,
    });
  } finally {
    await requests.close();
  }
}

/** The stream of each event, in order. What follows from a request's event (a consent, an objection) names no request: its id tells which. */
function streams(): (entry: Entry) => string {
  const said = new Map<string, number>();
  const ofSubject = new Map<string, string[]>();
  return ({ id, type, subject, data }) => {
    if (type.startsWith('attesta.disposal.')) return DISPOSALS;
    const isNext = (request: string) => uuidOf(`${streamOf(request)}\n${said.get(request) ?? 0}`) === id;
    const request = (data.request as string | undefined) ?? ofSubject.get(subject?.id ?? '')?.find(isNext);
    if (request === undefined || type === 'attesta.access.recorded.v1') return 'access';
    if (!isNext(request))
      throw new Error(`Event ${said.get(request) ?? 0} of request ${request} is not in the log: the ledger refused it.`);
    if (!said.has(request) && subject) ofSubject.set(subject.id, [...(ofSubject.get(subject.id) ?? []), request]);
    said.set(request, (said.get(request) ?? 0) + 1);
    return streamOf(request);
  };
}

/** Systems and recipients that were asked before, with what they were asked for, so that none is left out before it is registered again. */
async function restoreSystems(tx: pg.PoolClient): Promise<void> {
  await tx.query(
    `insert into system (id, body)
     select system, jsonb_build_object('id', system, 'title', system, 'source', '//restored.invalid/' || system,
              'categories', jsonb_agg(distinct category), 'kinds', jsonb_agg(distinct kind))
       from (select data->>'system' as system, data->>'kind' as kind, jsonb_array_elements_text(data->'categories') as category
               from service_event where type = 'attesta.request.task-issued.v1'
             union
             select a->>'system', 'erasure', jsonb_array_elements_text(d.body->'categories')
               from service_event e, jsonb_array_elements(e.data->'acknowledgements') a, disposal d
              where e.type = 'attesta.disposal.systems-answered.v1' and d.id::text = e.data->>'disposal') asked
      group by system`,
  );
}

/** Systems are asked again of every disposal of which they have not answered. */
const askAnew = (tx: pg.PoolClient) =>
  tx.query(
    `update disposal set asked = said.told, answered = said.told from (
       select d.id, exists (select 1 from service_event e where e.type = 'attesta.disposal.systems-answered.v1' and e.data->>'disposal' = d.id::text) as told
         from disposal d) said where said.id = disposal.id`,
  );

interface Said {
  stream: string;
  subject: string;
  type: string;
  time: Date;
  data: Record<string, unknown>;
}

/** Requests as their events make them, and their tasks. */
async function restoreRows(tx: pg.PoolClient, requests: Requests): Promise<void> {
  const { rows } = await tx.query<Said>(
    `select stream, subject, type, time, data from service_event where stream like 'request-%' order by stream, version`,
  );
  for (const said of grouped(rows)) {
    const id = said[0]!.stream.slice(streamOf('').length);
    let state: RequestState | undefined;
    for (const { type, time, data } of said) {
      if (!type.startsWith('attesta.request.')) continue;
      const { request: _request, ...rest } = data;
      state = evolve(state, { type, data: rest } as RequestEvent, time.getTime());
    }
    await insertRequest(tx, requests, { id, subject: said[0]!.subject, version: said.length, state: state! });
    for (const event of said) if (event.type === 'attesta.request.task-issued.v1') await insertTask(tx, id, event, state!);
  }
}

function* grouped(rows: readonly Said[]): Generator<Said[]> {
  for (let i = 0; i < rows.length;) {
    const from = i;
    while (i < rows.length && rows[i]!.stream === rows[from]!.stream) i++;
    yield rows.slice(from, i);
  }
}

async function insertRequest(
  tx: pg.PoolClient,
  { policy }: Requests,
  { id, subject, version, state }: { id: string; subject: string; version: number; state: RequestState },
): Promise<void> {
  const open = isOpen(state);
  await tx.query(
    `insert into request (id, subject, right_id, jurisdiction, status, version, state, received_at, due, look_at, open)
     values ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::float8 / 1000), $9, to_timestamp($10::float8 / 1000), $11)`,
    [
      ...[id, subject, state.right, state.jurisdiction, state.status, version, state, state.receivedAt],
      ...[(open ? deadlineOf(policy, state)?.overdueFrom : undefined) ?? null, nextLook(policy, state) ?? null, open],
    ],
  );
}

/** Without whom it is about: what is open is settled by hand. */
async function insertTask(tx: pg.PoolClient, request: string, { subject, time, data }: Said, state: RequestState): Promise<void> {
  const { task, system, kind, categories, due } = data as { task: string; system: string; kind: string; categories: string[]; due: string };
  const known = state.tasks[task];
  await tx.query(
    `insert into task (id, request, subject, system, body, open, issued_at, due_at, late) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      task,
      request,
      subject,
      system,
      { kind, categories },
      isOpen(state) && known !== undefined && known.outcome === undefined,
      time,
      due,
      known?.stuck === true,
    ],
  );
}

async function sizeIn(tx: pg.PoolClient): Promise<number> {
  const { rows } = await tx.query<{ size: string }>('select size from service_log_head');
  return Number(rows[0]!.size);
}

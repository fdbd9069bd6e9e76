import type { EventTypes } from '@attesta/events';
import type { SealedEvent } from '@attesta/transport';
import type pg from 'pg';
import type { Answer, OwnEvent, Status } from './disposal.decider.js';
import { lockDisposals, OpenDisposal, OWN, RETENTION_SOURCE, saveDisposals } from './disposal-store.js';
import { leaveNothing } from './forgetting.js';
import { distinct } from './grouping.js';
import type { Retention } from './retention.js';

/** A sealed event of a disposal: ours, the ledger's, or the requests service's. */
interface Arrived {
  disposal: string;
  position: number;
  id: string;
  subject: string;
  time: string;
  event: OwnEvent | Answer;
}

/** Brings answers to the disposals that wait for them, and what was said of disposals to a database that is older than the log. */
export async function takeDisposalEvents(tx: pg.PoolClient, retention: Retention, events: readonly SealedEvent[]): Promise<void> {
  const arrived = events.flatMap(arrivedIn);
  const elsewhere = await destroyedElsewhere(tx, events);
  if (arrived.length + elsewhere.length > 0) {
    const all = [...arrived, ...elsewhere].sort((a, b) => a.position - b.position);
    const disposals = await lockDisposals(tx, distinct(all.map(({ disposal }) => disposal)));
    for (const one of all) {
      let disposal = disposals.get(one.disposal);
      if (!disposal && one.event.type === 'attesta.disposal.started.v1') {
        disposal = new OpenDisposal(one.disposal, one.subject, undefined, 0, new Date(one.time));
        disposals.set(one.disposal, disposal);
      }
      if (!disposal) continue; // not ours
      const before = disposal.status;
      if (disposal.take(one.event, one.id, new Date(one.time))) await followOwn(tx, one, before);
    }
    await saveDisposals(tx, retention, disposals.values());
    await notePositions(tx, arrived);
  }
  // Last: what a disposal of ours has stays, marked, until its last word.
  await strikeDestroyed(tx, events);
}

/** What is done in the inventory when it is decided, done for a database that did not decide it. */
async function followOwn(
  tx: pg.PoolClient,
  { disposal, subject, position, time, event }: Arrived,
  before: Status | undefined,
): Promise<void> {
  const letGo = () => tx.query('update part set disposal = null where disposal = $1', [disposal]);
  switch (event.type) {
    case 'attesta.disposal.started.v1': {
      const { request, categories, classes, collectedUntil } = event.data;
      await tx.query(
        `update part set disposal = $1
          where subject = $2 and disposal is null and not held and (action <> 'review' or approved) and due_at <= $3 and position < $4
            and class = any($5) and collected_at <= $6 and ($7::text[] is null or categories <@ $7)`,
        [disposal, subject, time, position, classes, collectedUntil, request === undefined ? null : categories],
      );
      await tx.query('update erasure set started = true where disposal = $1', [disposal]);
      return;
    }
    case 'attesta.disposal.instructed.v1':
      if (before === 'started') await letGo();
      await tx.query(
        `update part set disposal = $1 from jsonb_array_elements($2::jsonb) m
          where part.position = (m->>'position')::bigint and part.part = (m->>'part')::int`,
        [disposal, JSON.stringify(event.data.parts)],
      );
      return;
    case 'attesta.disposal.completed.v1':
      if (before === 'started') await letGo();
      await tx.query('delete from part where disposal = $1', [disposal]);
      await leaveNothing(tx, [subject]);
      return;
    case 'attesta.disposal.abandoned.v1':
      await letGo();
      return;
    default:
  }
}

/** Keys that were destroyed for another reason need no answer any more: the ledger does not say twice that they are gone. */
async function destroyedElsewhere(tx: pg.PoolClient, events: readonly SealedEvent[]): Promise<Arrived[]> {
  const destructions = events.filter(({ entry }) => entry.type === 'attesta.key.destroyed.v1' && entry.subject);
  if (destructions.length === 0) return [];
  const { rows } = await tx.query<{ id: string; subject: string }>(
    `select id, subject from disposal where subject = any($1::uuid[]) and status = 'instructed'`,
    [destructions.map(({ entry }) => entry.subject!.id)],
  );
  return destructions.flatMap(({ position, entry }) => {
    const { keys, scope, basis } = entry.data as EventTypes['attesta.key.destroyed.v1'];
    const event = { type: 'attesta.key.destroyed.v1' as const, data: { keys: keys.map(({ key }) => key), scope } };
    return rows
      .filter(({ id, subject }) => subject === entry.subject!.id && basis !== `disposal/${id}`)
      .map(({ id, subject }) => ({ disposal: id, position, id: entry.id, subject, time: entry.time, event }));
  });
}

/** Values whose key or ciphertext is gone are gone from the inventory, whoever destroyed them; what the ledger was told to destroy, with the last word. */
async function strikeDestroyed(tx: pg.PoolClient, events: readonly SealedEvent[]): Promise<void> {
  const keys = events.flatMap(({ entry }) =>
    entry.type === 'attesta.key.destroyed.v1' ? (entry.data as EventTypes[typeof entry.type]).keys : [],
  );
  if (keys.length > 0) {
    const values = [keys.map(({ subject }) => subject), keys.map(({ key }) => key)];
    const named = 'unnest($1::uuid[], $2::text[]) k (subject, key) where part.subject = k.subject and part.key = k.key';
    await tx.query(
      `delete from part using ${named} and not exists (select 1 from disposal d where d.id = part.disposal and d.status = 'instructed')`,
      values,
    );
    await tx.query(`update part set removed = true from ${named}`, values);
  }
  const parts = events.flatMap(({ entry }) =>
    entry.type === 'attesta.ciphertext.removed.v1' ? (entry.data as EventTypes[typeof entry.type]).parts : [],
  );
  if (parts.length === 0) return;
  await tx.query(
    `update part set removed = true from unnest($1::bigint[], $2::int[]) m (position, part)
      where part.position = m.position and part.part = m.part`,
    [parts.map(({ position }) => position), parts.map(({ part }) => part)],
  );
}

/** Certificates are made of these. */
async function notePositions(tx: pg.PoolClient, arrived: readonly Arrived[]): Promise<void> {
  await tx.query(
    `update disposal set heard = heard + n.own, positions = disposal.positions || n.positions, destroyed = disposal.destroyed || n.destroyed
       from (select id, array_agg(position order by position) as positions, count(*) filter (where own) as own,
                    coalesce(array_agg(position order by position) filter (where destroys), '{}') as destroyed
               from unnest($1::uuid[], $2::bigint[], $3::boolean[], $4::boolean[]) p (id, position, destroys, own) group by id) n
      where disposal.id = n.id`,
    [
      arrived.map(({ disposal }) => disposal),
      arrived.map(({ position }) => position),
      arrived.map(({ event }) => event.type === 'attesta.key.destroyed.v1'),
      arrived.map(({ event }) => OWN.test(event.type)),
    ],
  );
}

const ANSWERS = new Set(['attesta.key.closed.v1', 'attesta.disposal.systems-answered.v1', 'attesta.ciphertext.removed.v1']);

function arrivedIn({ position, entry }: SealedEvent): Arrived[] {
  const { type, id, source, time, subject } = entry;
  if (!subject) return [];
  const common = { position, id, subject: subject.id, time };
  if (type === 'attesta.key.destroyed.v1') {
    const { basis, keys, scope } = entry.data as EventTypes[typeof type];
    const [, disposal] = /^disposal\/([0-9a-f-]{36})$/.exec(basis ?? '') ?? [];
    return disposal === undefined ? [] : [{ ...common, disposal, event: { type, data: { keys: keys.map(({ key }) => key), scope } } }];
  }
  if (!ANSWERS.has(type) && !(OWN.test(type) && source === RETENTION_SOURCE)) return [];
  const { disposal, ...data } = entry.data as { disposal: string } & Record<string, unknown>;
  return [{ ...common, disposal, event: { type, data } as OwnEvent | Answer }];
}

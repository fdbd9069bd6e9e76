import type { EventTypes } from '@attesta/events';
import type { SealedEvent } from '@attesta/transport';
import type pg from 'pg';
import type { Answer, OwnEvent } from './disposal.decider.js';
import { lockDisposals, OpenDisposal, RETENTION_SOURCE, saveDisposals } from './disposal-store.js';
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
  await strikeDestroyed(tx, events);
  const arrived = events.flatMap(arrivedIn);
  if (arrived.length === 0) return;
  const disposals = await lockDisposals(tx, [...new Set(arrived.map(({ disposal }) => disposal))]);
  for (const one of arrived) {
    let disposal = disposals.get(one.disposal);
    if (!disposal && one.event.type === 'attesta.disposal.started.v1') {
      disposal = new OpenDisposal(one.disposal, one.subject, undefined, 0, new Date(one.time), []);
      disposals.set(one.disposal, disposal);
    }
    if (!disposal) continue; // not ours
    if (disposal.take(one.event, one.id)) await followOwn(tx, one);
  }
  await saveDisposals(tx, retention, disposals.values());
  await notePositions(tx, arrived);
}

/** What is done in the inventory when it is decided, done for a database that did not decide it. */
async function followOwn(tx: pg.PoolClient, { disposal, event }: Arrived): Promise<void> {
  switch (event.type) {
    case 'attesta.disposal.instructed.v1':
      await tx.query(
        `update part set disposal = $1 from jsonb_array_elements($2::jsonb) m
          where part.position = (m->>'position')::bigint and part.part = (m->>'part')::int`,
        [disposal, JSON.stringify(event.data.parts)],
      );
      return;
    case 'attesta.disposal.completed.v1':
      await tx.query('delete from part where disposal = $1', [disposal]);
      return;
    case 'attesta.disposal.abandoned.v1':
      await tx.query('update part set disposal = null where disposal = $1', [disposal]);
      return;
    default:
  }
}

/** Values whose key or ciphertext is gone are gone from the inventory, whoever destroyed them. */
async function strikeDestroyed(tx: pg.PoolClient, events: readonly SealedEvent[]): Promise<void> {
  const keys = events.flatMap(({ entry }) =>
    entry.type === 'attesta.key.destroyed.v1' ? (entry.data as EventTypes[typeof entry.type]).keys : [],
  );
  if (keys.length > 0) {
    const values = [keys.map(({ subject }) => subject), keys.map(({ key }) => key)];
    const named = 'from unnest($1::uuid[], $2::text[]) k (subject, key) where part.subject = k.subject and part.key = k.key';
    await tx.query(`update part set removed = true ${named} and part.disposal is not null`, values);
    await tx.query(
      `delete from part using unnest($1::uuid[], $2::text[]) k (subject, key)
      where part.subject = k.subject and part.key = k.key and part.disposal is null`,
      values,
    );
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
      arrived.map(({ event }) => OWN.has(event.type)),
    ],
  );
}

const OWN = new Set([
  'attesta.disposal.started.v1',
  'attesta.disposal.instructed.v1',
  'attesta.disposal.abandoned.v1',
  'attesta.disposal.completed.v1',
]);
const ANSWERS = new Set(['attesta.key.closed.v1', 'attesta.disposal.systems-answered.v1', 'attesta.ciphertext.removed.v1']);

function arrivedIn({ position, entry }: SealedEvent): Arrived[] {
  const { type, id, source, time, subject } = entry;
  if (!subject) return [];
  const common = { position, id, subject: subject.id, time };
  if (type === 'attesta.key.destroyed.v1') {
    const { basis, keys } = entry.data as EventTypes[typeof type];
    const [, disposal] = /^disposal\/([0-9a-f-]{36})$/.exec(basis ?? '') ?? [];
    return disposal === undefined ? [] : [{ ...common, disposal, event: { type, data: { keys: keys.map(({ key }) => key) } } }];
  }
  if (!ANSWERS.has(type) && !(OWN.has(type) && source === RETENTION_SOURCE)) return [];
  const { disposal, ...data } = entry.data as { disposal: string } & Record<string, unknown>;
  return [{ ...common, disposal, event: { type, data } as OwnEvent | Answer }];
}

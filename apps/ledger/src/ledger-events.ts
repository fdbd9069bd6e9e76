import type { CloudEvent } from '@attesta/events';
import { uuidOf } from '@attesta/event-log';
import type { Erasure, ErasedPart } from '@attesta/vault';
import { keyOf } from './prepare.js';
import type { Sealer } from './sealer.js';
import type pg from 'pg';

/** CloudEvents source of what the ledger itself reports. */
export const LEDGER_SOURCE = '//attesta/ledger';

/** What the ledger says of a disposal has an id of its own, so that saying it again seals it once. */
export const closedId = (disposal: string): string => uuidOf(`closed\n${disposal}`);
export const destroyedId = (instruction: string): string => uuidOf(`destroyed\n${instruction}`);
export const removedId = (instruction: string): string => uuidOf(`removed\n${instruction}`);

export function keysClosed(disposal: string, subject: string, keys: string[], fence: number, time: string): CloudEvent {
  return event(closedId(disposal), 'attesta.key.closed.v1', time, { subject, data: { disposal, keys, fence } });
}

/** What an erasure leaves to be told: destroyed keys, and ciphertexts removed though their key lives on. */
export function tellingOf({ id, at, subject, keys, scope, reason, actor, disposal, removal, parts = [] }: Erasure): CloudEvent[] {
  const events: CloudEvent[] = [];
  if (keys.length > 0 || scope === 'subject') {
    const data = { keys: keys.map((key) => ({ subject, key })), scope, reason, method: 'crypto-shredding' };
    events.push(
      event(id, 'attesta.key.destroyed.v1', at, {
        subject,
        ...(actor !== undefined && { actor }),
        data: { ...data, ...(disposal !== undefined && { basis: `disposal/${disposal}` }) },
      }),
    );
  }
  if (disposal !== undefined && removal !== undefined && parts.length > 0) {
    const data = { disposal, parts: parts.map(named), method: 'ciphertext-removal' };
    events.push(event(removal, 'attesta.ciphertext.removed.v1', at, { subject, data }));
  }
  return events;
}

export function erasuresReplayed(
  id: string,
  time: string,
  data: { database: string; people: number; keys: number; ciphertexts: number },
): CloudEvent {
  return event(id, 'attesta.erasures.replayed.v1', time, { data });
}

/** Which of these events of ours the log holds, by id. */
export async function sealedAlready(pool: pg.Pool, ids: readonly string[]): Promise<Set<string>> {
  const keys = ids.map((id) => Buffer.from(keyOf(LEDGER_SOURCE, id), 'latin1').toString('hex'));
  const { rows } = await pool.query<{ o: number }>(
    'select o::int from unnest($1::uuid[]) with ordinality k(key, o) join entry e on e.key = k.key',
    [keys],
  );
  return new Set(rows.map(({ o }) => ids[o - 1]!));
}

/** @returns positions by event id. @throws Error when one is refused */
export async function sealOwn(sealer: Sealer, events: CloudEvent[]): Promise<Map<string, number>> {
  if (events.length === 0) return new Map();
  const receipts = await sealer.submit(events, { transport: 'internal' });
  const refused = receipts.find(({ position }) => position === undefined);
  if (refused) throw new Error(`an event of the ledger was refused: ${refused.problems?.map(({ code }) => code).join(', ')}`);
  return new Map(receipts.map(({ id, position }) => [id, position!]));
}

const named = ([position, part]: ErasedPart) => ({ position, part });

const event = (id: string, type: string, time: string, rest: Pick<CloudEvent, 'data'> & Partial<CloudEvent>): CloudEvent => ({
  specversion: '1.0',
  id,
  source: LEDGER_SOURCE,
  type,
  time,
  ...rest,
});

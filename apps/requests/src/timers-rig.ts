import { randomUUID } from 'node:crypto';
import type { LoggedEvent } from '@attesta/event-log';
import { PostgresFeed } from '@attesta/transport';
import type { Command } from './request.decider.js';
import { received } from './request.decider.js';
import { OpenRequest } from './request-store.js';
import type { RequestsRig } from './requests-rig.js';
import { Requests } from './requests.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What requests ask for in turn: different clocks, and none. */
const KINDS = [
  ['access', 'th-pdpa'],
  ['access', 'eu-gdpr'],
  ['erasure', 'th-pdpa'],
  ['erasure', 'eu-gdpr'],
  ['rectification', 'th-pdpa'],
  ['rectification', 'eu-gdpr'],
  ['portability', 'eu-gdpr'],
  ['restriction', 'eu-gdpr'],
  ['portability', 'th-pdpa'],
] as const;

/** Another process on the rig's database. */
export const another = (rig: RequestsRig): Promise<Requests> =>
  Requests.open({ ...rig.requests.options, feed: new PostgresFeed(rig.ledger) });

/**
 * Makes requests as the service does, received within the two months before the rig's time, a part of them waiting for proof, verified, extended or
 * ended. Every tenth is decided on; the others are its likenesses under ids of their own, which the database makes faster.
 * @param count a multiple of ten
 */
export async function makeRequests(rig: RequestsRig, count: number): Promise<void> {
  const now = rig.time;
  const ids = Array.from({ length: count / LIKE }, () => randomUUID());
  await rig.requests.transact(async (tx) => {
    for (const [n, id] of ids.entries()) {
      const [right, jurisdiction] = kindOf(n);
      const subject = randomUUID();
      const at = now.getTime() - Math.floor((n * 61 * DAY) / ids.length);
      await tx.query(
        `insert into request (id, subject, right_id, jurisdiction, status, version, state, received_at, open)
         values ($1, $2, $3, $4, 'initiated', 0, '{}', now(), true)`,
        [id, subject, right, jurisdiction],
      );
      const request = new OpenRequest(rig.requests, rig.requests.policy, id, subject, 0, undefined);
      request.say(received({ right, jurisdiction, channel: 'form', language: 'en' }), at, undefined);
      for (const { command, after } of lifeOf(n, at)) {
        rig.time = new Date(at + after);
        request.decide(command, 'dpo-7');
      }
      await request.save(tx);
    }
    rig.time = now;
    for (let like = 1; like < LIKE; like++) await tx.query(LIKENESS, [ids, ids.map(() => randomUUID()), ids.map(() => randomUUID())]);
    await tx.query('update service_log_head set size = (select count(*) from service_event)');
    await tx.query('analyze');
  });
}

const LIKE = 10;
/** $1: of these requests, $2: the ids of their likenesses, $3: whose they are. */
const LIKENESS = `
with likeness as (select * from unnest($1::uuid[], $2::uuid[], $3::uuid[]) l(id, new_id, new_subject)), row as (
  insert into request (id, subject, right_id, jurisdiction, status, version, state, received_at, due, look_at, open)
  select new_id, new_subject, right_id, jurisdiction, status, version, state, received_at, due, look_at, open from request join likeness using (id))
insert into service_event (position, stream, version, id, type, time, subject, actor, data)
select (select count(*) from service_event) - 1 + row_number() over (order by new_id, version), 'request-' || new_id, version, gen_random_uuid(), type,
       time, new_subject, actor, data || jsonb_build_object('request', new_id)
  from service_event join likeness on stream = 'request-' || likeness.id::text`;

const kindOf = (n: number) => KINDS[n % KINDS.length] ?? KINDS[0];

/** What happened to the n-th request on the day it came. */
function lifeOf(n: number, at: number): { command: Command; after: number }[] {
  const life: { command: Command; after: number }[] = [
    { command: { kind: 'acknowledge' }, after: 0 },
    { command: { kind: 'require', justification: 'identity-verification' }, after: 0 },
  ];
  const [right, jurisdiction] = kindOf(n);
  if (n % 4 !== 0) life.push({ command: { kind: 'verify-identity', method: 'documents' }, after: (n % 20) * HOUR });
  if (n % 7 === 0 && jurisdiction === 'eu-gdpr') {
    const until = new Date(at + 45 * DAY).toISOString();
    life.push({ command: { kind: 'extend', until, reason: 'The archive is on paper.' }, after: 21 * HOUR });
  }
  if (n % 50 === 49 && right !== 'access') life.push({ command: { kind: 'withdraw' }, after: 22 * HOUR });
  return life;
}

/**
 * When a request is too late, from its log alone and in plain arithmetic: every clock of the policy counts days in Bangkok, which is seven hours ahead
 * of UTC the whole year. Undefined: no clock, not begun, or ended.
 * @returns milliseconds
 */
export function dueByLog(history: readonly LoggedEvent[]): number | undefined {
  const first = history[0];
  const { right, jurisdiction } = first?.data as { right: string; jurisdiction: string };
  let begun = Date.parse(first?.time ?? '');
  // A month in the other jurisdiction.
  const days = jurisdiction === 'eu-gdpr' ? undefined : right === 'erasure' ? 90 : 30;
  if (right === 'rectification' && jurisdiction === 'th-pdpa') {
    const proved = history.find(({ type }) => type === 'attesta.request.identity-verified.v1');
    if (!proved) return undefined;
    begun = Date.parse(proved.time);
  }
  if (history.some(({ type }) => /(?:rejected|fulfilled)\.v1$/.test(type))) return undefined;
  const announced = history.findLast(({ type }) => type === 'attesta.request.delayed.v1');
  if (announced) return Date.parse((announced.data as { due: string }).due);
  const day = new Date(begun + 7 * HOUR);
  const [year, month, date] = [day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate()];
  const inMonth = Math.min(date, new Date(Date.UTC(year, month + 2, 0)).getUTCDate());
  const last = days === undefined ? Date.UTC(year, month + 1, inMonth) : Date.UTC(year, month, date + days);
  return last + DAY - 7 * HOUR;
}

/**
 * What must have been said of the deadlines of a request that was looked at at `ticks`: each warning once that a look fell into, and each deadline once
 * that was found missed. A command looks too, before it changes anything.
 */
export function expectedOf(history: readonly LoggedEvent[], ticks: readonly number[]): string[] {
  const said: string[] = [];
  const changes = history.flatMap(({ type }, i) => (MOVES.test(type) ? [i] : []));
  for (const [nth, i] of changes.entries()) {
    const due = dueByLog(history.slice(0, i + 1));
    if (due === undefined) continue;
    const from = Date.parse(history[i]?.time ?? '');
    const next = history[changes[nth + 1] ?? history.length];
    const to = next ? Date.parse(next.time) : Infinity;
    const looks = ticks.filter((at) => at >= from && at < to);
    if (next) looks.push(to);
    for (const [before, ahead] of [
      ['P7D', 7 * DAY],
      ['P1D', DAY],
    ] as const) {
      if (looks.some((at) => at >= due - ahead && at < due)) said.push(`${before} ${due}`);
    }
    if (looks.some((at) => at >= due)) said.push(`missed ${due}`);
  }
  return [...new Set(said)].sort();
}

/** Events that move a deadline, or end it. */
const MOVES = /(?:request\.received|identity-verified|delayed|rejected|fulfilled)\.v1$/;

/** What was said of deadlines, as `expectedOf` writes it. */
export const saidOf = (history: readonly LoggedEvent[]): string[] =>
  history
    .flatMap(({ type, data }) => {
      const { before, due } = data as { before?: string; due?: string };
      if (type === 'attesta.request.warned.v1') return [`${before} ${Date.parse(due ?? '')}`];
      return type === 'attesta.request.overdue.v1' ? [`missed ${Date.parse(due ?? '')}`] : [];
    })
    .sort();

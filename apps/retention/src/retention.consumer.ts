import { partsOf, occurrenceOf } from '@attesta/disposal';
import { forgottenIn, type EventTypes } from '@attesta/events';
import { amends } from '@attesta/policy';
import { forgottenAmong, noteForgotten } from '@attesta/service-kit';
import { OnSealedBatch, SealedBatchContext, type SealedEvent } from '@attesta/transport';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type pg from 'pg';
import { takeDisposalEvents } from './disposal-feed.js';
import { RETENTION_SOURCE } from './disposal-store.js';
import { noteErasures } from './erasures.js';
import { forget } from './forgetting.js';
import { distinct } from './grouping.js';
import { insertHold, releaseHold, scopeOf } from './holds.js';
import { closeAccounts } from './minors.js';
import { addParts, noteHolds, partsAt, partsOfPeople, replan } from './planner.js';
import { GROUP, Retention } from './retention.js';
import { noteReview } from './reviews.js';

const ACTIVITY = new Set(['attesta.collection.recorded.v1', 'attesta.use.recorded.v1', 'attesta.disclosure.recorded.v1']);

/** Keeps the inventory and what retention is counted from, in the transaction that moves the cursor. */
@Controller()
export class RetentionConsumer {
  constructor(@Inject(Retention) private readonly retention: Retention) {}

  @OnSealedBatch(GROUP)
  async keep(@Payload() events: SealedEvent[], @Ctx() context: SealedBatchContext): Promise<void> {
    for (const run of runsOf(events)) await this.keepRun(context.getTx(), run);
    this.retention.wake();
  }

  private async keepRun(tx: pg.PoolClient, events: SealedEvent[]): Promise<void> {
    const gone = events.flatMap(({ entry, position }) => forgottenIn(entry).map((subject) => ({ subject, position })));
    if (gone.length > 0) await noteForgotten(tx, gone);
    await this.learnPolicy(tx, events);
    const { policy } = this.retention;
    const parts = events.flatMap(({ position, entry }) => partsOf(policy, position, entry));
    await addParts(tx, parts);
    await this.holdsOf(tx, events);
    const concerned = await this.learn(tx, events);
    const positions = distinct(parts.map(({ position }) => position));
    if (positions.length > 0) await noteHolds(tx, 'part.position = any($1::bigint[])', [positions]);
    const planned = new Map(
      [...(await partsAt(tx, positions)), ...(await partsOfPeople(tx, [...concerned], true))].map((one) => [
        `${one.position} ${one.part}`,
        one,
      ]),
    );
    await replan(tx, policy, [...planned.values()], this.retention.now().getTime());
    await takeDisposalEvents(tx, this.retention, events);
    await closeAccounts(tx, this.retention, events);
    if (gone.length > 0)
      await forget(
        tx,
        gone.map(({ subject }) => subject),
      );
  }

  private async learnPolicy(tx: pg.PoolClient, events: SealedEvent[]): Promise<void> {
    const amendments = events.filter(({ entry }) => amends(entry.type));
    for (const { position, entry } of amendments) {
      await tx.query('insert into amendment (position, type, time, data) values ($1, $2, $3, $4) on conflict do nothing', [
        position,
        entry.type,
        entry.time,
        entry.data,
      ]);
    }
    if (amendments.length > 0) await this.retention.refreshPolicy(tx);
  }

  /** @returns people whose whole inventory has to be planned anew */
  private async learn(tx: pg.PoolClient, events: SealedEvent[]): Promise<Set<string>> {
    const { policy } = this.retention;
    const told = await this.ofTheLiving(tx, events);
    const rows = told.flatMap(({ position, entry }) => {
      const occurrence = occurrenceOf(policy, entry);
      return occurrence ? [{ position, subject: entry.subject?.id ?? null, ...occurrence }] : [];
    });
    if (rows.length > 0)
      await tx.query(
        `insert into occurrence (position, subject, trigger_id, state, at, categories, purposes, channels, collected_until)
       select (o->>'position')::bigint, (o->>'subject')::uuid, o->>'trigger', o->>'state', to_timestamp((o->>'at')::float8 / 1000),
              ${ARRAY('categories')}, ${ARRAY('purposes')}, ${ARRAY('channels')}, to_timestamp((o->>'collectedUntil')::float8 / 1000)
         from jsonb_array_elements($1::jsonb) o on conflict do nothing`,
        [JSON.stringify(rows)],
      );
    if (rows.some(({ subject }) => subject === null)) await this.retention.replanning.begin(tx);
    const people = new Set(rows.flatMap(({ subject }) => (subject === null ? [] : [subject])));
    for (const subject of await this.learnTies(tx, told)) people.add(subject);
    for (const subject of await this.learnActivity(tx, told)) people.add(subject);
    await noteErasures(tx, events);
    if (people.size === 0) return people;
    const { rows: tied } = await tx.query<{ identity: string }>('select distinct identity from tie where person = any($1::uuid[])', [
      [...people],
    ]);
    for (const { identity } of tied) people.add(identity);
    return people;
  }

  private async learnTies(tx: pg.PoolClient, events: SealedEvent[]): Promise<string[]> {
    const ties = events.flatMap(({ position, entry: { type, subject, data } }) => {
      const linked = type === 'attesta.identifier.linked.v1';
      if (!subject || (!linked && type !== 'attesta.identifier.unlinked.v1')) return [];
      const [related] = (data as EventTypes['attesta.identifier.linked.v1']).related;
      return related ? [{ position, person: subject.id, identity: related.subject, linked }] : [];
    });
    if (ties.length === 0) return [];
    await tx.query(
      `insert into tie (position, person, identity, linked) select * from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::boolean[])
       on conflict do nothing`,
      [ties.map((tie) => tie.position), ties.map((tie) => tie.person), ties.map((tie) => tie.identity), ties.map((tie) => tie.linked)],
    );
    return ties.map(({ identity }) => identity);
  }

  private async learnActivity(tx: pg.PoolClient, events: SealedEvent[]): Promise<string[]> {
    const latest = new Map<string, number>();
    for (const { entry } of events) {
      if (!entry.subject || !ACTIVITY.has(entry.type)) continue;
      const at = Date.parse(entry.time);
      if (at > (latest.get(entry.subject.id) ?? -Infinity)) latest.set(entry.subject.id, at);
    }
    if (latest.size === 0) return [];
    await tx.query(
      `insert into activity (subject, at) select s, to_timestamp(a / 1000) from unnest($1::uuid[], $2::float8[]) n (s, a) order by s
       on conflict (subject) do update set at = greatest(activity.at, excluded.at)`,
      [[...latest.keys()], [...latest.values()]],
    );
    return this.retention.policy.retention.some(({ trigger }) => trigger === 'last-activity') ? [...latest.keys()] : [];
  }

  /** Our own, as they come back: nothing new, but for a database that is older than the log. */
  private async holdsOf(tx: pg.PoolClient, events: SealedEvent[]): Promise<void> {
    for (const { entry } of events) {
      if (entry.source !== RETENTION_SOURCE) continue;
      const at = new Date(entry.time);
      const subject = entry.subject?.id;
      if (entry.type === 'attesta.hold.placed.v1') {
        const data = entry.data as EventTypes[typeof entry.type];
        await insertHold(tx, { subject, ...data }, at, entry.actor);
        await noteHolds(tx, ...scopeOf({ subject: subject ?? null, ...data }));
      } else if (entry.type === 'attesta.hold.released.v1') {
        const { hold, reason } = entry.data as EventTypes[typeof entry.type];
        await releaseHold(tx, hold, at, reason, entry.actor);
        const held = await this.retention.holds.find(tx, hold);
        if (held) await noteHolds(tx, ...scopeOf(held));
      } else if (entry.type === 'attesta.retention.reviewed.v1' && subject !== undefined) {
        await noteReview(tx, subject, entry.data as EventTypes[typeof entry.type], at);
      }
    }
  }

  /** Nothing more is learnt of whoever was forgotten before. */
  private async ofTheLiving(tx: pg.PoolClient, events: SealedEvent[]): Promise<SealedEvent[]> {
    const forgotten = await forgottenAmong(
      tx,
      events.flatMap(({ entry }) => entry.subject?.id ?? []),
    );
    const since = ({ entry }: SealedEvent) => (entry.subject && forgotten.get(entry.subject.id)) ?? Infinity;
    return events.filter((event) => event.position < since(event));
  }
}

/** Reviews are about what is due when they come: everything before is planned by then. */
function runsOf(events: SealedEvent[]): SealedEvent[][] {
  const runs: SealedEvent[][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    if (run && event.entry.type !== 'attesta.retention.reviewed.v1') run.push(event);
    else runs.push([event]);
  }
  return runs;
}

const ARRAY = (field: string) =>
  `case when jsonb_typeof(o->'${field}') = 'array' then array(select jsonb_array_elements_text(o->'${field}')) end`;

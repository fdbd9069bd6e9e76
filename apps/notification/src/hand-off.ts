import type { Decision } from '@attesta/decisions';
import type { NewEvent } from '@attesta/event-log';
import { endOfDuration } from '@attesta/policy';
import { forgottenAmong, Pace } from '@attesta/service-kit';
import { isTransient } from '@attesta/transport';
import type pg from 'pg';
import { NotCarried } from './carrier.js';
import type { Body } from './due.js';
import { leaveNothing } from './forgetting.js';
import { expire, expiredBefore, giveUp, takeOver } from './given-up.js';
import { handedOff, type Ready } from './handed-off-event.js';
import { LEFT, type MessageRow, type Suppression } from './messages.js';
import type { Notification } from './notification.js';
import { NOTIFICATION_SOURCE } from './source.js';
import { TemplateError, type MessageChannel, type Template, type Values, type Written } from './templates.js';
import { lockPeople } from './withdrawals.js';
import { Worker } from './worker.js';
import { valuesOf } from './words.js';

/** Messages handed off side by side, and groups of them: what a crash leaves in doubt is no more than both. */
const AT_ONCE = 25;
const GROUPS = 3;
/** After so long the rest of what is due has its turn: clocks, alerts, those who are to be told next. */
const TURN_MS = 2_000;

/** `at`: when the carrier had taken it, or had not. */
type Outcome = { ready: Ready; at: Date; error?: unknown };

/**
 * Hands messages off. A message is claimed first, and what became of it is written after: one whose process died in between was handed off or not, and
 * SMTP has no way to ask. Legal and transactional ones are handed off again under the same Message-ID; marketing is given up instead.
 */
export class HandOff {
  private readonly worker: Worker;
  private readonly pace: Pace | undefined;
  /** What became of groups while the database was away: it is written before anything else. */
  private readonly unwritten: (() => Promise<void>)[] = [];
  private stopped = false;

  constructor(private readonly notification: Notification) {
    const { messagesPerSecond } = notification.options;
    this.worker = new Worker(notification.options.databaseUrl);
    this.pace = messagesPerSecond === undefined ? undefined : new Pace(messagesPerSecond, () => performance.now());
  }

  open(): Promise<void> {
    return this.worker.open();
  }

  /** What is under way is finished; nothing more is begun. */
  stop(): void {
    this.stopped = true;
  }

  close(): Promise<void> {
    return this.worker.close();
  }

  async tick(): Promise<void> {
    await this.worker.open();
    for (const write of this.unwritten.splice(0)) await this.write(write);
    await takeOver(this.notification, this.worker.number);
    await expire(this.notification);
    // All of them end before this does: whatever is being handed off after it has no process.
    const until = performance.now() + TURN_MS;
    const ended = await Promise.allSettled(Array.from({ length: GROUPS }, () => this.handOffSome(until)));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
    if (performance.now() >= until) this.notification.wake();
  }

  private async handOffSome(until: number): Promise<void> {
    while (!this.stopped && this.worker.alive && performance.now() < until) {
      const most = this.pace ? this.pace.take(AT_ONCE) : AT_ONCE;
      if (most === 0) return;
      const claimed = await this.claim(most);
      this.pace?.giveBack(most - claimed.length);
      if (claimed.length === 0) return;
      await this.handOff(claimed);
    }
  }

  /** Answers go before everything else, and what everybody is told goes last. */
  private claim(most: number): Promise<MessageRow[]> {
    const now = this.notification.now();
    return this.notification.transact(async (tx) => {
      const { rows } = await tx.query<MessageRow>(
        `update message set status = 'handing', worker = $3, attempts = attempts + 1 where id in (
           select id from message where status = 'queued' and next_at <= $1 and greatest(queued_at, send_at) >= $4
             order by (wave is not null), next_at, id limit $2 for update skip locked)
         returning *`,
        [now, most, this.worker.number, expiredBefore(this.notification, now)],
      );
      return rows;
    });
  }

  private async handOff(claimed: readonly MessageRow[]): Promise<void> {
    const asked = this.notification.now();
    const { ready, suppressed, later } = await this.sort(claimed).catch((error: unknown) => {
      // Nobody can be asked now: nothing left, and all of it is tried again.
      this.notification.options.onError?.(error);
      return { ready: [], suppressed: [], later: [...claimed] };
    });
    const outcomes: Outcome[] = await Promise.all(
      ready.map(async (one): Promise<Outcome> => {
        try {
          await this.send(one);
          return { ready: one, at: this.notification.now() };
        } catch (error) {
          return { ready: one, at: this.notification.now(), error };
        }
      }),
    );
    const { number } = this.worker;
    await this.write(() => this.record(number, asked, outcomes, suppressed, later));
  }

  /** What left cannot be sent again because the database was away: then it is written later. */
  private async write(record: () => Promise<void>): Promise<void> {
    try {
      await record();
    } catch (error) {
      if (isTransient(error)) this.unwritten.push(record);
      throw error;
    }
  }

  /** Where each goes, and whether it may: asked as late as possible (notice clauses 4.7, 8.1). */
  private async sort(claimed: readonly MessageRow[]) {
    const { notification } = this;
    const suppressed: { row: MessageRow; why: Suppression }[] = [];
    const ready: Ready[] = [];
    const later: MessageRow[] = [];
    const forgotten = await forgottenAmong(
      notification.pool,
      claimed.flatMap(({ subject }) => subject ?? []),
    );
    const found = await this.notification.addresses.of(claimed, forgotten);
    const reachable = claimed.flatMap((row) => {
      const at = found.get(row.id)!;
      if ('to' in at) return [{ row: { ...row, channel: at.channel }, ...at }];
      suppressed.push({ row, why: { reason: row.subject !== null && forgotten.has(row.subject) ? 'forgotten' : at.none } });
      return [];
    });
    const stopped = await notification.stops.stopped(
      notification.pool,
      reachable.map(({ row }) => row).filter(({ kind }) => kind === 'marketing'),
    );
    const asked = reachable.filter(({ row }) => row.kind !== 'legal' && row.subject !== null);
    const decisions = asked.length === 0 ? [] : await this.decide(asked.map(({ row }) => row)).catch((error: unknown) => error);
    const decided = new Map(Array.isArray(decisions) ? (decisions as Decision[]).map((decision, i) => [asked[i]!.row.id, decision]) : []);
    if (!Array.isArray(decisions)) notification.options.onError?.(decisions);
    for (const { row, channel, to, ref, language } of reachable) {
      const event = stopped.get(row.id);
      const decision = decided.get(row.id);
      if (event !== undefined) {
        suppressed.push({ row, why: { reason: 'unsubscribed', withdrawal: { source: NOTIFICATION_SOURCE, id: event } } });
      } else if (row.kind !== 'legal' && row.subject !== null && decision === undefined) later.push(row);
      else if (decision?.decision === 'denied') suppressed.push({ row, why: denial(decision) });
      else if (row.send_at !== null && row.send_at > notification.now()) later.push(row);
      else {
        const written = await this.wordsOf(row, channel, language).catch((error: unknown) => error);
        if (isWritten(written))
          ready.push({ row, channel, to, ref, written, ...(decision?.consent && { consent: decision.consent.position ?? undefined }) });
        else later.push({ ...row, reason: written instanceof TemplateError ? 'unsendable' : null });
      }
    }
    return { ready, suppressed, later };
  }

  private decide(rows: readonly MessageRow[]): Promise<Decision[]> {
    const { rules } = this.notification;
    return this.notification.options.decide(
      rows.map(({ subject, purpose, channel, kind, basis }) => ({
        subject: subject!,
        operation: 'use',
        categories: [rules.addresses[channel!]!.category],
        purpose,
        channel: channel!,
        ...(kind === 'transactional' && { basis: basis ?? 'contract' }),
      })),
    );
  }

  private async wordsOf(row: MessageRow, channel: MessageChannel, language: string): Promise<Written> {
    const { notification } = this;
    const tongue = language.startsWith('th') ? 'th' : 'en';
    const common = row.wave === null ? {} : await notification.waves.bodyOf(row.wave, tongue);
    const personal =
      row.kek === null || row.box === null ? {} : await notification.strongbox.openJson<Body>(row.id, { kek: row.kek, box: row.box });
    const values = fitting(
      notification.templates.get(row.template)!,
      valuesOf(notification.policy, row.template, { ...common, ...row.body, ...personal }, tongue, row.request),
    );
    const { name, contact = 'Data Protection Officer', email, phone, address, url } = notification.policy.defaultController;
    const sender = {
      ...{ name, contact },
      ...{ ...(email && { email }), ...(phone && { phone }), ...(address && { address }), ...(url && { url }) },
      ...(row.kind === 'marketing' && { unsubscribe: notification.stops.urlOf(row.id) }),
    };
    return notification.templates.write(row.template, channel, language, values, sender);
  }

  private async send({ row, channel, to, written }: Ready): Promise<void> {
    const carrier = this.notification.options.carriers[channel];
    if (!carrier) throw new NotCarried(`No carrier takes ${channel} here.`, 'unreachable');
    const { subject, text, html, language } = written;
    await carrier.send({
      ...{ id: row.id, to, language, subject, text },
      ...(html !== undefined && { html }),
      ...(row.kind === 'marketing' && { unsubscribe: this.notification.stops.urlOf(row.id) }),
    });
  }

  /** What became of a group, in one transaction. */
  private record(
    worker: number,
    asked: Date,
    outcomes: readonly Outcome[],
    stopped: readonly { row: MessageRow; why: Suppression }[],
    put: readonly MessageRow[],
  ): Promise<void> {
    const { notification } = this;
    return notification.transact(async (tx) => {
      await lockPeople(
        tx,
        [...outcomes.map(({ ready }) => ready), ...stopped].flatMap(({ row }) => row.subject ?? []),
      );
      const { unsaid, ours } = await this.stillOpen(tx, worker, [
        ...outcomes.map(({ ready }) => ready.row),
        ...stopped.map(({ row }) => row),
        ...put,
      ]);
      const suppressed = stopped.filter(({ row }) => ours.has(row.id));
      const later = put.filter(({ id }) => ours.has(id));
      const left = outcomes
        .filter(({ ready, error }) => error === undefined && unsaid.has(ready.row.id))
        .map(({ ready, at }) => ({ ...ready, row: { ...ready.row, handed_off_at: at } }));
      await this.recordLeft(tx, left);
      const failed = outcomes.filter(({ ready, error }) => error !== undefined && ours.has(ready.row.id));
      for (const { ready, error } of failed) await this.notification.addresses.noteRefusal(tx, ready, error);
      const events = [
        ...(await this.putOff(tx, [
          ...failed.map(({ ready: { row }, error }) => ({ row, error })),
          ...later.map((row) => ({ row, error: row.reason === 'unsendable' ? new TemplateError('unsendable') : undefined })),
        ])),
        ...left.flatMap((one) => handedOff(one, notification.templates.get(one.row.template)!.version)),
      ];
      await notification.messages.suppress(tx, suppressed);
      await notification.withdrawals.caught(tx, left, asked);
      await leaveNothing(
        tx,
        [...left, ...suppressed].map(({ row }) => row),
      );
      await notification.say(tx, events);
    });
  }

  /**
   * Where this process was thought dead, another one took its messages over. Of what left, whoever knows it first says it; all else is said by
   * whose message it is now. @returns ids
   */
  private async stillOpen(tx: pg.PoolClient, worker: number, rows: readonly MessageRow[]) {
    const { rows: found } = await tx.query<{ id: string; ours: boolean; unsaid: boolean }>(
      `select id, status = 'handing' and worker = $2 as ours, status <> all($3) as unsaid from message where id = any($1::uuid[]) order by id for update`,
      [rows.map(({ id }) => id), worker, LEFT],
    );
    const idsOf = (which: 'ours' | 'unsaid') => new Set(found.filter((row) => row[which]).map(({ id }) => id));
    return { ours: idsOf('ours'), unsaid: idsOf('unsaid') };
  }

  private async recordLeft(tx: pg.PoolClient, left: readonly Ready[]): Promise<void> {
    if (left.length === 0) return;
    await tx.query(
      `update message set status = 'handed-off', handed_off_at = (m->>'at')::timestamptz, ended_at = null, channel = m->>'channel', version = m->>'version',
              fields = array(select jsonb_array_elements_text(m->'fields')), exposed = array(select jsonb_array_elements_text(m->'exposed')),
              consent = (m->>'consent')::bigint, address = m->>'ref', worker = null, next_at = null, reason = null, kek = null, box = null
         from jsonb_array_elements($1::jsonb) m where id = (m->>'id')::uuid`,
      [
        JSON.stringify(
          left.map(({ row, channel, written, consent, ref }) => ({
            ...{ id: row.id, at: row.handed_off_at, channel, consent, ref, fields: written.fields, exposed: written.exposed },
            version: this.notification.templates.get(row.template)!.version,
          })),
        ),
      ],
    );
  }

  /** What did not leave is tried again after a while, or given up. @returns what is to be said of it */
  private async putOff(tx: pg.PoolClient, rows: readonly { row: MessageRow; error: unknown }[]): Promise<NewEvent[]> {
    const { rules } = this.notification;
    const now = this.notification.now();
    const events: NewEvent[] = [];
    const givenUp: MessageRow[] = [];
    for (const { row, error } of rows) {
      const reason = reasonOf(row, error);
      const next = rules.retries[row.attempts - 1];
      // Where nobody could be asked nothing was tried. The officer is told in the end, of whoever else was not.
      const wait = error === undefined ? rules.retries[0] : (next ?? (row.recipient === 'officer' ? rules.retries.at(-1) : undefined));
      if (reason === 'unreachable' && wait !== undefined) {
        await tx.query(`update message set status = 'queued', worker = null, next_at = $2, attempts = attempts - $3 where id = $1`, [
          row.id,
          laterOf(row.send_at, new Date(endOfDuration(now.getTime(), wait))),
          error === undefined ? 1 : 0,
        ]);
        continue;
      }
      await tx.query(
        `update message set status = 'failed', worker = null, next_at = null, ended_at = $2, reason = $3, channel = coalesce(channel, $4) where id = $1`,
        [row.id, now, reason, row.channel],
      );
      events.push(await giveUp(this.notification, tx, row, reason, now));
      givenUp.push(row);
    }
    await leaveNothing(tx, [], givenUp);
    return events;
  }
}

/** Of marketing nobody knows to have left, none is sent twice. The officer's mail system takes it when it was mended. */
function reasonOf({ kind, recipient }: MessageRow, error: unknown): 'unsendable' | 'refused' | 'unreachable' | 'outcome-unknown' {
  if (error instanceof TemplateError) return 'unsendable';
  if (!(error instanceof NotCarried) || recipient === 'officer') return 'unreachable';
  return error.unsure && kind === 'marketing' ? 'outcome-unknown' : error.reason;
}

const laterOf = (one: Date | null, other: Date): Date => (one !== null && one > other ? one : other);

/** An event may tell more than a message says. */
const fitting = ({ fields }: Template, values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([field]) => Object.hasOwn(fields, field)));

const isWritten = (written: unknown): written is Written => typeof written === 'object' && written !== null && 'exposed' in written;

export const denial = ({ reasons }: Decision): Suppression => {
  const event = reasons.find((reason) => reason.event)?.event;
  return {
    reason: 'not-allowed',
    because: reasons.map(({ code }) => code),
    ...(event && { withdrawal: { source: event.source, id: event.id } }),
  };
};

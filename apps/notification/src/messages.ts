import { uuidOf, type NewEvent } from '@attesta/event-log';
import type { EventTypes } from '@attesta/events';
import { Problem } from '@attesta/service-kit';
import type { SealedEvent } from '@attesta/transport';
import type pg from 'pg';
import type { Body } from './due.js';
import type { Notification } from './notification.js';
import type { MessageChannel, MessageKind } from './templates.js';

export type Status = 'queued' | 'handing' | 'handed-off' | 'in-flight' | 'delivered' | 'bounced' | 'suppressed' | 'failed';
/** It left, whatever became of it. */
export const LEFT: readonly Status[] = ['handed-off', 'in-flight', 'delivered', 'bounced'];

/** What names an event: a message that it makes due is made once. */
export interface Cause {
  source: string;
  id: string;
}

export interface NewMessage {
  template: string;
  recipient: 'subject' | 'officer';
  subject?: string | undefined;
  request?: string | undefined;
  /** Without it whichever the person can be reached by. */
  channel?: MessageChannel | undefined;
  /** Without it the template's. */
  purpose?: string | undefined;
  /** The lawful basis of a transactional message. */
  basis?: string | undefined;
  language?: string | undefined;
  cause: Cause;
  body: Body;
  /** What it says that is, or may be, personal: kept encrypted. */
  personal?: Body | undefined;
  wave?: string | undefined;
  /** Not before then. */
  sendAt?: Date | undefined;
  /** When it became due; now, without it. */
  since?: Date | undefined;
}

/** A message as the database has it. */
export interface MessageRow {
  id: string;
  template: string;
  kind: MessageKind;
  purpose: string;
  channel: MessageChannel | null;
  recipient: 'subject' | 'officer';
  subject: string | null;
  request: string | null;
  language: string | null;
  cause_source: string;
  cause_id: string;
  body: Body;
  kek: string | null;
  box: Buffer | null;
  basis: string | null;
  wave: string | null;
  status: Status;
  queued_at: Date;
  send_at: Date | null;
  next_at: Date | null;
  attempts: number;
  version: string | null;
  fields: string[] | null;
  exposed: string[] | null;
  consent: string | null;
  address: string | null;
  handed_off_at: Date | null;
  ended_at: Date | null;
  reason: string | null;
}

/** Events by which a message is over. */
const OVER_BY: ReadonlySet<string> = new Set([
  'attesta.message.handed-off.v1',
  'attesta.message.suppressed.v1',
  'attesta.message.failed.v1',
]);

export const messageId = ({ cause, template, recipient, subject, channel }: NewMessage): string =>
  uuidOf(['message', cause.source, cause.id, template, recipient, subject ?? '', channel ?? ''].join('\n'));

/** The send log: what is to be said, and what became of it. */
export class Messages {
  constructor(private readonly notification: Notification) {}

  /**
   * Queues messages, each once. Those of a cause that is older than the policy lets anybody wait expire before they are handed off.
   * @returns ids of those that were not there before
   */
  async queue(tx: pg.PoolClient, wanted: readonly NewMessage[]): Promise<string[]> {
    if (wanted.length === 0) return [];
    const now = this.notification.now();
    const rows = await Promise.all(wanted.map((message) => this.rowOf(message, now)));
    const { rows: fresh } = await tx.query<{ id: string }>(
      `insert into message (id, template, kind, purpose, channel, recipient, subject, request, language, cause_source, cause_id, body, kek, box, basis, wave,
                            status, queued_at, send_at, next_at)
       select (m->>'id')::uuid, m->>'template', m->>'kind', m->>'purpose', m->>'channel', m->>'recipient', (m->>'subject')::uuid, (m->>'request')::uuid,
              m->>'language', m->>'source', m->>'cause', m->'body', m->>'kek', decode(m->>'box', 'base64'), m->>'basis', m->>'wave', 'queued',
              (m->>'at')::timestamptz, (m->>'sendAt')::timestamptz, coalesce((m->>'sendAt')::timestamptz, $2)
         from jsonb_array_elements($1::jsonb) m on conflict do nothing returning id`,
      [JSON.stringify(rows), now],
    );
    return fresh.map(({ id }) => id);
  }

  async find(db: Pick<pg.Pool, 'query'>, id: string): Promise<MessageRow | undefined> {
    const { rows } = await db.query<MessageRow>('select * from message where id = $1', [id]);
    return rows[0];
  }

  /** Ends messages that were not sent, and says so. @param why by message */
  async suppress(tx: pg.PoolClient, ended: readonly { row: MessageRow; why: Suppression }[]): Promise<void> {
    if (ended.length === 0) return;
    const now = this.notification.now();
    await tx.query(
      `update message set status = 'suppressed', ended_at = $3, reason = r, worker = null, next_at = null, kek = null, box = null
         from unnest($1::uuid[], $2::text[]) x(i, r) where id = i`,
      [ended.map(({ row }) => row.id), ended.map(({ why }) => why.reason), now],
    );
    await this.notification.say(
      tx,
      // Of everybody who cannot be reached the end of the wave gives the number; the website tells them.
      ended.filter(({ row, why }) => row.wave === null || why.reason !== 'no-address').map(({ row, why }) => suppressed(row, why, now)),
    );
    for (const { row, why } of ended)
      if (row.kind === 'legal' && row.wave === null && row.recipient === 'subject' && isUnreached(row, why))
        await this.notification.alerts.undelivered(tx, row, why.reason);
  }

  /**
   * Our own events as they come back sealed. A database that is older than the log, or was built from it, learns here what left and what was
   * suppressed, and does neither again. What it said itself it knows, and may have been told otherwise since: given up, and tried again.
   */
  async takeBack(tx: pg.PoolClient, events: readonly SealedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const { rows } = await tx.query<{ id: string }>('select id from service_event where id = any($1::uuid[])', [
      events.map(({ entry }) => entry.id),
    ]);
    const known = new Set(rows.map(({ id }) => id));
    for (const { entry } of events.filter((event) => !known.has(event.entry.id))) {
      const { type, subject, time } = entry;
      if (OVER_BY.has(type)) await this.dropForgotten(tx, entry);
      if (type === 'attesta.message.handed-off.v1') await this.noteLeft(tx, entry.data as EventTypes[typeof type], subject?.id, time);
      else if (type === 'attesta.message.suppressed.v1' || type === 'attesta.message.failed.v1') await this.noteEnded(tx, entry);
      else if (type === 'attesta.message.delivered.v1' || type === 'attesta.message.bounced.v1') await this.noteDelivery(tx, entry);
      else if (type === 'attesta.message.in-flight.v1') await this.noteInFlight(tx, entry);
      else if (type === 'attesta.notice-change.completed.v1') {
        const { version } = entry.data as EventTypes[typeof type];
        await tx.query(`update wave set state = 'completed', completed_at = $2 where id = $1 and state <> 'completed'`, [
          `notice:${version}`,
          time,
        ]);
      }
    }
  }

  /** What is said of forgotten people by another database has them waiting for nothing in this one. */
  private async dropForgotten(tx: pg.PoolClient, { data }: SealedEvent['entry']): Promise<void> {
    await tx.query(`delete from message m using forgotten f where m.id = $1 and f.subject = m.subject and m.status = 'queued'`, [
      (data as { message: string }).message,
    ]);
  }

  private async noteLeft(
    tx: pg.PoolClient,
    {
      message,
      template,
      channel,
      purpose,
      kind,
      cause,
      fields,
      exposed,
      language,
      queuedAt,
      attempts,
      templateVersion,
    }: EventTypes['attesta.message.handed-off.v1'],
    subject: string | undefined,
    at: string,
  ): Promise<void> {
    await tx.query(
      `insert into message (id, template, kind, purpose, channel, recipient, subject, language, cause_source, cause_id, body, status, queued_at, attempts, version,
                            fields, exposed, handed_off_at, wave)
       select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '{}', 'handed-off', $11, $12, $13, $14, $15, $16,
              (select id from wave w where w.cause_source = $9 and w.cause_id = $10 and w.template = $2)
        where not exists (select 1 from forgotten where subject = $7)
       on conflict (id) do update set status = 'handed-off', handed_off_at = excluded.handed_off_at, channel = excluded.channel, version = excluded.version,
             fields = excluded.fields, exposed = excluded.exposed, next_at = null, worker = null, ended_at = null, reason = null, kek = null, box = null
        where message.status in ('queued', 'handing', 'failed')`,
      [
        ...[message, template, kind, purpose, channel, subject === undefined ? 'officer' : 'subject', subject ?? null, language ?? null],
        ...[cause?.source ?? '', cause?.id ?? '', queuedAt ?? at, attempts ?? 1, templateVersion ?? null, fields ?? null, exposed, at],
      ],
    );
    // Whatever had been raised by then was in it.
    if (template === 'officer-alerts')
      await tx.query('update alert set message = $1 where message is null and at <= $2', [message, queuedAt ?? at]);
  }

  /** Of a message that this database does not know there is nothing left to send. */
  private async noteEnded(tx: pg.PoolClient, { type, subject, time, data }: SealedEvent['entry']): Promise<void> {
    const ended = data as EventTypes['attesta.message.suppressed.v1' | 'attesta.message.failed.v1'];
    const { message, template, channel, purpose, kind, cause, queuedAt, reason } = ended;
    const status: Status = type === 'attesta.message.failed.v1' ? 'failed' : 'suppressed';
    await tx.query(
      `insert into message (id, template, kind, purpose, channel, recipient, subject, cause_source, cause_id, body, status, queued_at, ended_at, reason, wave)
       select $1, $2, $3, $4, $5, $6, $7, $8, $9, '{}', $10, $11, $12, case $10 when 'failed' then 'unsendable' else $13 end,
              (select id from wave w where w.cause_source = $8 and w.cause_id = $9 and w.template = $2)
        where not exists (select 1 from forgotten where subject = $7)
       on conflict (id) do update set status = $10, ended_at = $12, reason = $13, next_at = null, worker = null,
             kek = case $10 when 'failed' then message.kek end, box = case $10 when 'failed' then message.box end
        where message.status in ('queued', 'handing', 'failed')`,
      [
        ...[message, template, kind, purpose, channel, subject === undefined ? 'officer' : 'subject', subject?.id ?? null],
        ...[cause?.source ?? '', cause?.id ?? '', status, queuedAt, time, reason],
      ],
    );
  }

  private async noteDelivery(tx: pg.PoolClient, { type, time, data }: SealedEvent['entry']): Promise<void> {
    const { message } = data as EventTypes['attesta.message.delivered.v1' | 'attesta.message.bounced.v1'];
    const status: Status = type === 'attesta.message.bounced.v1' ? 'bounced' : 'delivered';
    await tx.query(`update message set status = $2, ended_at = $3 where id = $1 and status = any($4) and status <> 'bounced'`, [
      message,
      status,
      time,
      LEFT,
    ]);
  }

  private async noteInFlight(tx: pg.PoolClient, { data }: SealedEvent['entry']): Promise<void> {
    const { message, withdrawal, milliseconds } = data as EventTypes['attesta.message.in-flight.v1'];
    const { rowCount } = await tx.query(`update message set status = 'in-flight' where id = $1 and status = 'handed-off'`, [message]);
    if (rowCount === 1)
      await tx.query('update withdrawal set in_flight = in_flight + 1, last_ms = greatest(last_ms, $3) where source = $1 and id = $2', [
        withdrawal.source,
        withdrawal.id,
        milliseconds,
      ]);
  }

  /** Who carries messages says what became of one. @returns whether there was such a message, that had left @throws Problem 503 for one that leaves just now */
  async told(id: string, { outcome, permanent, status }: Delivery): Promise<boolean> {
    return this.notification.transact(async (tx) => {
      const { rows } = await tx.query<MessageRow>(`select * from message where id = $1 for update`, [id]);
      const [row] = rows;
      // A mail system may be faster than our own record of what it took.
      if (row?.status === 'handing') throw stillLeaving();
      if (!row || !LEFT.includes(row.status)) return false;
      if (row.status === outcome || row.status === 'bounced') return true;
      const now = this.notification.now();
      await tx.query('update message set status = $2, ended_at = $3 where id = $1', [id, outcome, now]);
      if (outcome === 'bounced' && permanent && row.address !== null && row.subject !== null)
        await this.notification.addresses.noteDead(tx, row.address, row.subject);
      await this.notification.say(tx, [deliveryEvent(row, { outcome, permanent, status }, now)]);
      if (outcome === 'bounced' && row.kind === 'legal') await this.notification.alerts.undelivered(tx, row, 'bounced');
      return true;
    });
  }

  /** Tries a message again that was given up. @returns whether there was such a one */
  async retry(id: string): Promise<boolean> {
    const { rowCount } = await this.notification.pool.query(
      `update message set status = 'queued', attempts = 0, next_at = $2, ended_at = null, reason = null where id = $1 and status = 'failed' and reason <> 'unsendable'`,
      [id, this.notification.now()],
    );
    this.notification.wake();
    return rowCount === 1;
  }

  private async rowOf(message: NewMessage, now: Date): Promise<Record<string, unknown>> {
    const { template, recipient, subject, request, channel, basis, language, cause, body, personal, wave, sendAt, since = now } = message;
    const known = this.notification.templates.get(template);
    if (!known) throw new Error(`there is no template ${template}`);
    const id = messageId(message);
    const box = personal && (await this.notification.strongbox.sealJson(id, personal));
    return {
      ...{ id, template, kind: known.kind, purpose: message.purpose ?? known.purpose, recipient, body, at: since.toISOString() },
      ...{ source: cause.source, cause: cause.id, subject, request, channel, basis, language, wave, sendAt: sendAt?.toISOString() },
      ...(box && { kek: box.kek, box: box.box.toString('base64') }),
    };
  }
}

export interface Delivery {
  outcome: 'delivered' | 'bounced';
  /** The address takes nothing. */
  permanent: boolean;
  /** RFC 3463 */
  status?: string | undefined;
}

/** Somebody has to be told otherwise, by a letter say. Whoever was forgotten still waits for the answer to a request. */
const isUnreached = ({ request }: MessageRow, { reason }: Suppression): boolean =>
  reason === 'no-address' || reason === 'address-bounced' || reason === 'expired' || (reason === 'forgotten' && request !== null);

export interface Suppression {
  reason: EventTypes['attesta.message.suppressed.v1']['reason'];
  /** Reasons of the decision. */
  because?: string[];
  withdrawal?: Cause | undefined;
}

const stillLeaving = () => Problem.unavailable('The message is being handed off.', 'Say the same again in a moment.', 'message-leaving', 1);

/** What events of a message have in common. */
export const whatOf = ({ id, template, channel, purpose, kind, cause_source, cause_id }: MessageRow) => ({
  message: id,
  template,
  channel: channel ?? 'email',
  purpose,
  kind,
  cause: { source: cause_source, id: cause_id },
});

const suppressed = (row: MessageRow, { reason, because, withdrawal }: Suppression, now: Date): NewEvent => ({
  id: uuidOf(`suppressed\n${row.id}\n${row.attempts}`),
  type: 'attesta.message.suppressed.v1',
  time: now.toISOString(),
  ...(row.subject !== null && { subject: row.subject }),
  data: {
    ...whatOf(row),
    queuedAt: row.queued_at.toISOString(),
    reason,
    ...(because && { because: [...new Set(because)].slice(0, 16) }),
    ...(withdrawal && { withdrawal }),
  },
});

const deliveryEvent = ({ id, subject, channel }: MessageRow, { outcome, permanent, status }: Delivery, now: Date): NewEvent => ({
  id: uuidOf(`${outcome}\n${id}`),
  type: `attesta.message.${outcome}.v1`,
  time: now.toISOString(),
  ...(subject !== null && { subject }),
  data: { message: id, channel, ...(outcome === 'bounced' && { permanent, ...(status !== undefined && { status }) }) },
});

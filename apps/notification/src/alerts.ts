import { uuidOf } from '@attesta/event-log';
import type pg from 'pg';
import type { Alert } from './due.js';
import type { Cause, MessageRow } from './messages.js';
import type { Notification } from './notification.js';
import { NOTIFICATION_SOURCE } from './source.js';
import type { WaveEnd, WaveView } from './waves.js';

/** Alerts in one message; of more the number is told. */
const MOST = 50;
const GATHER_MS = 60_000;

export interface AlertView {
  id: string;
  kind: string;
  severity: Alert['severity'];
  urgent: boolean;
  at: string;
  title: string;
  reference: string | null;
  detail: string | null;
  position: number | null;
  due: string | null;
  /** The message that told the officer of it; null while none did. */
  message: string | null;
}

/** What the data protection officer has to know: by e-mail, several in one, and one by one to the endpoints that were registered for it. */
export class Alerts {
  constructor(private readonly notification: Notification) {}

  /** Once for each cause and kind. */
  async raise(tx: pg.PoolClient, { kind, severity, urgent, body }: Alert, cause: Cause, at: Date): Promise<void> {
    const id = uuidOf(`alert\n${kind}\n${cause.source}\n${cause.id}`);
    const { rowCount } = await tx.query(
      'insert into alert (id, kind, severity, urgent, body, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing',
      [id, kind, severity, urgent, body, at],
    );
    if (rowCount === 0) return;
    await tx.query(
      'insert into endpoint_delivery (alert, endpoint, next_at) select $1, id, $3 from endpoint where kinds is null or $2 = any(kinds) on conflict do nothing',
      [id, kind, this.notification.now()],
    );
  }

  /** Somebody was not reached whom the law wants told: the officer finds another way. */
  undelivered(
    tx: pg.PoolClient,
    { id, template }: Pick<MessageRow, 'id' | 'template'>,
    why: string,
    at = this.notification.now(),
  ): Promise<void> {
    const body = { title: `Somebody could not be reached: ${template}`, reference: id, detail: why };
    const cause = { source: NOTIFICATION_SOURCE, id: `${id}/${why}` };
    return this.raise(tx, { kind: 'undelivered', severity: 'warning', urgent: false, body }, cause, at);
  }

  /** Not everybody was told of something: once for each wave, whatever their number. */
  async unreached(
    tx: pg.PoolClient,
    { wave, template, people }: Pick<WaveView, 'wave' | 'template' | 'people'>,
    { told, unreachable, failed }: WaveEnd,
    at = this.notification.now(),
  ): Promise<void> {
    if (unreachable + failed === 0) return;
    const detail = `${told} of ${people} told, ${unreachable} without an address, ${failed} not sent`;
    const body = { title: `Not everybody could be told: ${template}`, reference: wave, detail };
    const cause = { source: NOTIFICATION_SOURCE, id: `${wave}/${told}/${unreachable}/${failed}` };
    await this.raise(tx, { kind: 'wave-incomplete', severity: 'warning', urgent: false, body }, cause, at);
  }

  /** Puts alerts into messages: urgent ones at once, others once the oldest has waited long enough for more to come. */
  async tick(): Promise<void> {
    const { notification } = this;
    const gather = notification.options.gatherAlertsMs ?? GATHER_MS;
    await notification.transact(async (tx) => {
      const { rows } = await tx.query<{ id: string; severity: string; urgent: boolean; body: Alert['body']; at: Date }>(
        `select id, severity, urgent, body, at from alert where message is null
          order by urgent desc, severity = 'violation' desc, at, id limit 5000 for update skip locked`,
      );
      const oldest = Math.min(...rows.map(({ at }) => at.getTime()));
      const urgent = rows.filter((row) => row.urgent);
      const told = oldest + gather <= notification.now().getTime() ? rows : urgent;
      if (told.length === 0) return;
      const shown = told.slice(0, MOST).map(({ severity, body }) => ({ ...body, severity }));
      const body = { alerts: shown, ...(told.length > shown.length && { more: told.length - shown.length }) };
      const cause = { source: '//attesta/notification/alerts', id: told[0]!.id };
      const [message] = await notification.messages.queue(tx, [
        { template: 'officer-alerts', recipient: 'officer', language: 'en', cause, body },
      ]);
      await tx.query('update alert set message = $2 where id = any($1::uuid[])', [told.map(({ id }) => id), message ?? told[0]!.id]);
    });
  }

  /** Newest first. @param before id of the last one seen */
  async list({ before, limit }: { before?: string | undefined; limit: number }): Promise<AlertView[]> {
    const { rows } = await this.notification.pool.query<Omit<AlertView, 'at'> & { at: Date; body: Alert['body'] }>(
      `select id, kind, severity, urgent, body, at, message from alert
        where $1::uuid is null or (at, id) < (select at, id from alert where id = $1) order by at desc, id desc limit $2`,
      [before ?? null, limit],
    );
    return rows.map(({ body, at, ...row }) => ({
      ...row,
      at: at.toISOString(),
      title: body.title,
      reference: body.reference ?? null,
      detail: body.detail ?? null,
      position: body.position ?? null,
      due: body.due ?? null,
    }));
  }
}

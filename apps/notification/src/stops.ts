import { timingSafeEqual } from 'node:crypto';
import { uuidOf, type NewEvent } from '@attesta/event-log';
import type { EventTypes } from '@attesta/events';
import { noticeAt } from '@attesta/policy';
import { Problem } from '@attesta/service-kit';
import type { SealedEvent } from '@attesta/transport';
import { hmacSha256 } from '@attesta/vault';
import type pg from 'pg';
import type { MessageRow } from './messages.js';
import type { Notification } from './notification.js';
import { NOTIFICATION_SOURCE } from './source.js';
import { lockPeople } from './withdrawals.js';

/** Bytes of a tag: nobody finds one in as many tries as anybody has. */
const TAG = 16;

const CONSENTED: ReadonlySet<string> = new Set(['attesta.consent.given.v1', 'attesta.consent.renewed.v1']);

/** What a link stops: such messages by the channel it came by, or by every channel. */
export type StopScope = 'channel' | 'all';

/**
 * Links by which a person says stop, without an account and with one click (RFC 8058, notice clause 8.1). Saying it is a withdrawal, which the consent
 * service decides on like on any other; messages that wait are stopped here at once.
 */
export class Stops {
  constructor(private readonly notification: Notification) {}

  urlOf(message: string): string {
    return `${this.notification.options.publicUrl.replace(/\/$/, '')}/u/${this.tokenOf(message)}`;
  }

  /** The message that a link came with. @throws Problem 404 for a link that we did not make, or whose message is long gone */
  async messageOf(token: string): Promise<MessageRow & { subject: string }> {
    const message = this.readToken(token);
    const row = message && (await this.notification.messages.find(this.notification.pool, message));
    if (!row || row.subject === null || row.kind !== 'marketing') throw noSuchLink();
    return { ...row, subject: row.subject };
  }

  /** Once or often, it is one withdrawal for each link and scope, until the person consents again. @throws Problem 404 */
  async stop(token: string, scope: StopScope): Promise<void> {
    const row = await this.messageOf(token);
    const { notification } = this;
    await notification.transact(async (tx) => {
      await lockPeople(tx, [row.subject]);
      const event = this.withdrawal(row, scope);
      const channels = scope === 'channel' ? [row.channel!] : notification.policy.purposes.get(row.purpose)!.channels!;
      const { rows: said } = await tx.query(
        'select 1 from stop where subject = $1 and purpose = $2 and channel = any($3) and message = $4',
        [row.subject, row.purpose, channels, row.id],
      );
      if (said.length === channels.length) return;
      await tx.query(
        `insert into stop (subject, purpose, channel, message, event, at) select $1, $2, c, $4, $5, $6 from unnest($3::text[]) c
         on conflict (subject, purpose, channel) do update set message = excluded.message, event = excluded.event, at = excluded.at`,
        [row.subject, row.purpose, channels, row.id, event.id, event.time],
      );
      await this.suppressWaiting(tx, row, channels, event);
      await notification.say(tx, [event]);
    });
    notification.wake();
  }

  /** Whoever consents after they stopped is written to again. */
  async consentedAgain(tx: Pick<pg.PoolClient, 'query'>, { type, subject, time, data }: SealedEvent['entry']): Promise<void> {
    if (!subject || !CONSENTED.has(type)) return;
    const { purposes, channelPreferences } = data as EventTypes['attesta.consent.given.v1'];
    await tx.query('delete from stop where subject = $1 and purpose = any($2) and ($3::text[] is null or channel = any($3)) and at < $4', [
      subject.id,
      purposes,
      channelPreferences?.length ? channelPreferences : null,
      time,
    ]);
  }

  /** By message: who had said stop by a link, and by which event. */
  async stopped(db: Pick<pg.Pool, 'query'>, messages: readonly MessageRow[]): Promise<ReadonlyMap<string, string>> {
    if (messages.length === 0) return new Map();
    const { rows } = await db.query<{ message: string; event: string }>(
      `select m.i as message, s.event from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) m(i, s, p, c)
         join stop s on s.subject = m.s and s.purpose = m.p and s.channel = m.c`,
      [
        messages.map(({ id }) => id),
        messages.map(({ subject }) => subject),
        messages.map(({ purpose }) => purpose),
        messages.map(({ channel }) => channel),
      ],
    );
    return new Map(rows.map(({ message, event }) => [message, event]));
  }

  private async suppressWaiting(tx: pg.PoolClient, { subject, purpose }: MessageRow, channels: string[], event: NewEvent): Promise<void> {
    const { rows } = await tx.query<MessageRow>(
      `select * from message where subject = $1 and purpose = $2 and kind = 'marketing' and status = 'queued' and channel = any($3) order by id for update`,
      [subject, purpose, channels],
    );
    const withdrawal = { source: NOTIFICATION_SOURCE, id: event.id };
    await this.notification.messages.suppress(
      tx,
      rows.map((row) => ({ row, why: { reason: 'unsubscribed' as const, withdrawal } })),
    );
  }

  private withdrawal(row: MessageRow & { subject: string }, scope: StopScope): NewEvent {
    const now = this.notification.now();
    const noticeVersion =
      noticeAt(this.notification.policy, row.purpose, now.getTime()) ?? [...this.notification.policy.notices.keys()][0]!;
    return {
      id: uuidOf(`stop\n${row.id}\n${scope}\n${now.toISOString()}`),
      type: 'attesta.consent.captured.v1',
      time: now.toISOString(),
      subject: row.subject,
      data: {
        purposes: [row.purpose],
        status: 'withdrawn',
        method: 'unsubscribe-link',
        noticeVersion,
        language: row.language ?? 'en',
        evidence: { kind: scope === 'channel' ? 'one-click' : 'link' },
        ...(scope === 'channel' && { channelPreferences: [row.channel!] }),
        acceptedAt: now.toISOString(),
      },
    };
  }

  private tokenOf(message: string): string {
    return Buffer.concat([Buffer.from(message.replaceAll('-', ''), 'hex'), this.tag(message)]).toString('base64url');
  }

  private readToken(token: string): string | undefined {
    if (!/^[A-Za-z0-9_-]{43}$/.test(token)) return undefined;
    const bytes = Buffer.from(token, 'base64url');
    // The last character has bits to spare: of all that decode to the same, one was made here.
    if (bytes.toString('base64url') !== token) return undefined;
    const hex = bytes.subarray(0, 16).toString('hex');
    const message = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    return timingSafeEqual(bytes.subarray(16), this.tag(message)) ? message : undefined;
  }

  private tag(message: string): Buffer {
    return Buffer.from(hmacSha256(this.notification.options.pepper, `stop\n${message}`), 'latin1').subarray(0, TAG);
  }
}

const noSuchLink = () =>
  Problem.notFound(
    'This link leads nowhere (any more).',
    'Use the link of a newer message, or write to the data protection officer.',
    'no-such-link',
  );

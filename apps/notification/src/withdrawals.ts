import { uuidOf, type NewEvent } from '@attesta/event-log';
import type { EventTypes } from '@attesta/events';
import { endOfDuration } from '@attesta/policy';
import type { SealedEvent } from '@attesta/transport';
import type pg from 'pg';
import { whatOf, type MessageRow } from './messages.js';
import type { Notification } from './notification.js';

/** A person said stop: consent to a purpose was withdrawn or fell away, or its use objected to. */
export interface Stop {
  source: string;
  id: string;
  subject: string;
  purposes: string[];
  /** Undefined: by whatever channel. */
  channels?: string[] | undefined;
  at: Date;
}

export interface Lag {
  /** Withdrawals, and messages that had left or left after each. */
  withdrawals: number;
  inFlight: number;
  /** From the withdrawal to the last message that left after it, in milliseconds; null where none did. */
  p50Ms: number | null;
  p99Ms: number | null;
  maxMs: number | null;
  /** Messages of which it was asked whether they may leave after the withdrawal was known here, and that left: there must be none. */
  afterKnown: number;
  /** From the withdrawal to when it was known here. */
  knownP50Ms: number | null;
  knownP99Ms: number | null;
  knownMaxMs: number | null;
}

const ENDED = new Set([
  'attesta.consent.withdrawn.v1',
  'attesta.consent.revoked.v1',
  'attesta.consent.invalidated.v1',
  'attesta.consent.expired.v1',
]);

/** What a stop says of messages: none after it, and what was under way then, measured (notice clause 8.1). */
export class Withdrawals {
  constructor(private readonly notification: Notification) {}

  /** Notes stops; whatever had been handed off by then, and is not known to have arrived, is in flight. */
  async take(tx: pg.PoolClient, events: readonly SealedEvent[]): Promise<void> {
    const { policy } = this.notification;
    for (const { position, entry } of events) {
      await this.notification.stops.consentedAgain(tx, entry);
      const stop = stopOf(entry);
      if (!stop || !stop.purposes.some((purpose) => policy.purposes.get(purpose)?.channels)) continue;
      await lockPeople(tx, [stop.subject]);
      const { rowCount } = await tx.query(
        `insert into withdrawal (source, id, position, subject, purposes, channels, at, known_at) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
        [stop.source, stop.id, position, stop.subject, stop.purposes, stop.channels ?? null, stop.at, this.notification.now()],
      );
      if (rowCount === 0) continue;
      const { rows } = await tx.query<MessageRow>(
        `select * from message where subject = $1 and kind = 'marketing' and status = 'handed-off' and purpose = any($2) and handed_off_at > $4
            and ($3::text[] is null or channel = any($3)) order by handed_off_at`,
        [
          stop.subject,
          stop.purposes,
          stop.channels ?? null,
          new Date(stop.at.getTime() - endOfDuration(0, this.notification.rules.underWay)),
        ],
      );
      await this.inFlight(
        tx,
        rows.map((row) => ({ row, stop })),
      );
      // What waits is looked at now, and asked about as always.
      await tx.query(
        `update message set next_at = $4 where subject = $1 and kind = 'marketing' and status = 'queued' and purpose = any($2)
            and ($3::text[] is null or channel = any($3))`,
        [stop.subject, stop.purposes, stop.channels ?? null, this.notification.now()],
      );
    }
  }

  /**
   * Of messages handed off just now: which of them had been stopped meanwhile, or after the consent that they rest on. Their people are locked.
   * @param asked when it was asked whether they may leave
   */
  async caught(tx: pg.PoolClient, handedOff: readonly { row: MessageRow; consent?: number | undefined }[], asked: Date): Promise<void> {
    const marketing = handedOff.filter(({ row: { kind, subject } }) => kind === 'marketing' && subject !== null);
    if (marketing.length === 0) return;
    const { rows } = await tx.query<Stop & { message: string; channels: string[] | null; known: boolean }>(
      `select distinct on (m.i) m.i as message, w.source, w.id, w.subject, w.purposes, w.channels, w.at, w.known_at < $6 as known
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[]) m(i, s, p, c, g)
         join withdrawal w on w.subject = m.s and m.p = any(w.purposes) and (w.channels is null or m.c = any(w.channels))
              and (w.known_at >= $6 or w.position > m.g)
        order by m.i, w.at desc`,
      [
        marketing.map(({ row }) => row.id),
        marketing.map(({ row }) => row.subject),
        marketing.map(({ row }) => row.purpose),
        marketing.map(({ row }) => row.channel),
        marketing.map(({ consent }) => consent ?? null),
        asked,
      ],
    );
    const byId = new Map(marketing.map(({ row }) => [row.id, row]));
    await this.inFlight(
      tx,
      rows.map(({ message, known, ...stop }) => ({
        row: byId.get(message)!,
        known,
        stop: { ...stop, channels: stop.channels ?? undefined },
      })),
    );
  }

  async lag(): Promise<Lag> {
    const { rows } = await this.notification.pool.query<Record<keyof Lag, string | null>>(
      `select count(*) as withdrawals, coalesce(sum(in_flight), 0) as "inFlight",
              percentile_disc(0.5) within group (order by last_ms) filter (where last_ms > 0) as "p50Ms",
              percentile_disc(0.99) within group (order by last_ms) filter (where last_ms > 0) as "p99Ms",
              max(last_ms) filter (where last_ms > 0) as "maxMs",
              coalesce(sum(after_known), 0) as "afterKnown",
              percentile_disc(0.5) within group (order by known) as "knownP50Ms", percentile_disc(0.99) within group (order by known) as "knownP99Ms",
              max(known) as "knownMaxMs"
         from (select *, greatest(0, extract(epoch from known_at - at) * 1000)::int8 as known from withdrawal) w`,
    );
    return Object.fromEntries(
      Object.entries(rows[0]!).map(([name, value]) => [name, value === null ? null : Number(value)]),
    ) as unknown as Lag;
  }

  private async inFlight(tx: pg.PoolClient, found: readonly { row: MessageRow; stop: Stop; known?: boolean }[]): Promise<void> {
    if (found.length === 0) return;
    await tx.query(`update message set status = 'in-flight' where id = any($1::uuid[])`, [found.map(({ row }) => row.id)]);
    for (const { row, stop, known = false } of found) {
      await tx.query(
        `update withdrawal set in_flight = in_flight + 1, last_ms = greatest(last_ms, $3), after_known = after_known + $4 where source = $1 and id = $2`,
        [stop.source, stop.id, row.handed_off_at!.getTime() - stop.at.getTime(), known ? 1 : 0],
      );
    }
    await this.notification.say(
      tx,
      found.map(({ row, stop }) => inFlightEvent(row, stop, this.notification.rules.underWay, this.notification.now())),
    );
  }
}

/** Whoever hands a message to a person off, and whoever notes that they said stop, wait for each other. */
export async function lockPeople(tx: Pick<pg.PoolClient, 'query'>, subjects: readonly string[]): Promise<void> {
  if (subjects.length > 0)
    await tx.query('select pg_advisory_xact_lock(hashtextextended(s, 6)) from unnest($1::text[]) s', [[...new Set(subjects)].sort()]);
}

/** @returns undefined for events by which nobody says stop */
export function stopOf({ type, source, id, subject, time, data }: SealedEvent['entry']): Stop | undefined {
  if (!subject) return undefined;
  const at = new Date(time);
  if (ENDED.has(type)) {
    const { purposes, channelPreferences } = data as EventTypes['attesta.consent.withdrawn.v1'];
    return { source, id, subject: subject.id, purposes, channels: channelPreferences?.length ? channelPreferences : undefined, at };
  }
  if (type !== 'attesta.objection.raised.v1') return undefined;
  return { source, id, subject: subject.id, purposes: (data as EventTypes[typeof type]).purposes, at };
}

const inFlightEvent = (row: MessageRow, { source, id, at }: Stop, underWay: string, now: Date): NewEvent => ({
  id: uuidOf(`in-flight\n${row.id}`),
  type: 'attesta.message.in-flight.v1',
  time: now.toISOString(),
  subject: row.subject!,
  data: {
    ...whatOf(row),
    handedOffAt: row.handed_off_at!.toISOString(),
    withdrawnAt: at.toISOString(),
    milliseconds: row.handed_off_at!.getTime() - at.getTime(),
    until: new Date(endOfDuration(at.getTime(), underWay)).toISOString(),
    withdrawal: { source, id },
  },
});

import type { Policy } from '@attesta/policy';
import { normalise, refOf } from '@attesta/vault';
import type pg from 'pg';
import { NotCarried } from './carrier.js';
import type { MessageRow } from './messages.js';
import type { Notification } from './notification.js';
import type { MessageChannel } from './templates.js';

/** Entries that may hold an address, the newest of each person, that are looked at. */
const POSITIONS = 16;
const PEOPLE = 200;

/** Where a message goes; or why it cannot. */
export type Destination =
  | { to: string; channel: MessageChannel; language: string; ref: string | undefined }
  | { none: 'no-address' | 'address-bounced'; language: string };

type Contacts = Readonly<Record<string, string>>;

/** `current`: they asked from nowhere, and were reached where the ledger said then; what it says now goes before. */
type Address = { email: string; current?: boolean };

/** Where people are reached: where they asked from, or else by the newest address that the ledger holds of them, opened for the moment. */
export class Addresses {
  constructor(private readonly notification: Notification) {}

  /** By message. @param forgotten people of whom nothing but an answer is left to send */
  async of(rows: readonly MessageRow[], forgotten: ReadonlyMap<string, unknown>): Promise<ReadonlyMap<string, Destination>> {
    const { replies, held } = await this.replies(rows, forgotten);
    const wanted = new Set(
      rows.flatMap(({ subject, request }) =>
        subject === null || forgotten.has(subject) || (request !== null && replies.has(request)) ? [] : [subject],
      ),
    );
    const [contacts, languages] = [await this.contacts([...wanted]), await this.languages(rows)];
    const asked = rows.flatMap((row) => {
      const { subject, request } = row;
      const known = request === null ? undefined : replies.get(request);
      const email = subject === null ? undefined : contacts.get(subject)?.email;
      if (request === null || known !== undefined || subject === null || email === undefined || email === held.get(request)?.email)
        return [];
      return [{ request, subject, address: { email, current: true } }];
    });
    await this.keep(asked);
    const dead = await this.deadAmong(
      [...contacts.values(), ...replies.values(), ...held.values()].flatMap((all) =>
        Object.entries(all).flatMap(([channel, to]) => this.refOf(channel, to) ?? []),
      ),
    );
    return new Map(
      rows.map((row): [string, Destination] => {
        const language = row.language ?? languages.get(row.subject ?? '') ?? 'en';
        if (row.recipient === 'officer')
          return [row.id, { to: this.notification.options.officer, channel: 'email', language, ref: undefined }];
        const [reply, former] = [replies, held].map((known) => (row.request === null ? undefined : known.get(row.request)));
        const current = contacts.get(row.subject!);
        const all = reply ?? (current?.email === undefined ? { ...former, ...current } : current);
        return [row.id, { language, ...this.choose(row, all, dead) }];
      }),
    );
  }

  /** An address that takes nothing is not tried again. */
  async noteRefusal(
    tx: Pick<pg.PoolClient, 'query'>,
    { row, ref }: { row: MessageRow; ref: string | undefined },
    error: unknown,
  ): Promise<void> {
    if (error instanceof NotCarried && error.dead && ref !== undefined && row.subject !== null) await this.noteDead(tx, ref, row.subject);
  }

  async noteDead(tx: Pick<pg.PoolClient, 'query'>, ref: string, subject: string): Promise<void> {
    await tx.query(
      `insert into dead_address (ref, subject, at) select $1, $2, $3 where not exists (select 1 from forgotten where subject = $2)
       on conflict do nothing`,
      [ref, subject, this.notification.now()],
    );
  }

  /** The first of the template's channels that the person has, and that something carries. */
  private choose({ template, channel }: MessageRow, all: Contacts, dead: ReadonlySet<string>) {
    const { templates, options } = this.notification;
    const channels = channel === null ? templates.get(template)!.channels.filter((one) => options.carriers[one]) : [channel];
    let none: 'no-address' | 'address-bounced' = 'no-address';
    for (const one of channels) {
      const to = all[one] === undefined ? undefined : this.written(one, all[one]);
      const ref = to === undefined ? undefined : this.refOf(one, to);
      if (to === undefined || ref === undefined) continue;
      if (!dead.has(ref)) return { to, channel: one, ref };
      none = 'address-bounced';
    }
    return { none };
  }

  /**
   * Where whoever made a request is answered. It is kept until the last word, which may come when nothing else is left of the person.
   * @returns `replies`: where they asked from; `held`: where they were reached last, for when the ledger holds no address any more
   */
  private async replies(rows: readonly MessageRow[], forgotten: ReadonlyMap<string, unknown>) {
    const requests = [...new Set(rows.flatMap(({ request }) => request ?? []))];
    const replies = new Map<string, Contacts>();
    const held = new Map<string, Contacts>();
    if (requests.length === 0) return { replies, held };
    const { pool, strongbox, options } = this.notification;
    const { rows: known } = await pool.query<{ request: string; kek: string; box: Buffer }>(
      'select request, kek, box from request_address where request = any($1::uuid[])',
      [requests],
    );
    for (const { request, ...box } of known) {
      const { email, current } = await strongbox.openJson<Address>(about(request), box);
      (current ? held : replies).set(request, { email });
    }
    const unknown = rows.filter(
      ({ request, subject }) =>
        request !== null && !replies.has(request) && !held.has(request) && subject !== null && !forgotten.has(subject),
    );
    if (unknown.length === 0) return { replies, held };
    const found = await options.replyAddresses([...new Set(unknown.map(({ request }) => request!))]);
    const fresh = unknown.flatMap(({ request, subject }) => {
      const email = found[request!]?.email;
      return email === undefined ? [] : [{ request: request!, subject: subject!, address: { email } }];
    });
    await this.keep(fresh);
    for (const { request, address } of fresh) replies.set(request, address);
    return { replies, held };
  }

  private async keep(fresh: readonly { request: string; subject: string; address: Address }[]): Promise<void> {
    for (const { request, subject, address } of fresh) {
      const { kek, box } = await this.notification.strongbox.sealJson(about(request), address);
      await this.notification.pool.query(
        `insert into request_address (request, subject, kek, box) values ($1, $2, $3, $4)
         on conflict (request) do update set kek = excluded.kek, box = excluded.box`,
        [request, subject, kek, box],
      );
    }
  }

  private async contacts(subjects: string[]): Promise<Map<string, Contacts>> {
    const contacts = new Map<string, Contacts>();
    if (subjects.length === 0) return contacts;
    const { rows } = await this.notification.pool.query<{ subject: string; positions: string[] }>(
      `select s as subject, array(select position from address_source a where a.subject = s order by position desc limit $2) as positions
         from unnest($1::uuid[]) s`,
      [subjects, POSITIONS],
    );
    const wanted = rows
      .filter(({ positions }) => positions.length > 0)
      .map(({ subject, positions }) => ({ subject, positions: positions.map(Number) }));
    for (let i = 0; i < wanted.length; i += PEOPLE) {
      const found = await this.notification.options.directory.contactsOf(wanted.slice(i, i + PEOPLE));
      for (const [subject, all] of Object.entries(found)) contacts.set(subject, all);
    }
    return contacts;
  }

  private async languages(rows: readonly MessageRow[]): Promise<Map<string, string>> {
    const { rows: known } = await this.notification.pool.query<{ subject: string; language: string }>(
      'select subject, language from person where subject = any($1::uuid[]) and language is not null',
      [rows.filter(({ language }) => language === null).flatMap(({ subject }) => subject ?? [])],
    );
    return new Map(known.map(({ subject, language }) => [subject, language]));
  }

  private async deadAmong(refs: readonly string[]): Promise<ReadonlySet<string>> {
    if (refs.length === 0) return new Set();
    const { rows } = await this.notification.pool.query<{ ref: string }>('select ref from dead_address where ref = any($1::text[])', [
      refs,
    ]);
    return new Set(rows.map(({ ref }) => ref));
  }

  private refOf(channel: string, address: string): string | undefined {
    const to = this.written(channel, address);
    const normal = to === undefined ? undefined : normalise(channel === 'email' ? 'email' : 'phone', to);
    return normal?.ok ? refOf(this.notification.options.pepper, normal.identifier) : undefined;
  }

  /** As a carrier takes it; undefined for what is no address. */
  private written(channel: string, address: string): string | undefined {
    if (channel === 'email') return /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(address.trim()) ? address.trim() : undefined;
    return inE164(address, this.notification.policy.messages?.addresses[channel]);
  }
}

/** A telephone number in E.164; one without a country's code gets that of the policy. */
export function inE164(number: string, rule: NonNullable<Policy['messages']>['addresses'][string] | undefined): string | undefined {
  const digits = number.replace(/[\s().-]/g, '').replace(/^00/, '+');
  const whole = rule?.callingCode !== undefined && /^0\d{6,14}$/.test(digits) ? `${rule.callingCode}${digits.slice(1)}` : digits;
  return /^\+[1-9]\d{6,14}$/.test(whole) ? whole : undefined;
}

const about = (request: string): string => `request-address\n${request}`;

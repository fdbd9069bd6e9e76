import { randomBytes, randomUUID } from 'node:crypto';
import type http from 'node:http';
import { fileURLToPath } from 'node:url';
import { decide, recordOf, type ChoiceFact, type Fact } from '@attesta/decisions';
import type { Entry, EventTypes } from '@attesta/events';
import { MailSender } from '@attesta/mail';
import type { PolicySource } from '@attesta/policy';
import { bootstrap, JsonLogger, readPolicySource, type LedgerDirectory, type Role } from '@attesta/service-kit';
import {
  startSmtp,
  testDatabase,
  TestLedger,
  type Happening,
  type TakenMail,
  type TestDatabase,
  type TestSmtp,
  type TestSmtpOptions,
} from '@attesta/testing';
import { PostgresFeed } from '@attesta/transport';
import { LocalKeyring, normalise, refOf } from '@attesta/vault';
import type { INestApplication } from '@nestjs/common';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { simpleParser, type ParsedMail } from 'mailparser';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import request from 'supertest';
import { restore, type Backup } from './backup-rig.js';
import type { Carrier } from './carrier.js';
import { mailCarrier } from './mail-carrier.js';
import { NOTIFICATION_RAW } from './own-routes.js';
import { Notification } from './notification.js';
import { NotificationModule } from './notification.module.js';
import { NOTIFICATION_SOURCE } from './source.js';

const ISSUER = 'https://issuer.example';
const POLICY = fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url));
const PEPPER = randomBytes(32);
export const OFFICER = 'dpo@m-med.example';

export interface Said<Data> {
  position: number;
  id: string;
  subject: string;
  time: string;
  data: Data;
}

/** For specs only: the service on a real database behind real HTTP, sending to a real SMTP server, following a ledger in memory, with a clock that stands. */
export class NotificationRig {
  readonly errors: unknown[] = [];
  readonly ledger = new TestLedger();
  time = new Date('2026-03-01T09:00:00.000Z');
  policy: PolicySource = readPolicySource(POLICY);
  notification!: Notification;
  app!: INestApplication<http.Server>;
  tokens!: Record<Role, string>;
  /** Text messages that were taken. */
  readonly texts: { to: string; text: string; id: string }[] = [];
  /** Whether the consent service answers. */
  consentAnswers = true;
  /** Addresses by subject id. */
  readonly contacts = new Map<string, Record<string, string>>();
  /** Where requests are answered. */
  readonly replies = new Map<string, string>();
  readonly forgotten: string[] = [];
  private carried = -1;
  private readonly taken = new Set<string>();
  private readonly facts: Fact[] = [];
  private readonly people = new Map<string, string>();
  private verifier!: ReturnType<typeof createLocalJWKSet>;
  private home!: string;

  private constructor(
    /** Another one after a rebuild. */
    public db: TestDatabase,
    readonly smtp: TestSmtp,
  ) {}

  static async start(change: (policy: PolicySource) => void = () => undefined, smtp: TestSmtpOptions = {}): Promise<NotificationRig> {
    const rig = new NotificationRig(await testDatabase(), await startSmtp(smtp));
    change(rig.policy);
    rig.home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-notification-'));
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    rig.verifier = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] });
    const sign = (claims: Record<string, unknown>, sub: string) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setIssuer(ISSUER)
        .setAudience('attesta')
        .setSubject(sub)
        .setExpirationTime('8h')
        .sign(privateKey);
    rig.tokens = {
      auditor: await sign({ roles: ['auditor'] }, 'auditor-7'),
      dpo: await sign({ roles: ['dpo'] }, 'dpo-7'),
      operator: await sign({ roles: ['operator'] }, 'operator-7'),
      publisher: await sign({ roles: ['publisher'], sources: ['//crm.test'] }, 'crm'),
      subject: await sign({ roles: ['subject'], subject: refTo('account|self') }, 'subject-7'),
    };
    await rig.open();
    return rig;
  }

  /** As a process starts, on the database as it is. */
  async open(): Promise<void> {
    ({ notification: this.notification, app: this.app } = await this.another());
  }

  /** Another process on the same database. */
  async another(): Promise<{ notification: Notification; app: INestApplication<http.Server> }> {
    const sender = await MailSender.open({
      from: 'privacy@m-med.example',
      fromName: 'M MED',
      url: this.smtp.url,
      plaintext: true,
      maxConnections: 5,
    });
    const notification = await Notification.open({
      databaseUrl: this.db.url,
      feed: new PostgresFeed(this.ledger),
      policy: this.policy,
      directory: this.directory,
      pepper: PEPPER,
      keys: await LocalKeyring.open(path.join(this.home, 'keyring.json')),
      decide: (asked) => {
        if (!this.consentAnswers) return Promise.reject(new Error('the consent service is away'));
        const now = this.time.getTime();
        const { policy } = notification;
        return Promise.resolve(
          asked.map(({ subject, ...question }) =>
            decide(question, recordOf(subject, this.facts, policy, { at: now, known: now }), policy, now),
          ),
        );
      },
      replyAddresses: (requests) =>
        Promise.resolve(
          Object.fromEntries(requests.flatMap((id) => (this.replies.has(id) ? [[id, { email: this.replies.get(id)! }]] : []))),
        ),
      carriers: { email: mailCarrier(sender), sms: this.texting },
      publicUrl: 'https://privacy.m-med.example',
      officer: OFFICER,
      fetchLog: this.ledger.fetchLog,
      verifierKey: () => Promise.resolve(this.ledger.key.verifierKey),
      now: () => this.time,
      tickMs: 3_600_000,
      onError: (error) => this.errors.push(error),
    });
    const app: INestApplication<http.Server> = await bootstrap(NotificationModule.forRoot({ notification }), {
      service: 'notification',
      auth: { issuer: ISSUER, audience: 'attesta', keys: this.verifier },
      logger: new JsonLogger({ service: 'notification', level: 'off' }),
      rawBody: NOTIFICATION_RAW,
      strategies: [notification.server],
      shutdownSignals: false,
    });
    await app.listen(0, '127.0.0.1');
    return { notification, app };
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.smtp.stop();
    await this.db.drop();
    await fs.rm(this.home, { recursive: true, force: true });
  }

  /** Stops the process, and starts another on the database as it is. */
  async restart(): Promise<void> {
    await this.app.close();
    await this.open();
  }

  /** Another database, empty, that follows the same log. */
  async rebuild(): Promise<void> {
    await this.app.close();
    await this.db.drop();
    this.db = await testDatabase();
    this.carried = -1;
    await this.open();
  }

  /** Somebody with an address, known by a collection of contact data. @returns the subject id */
  somebody(name: string, contact: Record<string, string> = { email: `${name}@example.co.th` }, more: object = {}): string {
    const id = this.person(`account|${name}`);
    this.contacts.set(id, contact);
    this.collect(id, more);
    return id;
  }

  person(identifier: string): string {
    const ref = refTo(identifier);
    if (!this.people.has(ref)) this.people.set(ref, randomUUID());
    return this.people.get(ref)!;
  }

  collect(subject: string, more: Partial<EventTypes['attesta.collection.recorded.v1']> = {}): number {
    return this.seal({
      type: 'attesta.collection.recorded.v1',
      subject,
      data: {
        categories: ['contact'],
        purposes: ['service-fulfilment'],
        basis: 'contract',
        occasion: 'transaction',
        method: 'checkout',
        channel: 'web',
        origin: 'subject',
        noticeVersion: '2022-08-10',
        context: { order: 'o-1' },
        ...more,
      },
      sealed: [{ subject, key: 'contact.1' }],
    });
  }

  /** A choice about marketing, decided and sealed as the consent service does. @returns id of the decision */
  chose(subject: string, status: 'given' | 'withdrawn', channels?: string[]): string {
    const id = randomUUID();
    const at = this.time.getTime();
    const position = this.seal({
      id,
      source: '//attesta/consent',
      type: `attesta.consent.${status}.v1`,
      subject,
      data: { purposes: ['marketing'], method: 'preference-center', by: 'subject', ...(channels && { channelPreferences: channels }) },
    });
    const fact: ChoiceFact = {
      ...{ kind: 'choice', source: '//attesta/consent', id, position, subject, at, known: at, status, purposes: ['marketing'] },
      ...{ by: 'subject', method: 'preference-center', noticeVersion: '2022-08-10', language: 'en', ...(channels && { channels }) },
    };
    this.facts.push(fact);
    return id;
  }

  /** An objection to marketing, as the consent service seals it. */
  objected(subject: string): void {
    const at = this.time.getTime();
    const id = randomUUID();
    const purposes = ['marketing'];
    const position = this.seal({
      ...{ id, source: '//attesta/consent', type: 'attesta.objection.raised.v1', subject, data: { purposes, method: 'preference-center' } },
    });
    this.facts.push({ kind: 'objection', state: 'raised', source: '//attesta/consent', id, position, subject, at, known: at, purposes });
  }

  /** A message that the requests service says is due. @returns the request */
  due(subject: string, template: string, more: Record<string, unknown> = {}, id: string = randomUUID()): string {
    this.seal({
      type: 'attesta.request.message-due.v1',
      source: '//attesta/requests',
      subject,
      data: { request: id, cause: randomUUID(), template, to: 'subject', language: 'en', right: 'access', ...more },
    });
    return id;
  }

  /** The ledger destroys every key of a person. */
  forget(subject: string): void {
    this.forgotten.push(subject);
    this.contacts.delete(subject);
    this.seal({
      type: 'attesta.key.destroyed.v1',
      source: '//attesta/ledger',
      subject,
      data: { keys: [{ subject, key: 'contact.1' }], scope: 'subject', reason: 'erasure request', method: 'crypto-shredding' },
    });
  }

  /** A happening of now. */
  seal(happening: Happening): number {
    const time = this.time.toISOString();
    return this.ledger.seal({ time, recordedAt: time, ...happening });
  }

  async follow(): Promise<void> {
    if (this.ledger.stored.length > 0) await this.notification.feed.caughtUp(this.ledger.stored.length - 1);
  }

  /** Lets time pass, and everything happen that follows, until nothing is left to say. */
  async later(ms = 0): Promise<void> {
    this.time = new Date(this.time.getTime() + ms);
    for (let quiet = false, cycles = 0; !quiet; cycles++) {
      if (cycles > 1_000) throw new Error('it never comes to rest');
      const before = this.ledger.stored.length;
      await this.follow();
      await this.notification.tick();
      await this.carry();
      quiet = this.ledger.stored.length === before && !(await this.isSomethingDue());
    }
    await this.follow();
  }

  /** A turn of handing off ends after a while, and the next begins at once. */
  private async isSomethingDue(): Promise<boolean> {
    const { rows } = await this.db.pool.query(`select 1 from message where status = 'queued' and next_at <= $1 limit 1`, [this.time]);
    return rows.length > 0;
  }

  /** Stops the process, and starts another on the database as it was; empty without a backup. What was said since is sealed. */
  async restore(backup?: Backup): Promise<void> {
    await this.app.close();
    await restore(this.db, backup);
    const { rows } = backup ? await this.db.pool.query<{ last: string }>('select size - 1 as last from service_log_head') : { rows: [] };
    this.carried = Number(rows[0]?.last ?? -1);
    await this.open();
  }

  /** Seals what the service said, as the relay and the ledger do: each event once. */
  async carry(): Promise<void> {
    for (const { id, type, time, subject, actor, data, position } of await this.notification.log.read(this.carried, 100_000)) {
      this.carried = position;
      if (this.taken.has(id)) continue;
      this.taken.add(id);
      this.ledger.seal({
        ...{ id, type, time, source: NOTIFICATION_SOURCE, data, recordedAt: time },
        ...(subject !== undefined && { subject }),
        ...(actor !== undefined && { actor }),
      });
    }
  }

  /** Sealed events of one type (without prefix and version), of one person where that is asked. */
  said<Name extends string>(name: Name, subject?: string): Said<EventTypes[`attesta.${Name}.v1` & keyof EventTypes]>[] {
    return this.ledger.stored.flatMap(({ position, bytes }) => {
      const entry = JSON.parse(bytes.toString('utf8')) as Entry;
      if (entry.type !== `attesta.${name}.v1` || (subject !== undefined && entry.subject?.id !== subject)) return [];
      const data = entry.data as EventTypes[`attesta.${Name}.v1` & keyof EventTypes];
      return [{ position, id: entry.id, subject: entry.subject?.id ?? '', time: entry.time, data }];
    });
  }

  /** What the SMTP server took for an address, parsed. */
  async mails(to: string): Promise<ParsedMail[]> {
    return Promise.all(this.smtp.taken.filter((mail: TakenMail) => mail.to.includes(to)).map(({ raw }) => simpleParser(raw)));
  }

  post<T = Record<string, unknown>>(
    role: Role | undefined,
    url: string,
    body: unknown = {},
  ): Promise<{ status: number; body: T; text: string }> {
    return this.send(request(this.app.getHttpServer()).post(url), role, body);
  }

  /** A form, as a mail program sends it. */
  click(token: string, form: string): Promise<{ status: number }> {
    return request(this.app.getHttpServer())
      .post(`/u/${encodeURIComponent(token)}`)
      .set('content-type', 'application/x-www-form-urlencoded')
      .send(form);
  }

  get<T = Record<string, unknown>>(role: Role | undefined, url: string): Promise<{ status: number; body: T; text: string }> {
    return this.send(request(this.app.getHttpServer()).get(url), role);
  }

  private async send<T>(call: request.Test, role: Role | undefined, body?: unknown): Promise<{ status: number; body: T; text: string }> {
    if (role) call.set('authorization', `Bearer ${this.tokens[role]}`);
    const { status, body: answer, text } = await (body === undefined ? call : call.send(body as object));
    return { status, body: answer as T, text };
  }

  private readonly texting: Carrier = {
    send: ({ to, text, id }) => Promise.resolve(void this.texts.push({ to, text, id })),
    close: () => undefined,
  };

  private readonly directory: LedgerDirectory = {
    subjectsOf: (refs, enrol) => {
      if (enrol) for (const ref of refs) if (!this.people.has(ref)) this.people.set(ref, randomUUID());
      return Promise.resolve(Object.fromEntries(refs.map((ref) => [ref, this.people.get(ref) ?? null])));
    },
    refsOf: () => Promise.resolve({}),
    contactsOf: (wanted) =>
      Promise.resolve(
        Object.fromEntries(wanted.flatMap(({ subject }) => (this.contacts.has(subject) ? [[subject, this.contacts.get(subject)!]] : []))),
      ),
    erasures: (after, limit) => {
      const all = this.forgotten.map((subject, n) => ({ n: n + 1, subject }));
      return Promise.resolve({ erasures: all.slice(after, after + limit), last: all.length });
    },
  };
}

export function refTo(identifier: string): string {
  const bar = identifier.indexOf('|');
  const normal = normalise(identifier.slice(0, bar), identifier.slice(bar + 1));
  if (!normal.ok) throw new Error(`${identifier} is no identifier`);
  return refOf(PEPPER, normal.identifier);
}

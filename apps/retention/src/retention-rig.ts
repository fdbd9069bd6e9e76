import { randomBytes, randomUUID } from 'node:crypto';
import type http from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Entry, EventTypes } from '@attesta/events';
import { bootstrap, JsonLogger, readPolicySource, type LedgerDirectory, type Role } from '@attesta/service-kit';
import type { PolicySource } from '@attesta/policy';
import { testDatabase, type Happening, type TestDatabase } from '@attesta/testing';
import { PostgresFeed, type SealedFeed } from '@attesta/transport';
import { normalise, refOf } from '@attesta/vault';
import type { INestApplication } from '@nestjs/common';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import request from 'supertest';
import { RETENTION_SOURCE } from './disposal-store.js';
import { LedgerRig } from './ledger-rig.js';
import { migrate } from './migrate.js';
import { Retention } from './retention.js';
import { RetentionModule } from './retention.module.js';

const ISSUER = 'https://issuer.example';
const POLICY = fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url));
const PEPPER = randomBytes(32);

/** A sealed event as specs look at it. */
export interface Said<Data> {
  position: number;
  subject: string;
  data: Data;
}

/** For specs only: the service on a real database behind real HTTP, following a ledger in memory, with a clock that stands. */
export class RetentionRig {
  readonly errors: unknown[] = [];
  time = new Date('2026-03-01T09:00:00.000Z');
  policy: PolicySource = readPolicySource(POLICY);
  retention!: Retention;
  app!: INestApplication<http.Server>;
  tokens!: Record<Role, string>;
  /** Most events of the feed in one transaction. */
  batchSize: number | undefined;
  private carried = -1;
  private verifier!: ReturnType<typeof createLocalJWKSet>;
  private readonly people = new Map<string, string>();

  private constructor(
    readonly db: TestDatabase,
    readonly ledger: LedgerRig,
  ) {}

  /** @param like another rig, whose log and clock it has @param backup what its database holds, to begin with */
  static async start(
    change: (policy: PolicySource) => void = () => undefined,
    { like, batchSize, backup }: { like?: RetentionRig; batchSize?: number; backup?: Backup } = {},
  ): Promise<RetentionRig> {
    const rig = new RetentionRig(await testDatabase(), like?.ledger ?? new LedgerRig());
    if (like) rig.time = like.time;
    if (backup) await restore(rig.db, backup);
    rig.batchSize = batchSize;
    change(rig.policy);
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
      publisher: await sign({ roles: ['publisher'], sources: ['//storefront.test'] }, 'storefront'),
      subject: await sign({ roles: ['subject'], subject: refTo('account|self') }, 'subject-7'),
    };
    await rig.open();
    return rig;
  }

  /** As a process starts, on the database as it is. */
  async open(): Promise<void> {
    this.retention = await Retention.open({
      databaseUrl: this.db.url,
      feed: inBatches(new PostgresFeed(this.ledger.log), this.batchSize),
      policy: this.policy,
      directory: this.directory,
      pepper: PEPPER,
      fetchLog: this.ledger.log.fetchLog,
      verifierKey: () => Promise.resolve(this.ledger.log.key.verifierKey),
      now: () => this.time,
      tickMs: 3_600_000,
      onError: (error) => this.errors.push(error),
    });
    this.app = await bootstrap(RetentionModule.forRoot({ retention: this.retention }), {
      service: 'retention',
      auth: { issuer: ISSUER, audience: 'attesta', keys: this.verifier },
      logger: new JsonLogger({ service: 'retention', level: 'off' }),
      strategies: [this.retention.server],
      shutdownSignals: false,
    });
    await this.app.listen(0, '127.0.0.1');
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.db.drop();
  }

  /** Stops the process, and starts another on the database as it is. */
  async restart(): Promise<void> {
    await this.app.close();
    await this.open();
  }

  person(identifier: string): string {
    const ref = refTo(identifier);
    if (!this.people.has(ref)) this.people.set(ref, randomUUID());
    return this.people.get(ref)!;
  }

  /** A collection of these categories, values and all. @returns its position */
  collect(subject: string, categories: string[], { purposes = ['service-fulfilment'], at = this.time, sealed = true } = {}): number {
    const classes = [...new Set(categories.map((category) => this.retention.policy.retentionClass(category)))];
    return this.seal({
      type: 'attesta.collection.recorded.v1',
      subject,
      time: at.toISOString(),
      data: {
        categories,
        purposes,
        basis: 'contract',
        occasion: 'transaction',
        method: 'checkout',
        channel: 'web',
        origin: 'subject',
        noticeVersion: '2022-08-10',
        context: { order: 'o-1' },
      },
      ...(sealed && { sealed: classes.map((name) => ({ subject, key: this.ledger.keyFor(subject, name) })) }),
    });
  }

  /** Something that retention is counted from. */
  trigger(trigger: string, subject?: string, more: Record<string, unknown> = {}): number {
    return this.seal({
      type: 'attesta.retention-trigger.recorded.v1',
      ...(subject !== undefined && { subject }),
      data: { trigger, state: 'occurred', ...more },
    });
  }

  /** A request for erasure, when systems have done their part. @param categories without them: the person @returns its id */
  askErasure(subject: string, categories: string[] | undefined, held: string[] = categories ?? [], survivors: object[] = []): string {
    const request = randomUUID();
    const common = { right: 'erasure', jurisdiction: 'th-pdpa', channel: 'form', language: 'th' };
    const say = (name: string, data: object) =>
      this.seal({ type: `attesta.request.${name}.v1`, source: '//attesta/requests', subject, data: { request, ...data } });
    say('received', { ...common, ...(categories && { categories }) });
    say('erasure-instructed', { categories: held, survivors });
    return request;
  }

  /** A happening of now. */
  seal(happening: Happening): number {
    const time = this.time.toISOString();
    return this.ledger.seal({ time, recordedAt: time, ...happening })!;
  }

  async follow(): Promise<void> {
    await this.retention.feed.caughtUp(this.ledger.log.stored.length - 1);
  }

  /**
   * Lets time pass, and everything happen that follows: what the service says is sealed and answered until nothing is left to say.
   * @param between called between any two steps
   */
  async later(ms = 0, between: () => Promise<void> | undefined = () => undefined): Promise<void> {
    this.time = new Date(this.time.getTime() + ms);
    for (let quiet = false, cycles = 0; !quiet; cycles++) {
      if (cycles > 1_000) throw new Error('it never comes to rest');
      const before = this.ledger.log.stored.length;
      await this.follow();
      await between();
      await this.retention.tick();
      await between();
      await this.carry();
      await between();
      this.ledger.answer(this.time);
      await between();
      quiet = this.ledger.log.stored.length === before;
    }
    await this.follow();
    if (this.errors.length > 0) throw this.errors[0];
  }

  /** Seals what the service said, as the relay and the ledger do. */
  async carry(): Promise<void> {
    for (const { id, type, time, subject, actor, data, position } of await this.retention.log.read(this.carried, 10_000)) {
      this.ledger.seal({
        id,
        type,
        time,
        source: RETENTION_SOURCE,
        data,
        ...(subject !== undefined && { subject }),
        ...(actor !== undefined && { actor }),
        recordedAt: time,
      });
      this.carried = position;
    }
  }

  /** Sealed events of one type (without prefix and version), of one person where that is asked. */
  said<Name extends string>(name: Name, subject?: string): Said<EventTypes[`attesta.${Name}.v1` & keyof EventTypes]>[] {
    return this.ledger.log.stored.flatMap(({ position, bytes }) => {
      const entry = JSON.parse(bytes.toString('utf8')) as Entry;
      if (entry.type !== `attesta.${name}.v1` || (subject !== undefined && entry.subject?.id !== subject)) return [];
      return [{ position, subject: entry.subject?.id ?? '', data: entry.data as EventTypes[`attesta.${Name}.v1` & keyof EventTypes] }];
    });
  }

  post<T = Record<string, unknown>>(role: Role | undefined, url: string, body: unknown = {}): Promise<{ status: number; body: T }> {
    return this.send(request(this.app.getHttpServer()).post(url), role, body);
  }

  get<T = Record<string, unknown>>(role: Role | undefined, url: string): Promise<{ status: number; body: T }> {
    return this.send(request(this.app.getHttpServer()).get(url), role);
  }

  private async send<T>(call: request.Test, role: Role | undefined, body?: unknown): Promise<{ status: number; body: T }> {
    if (role) call.set('authorization', `Bearer ${this.tokens[role]}`);
    const { status, body: answer } = await (body === undefined ? call : call.send(body as object));
    return { status, body: answer as T };
  }

  private readonly directory: LedgerDirectory = {
    subjectsOf: (refs, enrol) => {
      if (enrol) for (const ref of refs) if (!this.people.has(ref)) this.people.set(ref, randomUUID());
      return Promise.resolve(Object.fromEntries(refs.map((ref) => [ref, this.people.get(ref) ?? null])));
    },
    refsOf: () => Promise.resolve({}),
    contactsOf: () => Promise.resolve({}),
    erasures: (after, limit) => {
      const all = this.ledger.forgotten.map((subject, n) => ({ n: n + 1, subject }));
      return Promise.resolve({ erasures: all.slice(after, after + limit), last: all.length });
    },
  };
}

/** Rows by table. */
export type Backup = ReadonlyMap<string, object[]>;

export async function backUp({ pool }: TestDatabase): Promise<Backup> {
  const { rows } = await pool.query<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'public' order by 1`);
  const tables = new Map<string, object[]>();
  for (const { name } of rows) {
    const { rows: all } = await pool.query<{ row: object }>(`select to_jsonb(t) as row from "${name}" t`);
    tables.set(
      name,
      all.map(({ row }) => row),
    );
  }
  return tables;
}

async function restore({ url, pool }: TestDatabase, backup: Backup): Promise<void> {
  await migrate({ databaseUrl: url });
  for (const [name, rows] of backup) {
    await pool.query(`truncate "${name}"`);
    await pool.query(`insert into "${name}" select * from jsonb_populate_recordset(null::"${name}", $1)`, [JSON.stringify(rows)]);
  }
}

const inBatches = (feed: SealedFeed, batchSize: number | undefined): SealedFeed => ({
  subscribe: (options) => feed.subscribe({ ...options, ...(batchSize !== undefined && { batchSize }) }),
});

function refTo(identifier: string): string {
  const bar = identifier.indexOf('|');
  const normal = normalise(identifier.slice(0, bar), identifier.slice(bar + 1));
  if (!normal.ok) throw new Error(`${identifier} is no identifier`);
  return refOf(PEPPER, normal.identifier);
}

import { randomBytes, randomUUID } from 'node:crypto';
import type http from 'node:http';
import { fileURLToPath } from 'node:url';
import { uuidOf } from '@attesta/event-log';
import { bootstrap, JsonLogger, readPolicySource, type LedgerDirectory, type Role } from '@attesta/service-kit';
import type { PolicySource } from '@attesta/policy';
import { testDatabase, TestLedger, type Happening, type TestDatabase } from '@attesta/testing';
import { PostgresFeed } from '@attesta/transport';
import { normalise, refOf } from '@attesta/vault';
import type { INestApplication } from '@nestjs/common';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import request from 'supertest';
import { RETENTION_SOURCE } from './disposal-store.js';
import { Retention } from './retention.js';
import { RetentionModule } from './retention.module.js';

const ISSUER = 'https://issuer.example';
const POLICY = fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url));
const PEPPER = randomBytes(32);

type Instructed = { disposal: string; scope: string; keys: string[]; parts: { position: number; part: number }[] };

/** For specs only: the service on a real database behind real HTTP, on a ledger in memory that answers as the real one does, with a clock that stands. */
export class RetentionRig {
  readonly ledger = new TestLedger();
  readonly errors: unknown[] = [];
  time = new Date('2026-03-01T09:00:00.000Z');
  policy: PolicySource = readPolicySource(POLICY);
  retention!: Retention;
  app!: INestApplication<http.Server>;
  tokens!: Record<Role, string>;
  /** What systems answer to disposals that are not of a request; undefined: they take their time. */
  systems: object[] | undefined = [];
  /** Whether the ledger does what it is told. */
  obeys = true;
  private carried = -1;
  private answered = -1;
  private readonly destroyed = new Set<string>();
  private verifier!: ReturnType<typeof createLocalJWKSet>;
  private readonly people = new Map<string, string>();

  private constructor(readonly db: TestDatabase) {}

  static async start(change: (policy: PolicySource) => void = () => undefined): Promise<RetentionRig> {
    const rig = new RetentionRig(await testDatabase());
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
      feed: new PostgresFeed(this.ledger),
      policy: this.policy,
      directory: this.directory,
      pepper: PEPPER,
      fetchLog: this.ledger.fetchLog,
      verifierKey: () => Promise.resolve(this.ledger.key.verifierKey),
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

  person(identifier: string): string {
    const ref = refTo(identifier);
    if (!this.people.has(ref)) this.people.set(ref, randomUUID());
    return this.people.get(ref)!;
  }

  /** A collection of these categories, values and all. @returns its position */
  collect(
    subject: string,
    categories: string[],
    { purposes = ['service-fulfilment'], at = this.time, version = 1, sealed = true } = {},
  ): number {
    const classes = [...new Set(categories.map((category) => this.retention.policy.retentionClass(category)))];
    return this.ledger.seal({
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
      ...(sealed && { sealed: classes.map((name) => ({ subject, key: `${name}.${version}` })) }),
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

  /** A happening of now. */
  seal(happening: Happening): number {
    return this.ledger.seal({ time: this.time.toISOString(), recordedAt: this.time.toISOString(), ...happening });
  }

  async follow(): Promise<void> {
    await this.retention.feed.caughtUp(this.ledger.stored.length - 1);
  }

  /** Lets time pass, and everything happen that follows: what the service says is sealed and answered until nothing is left to say. */
  async later(ms = 0): Promise<void> {
    this.time = new Date(this.time.getTime() + ms);
    for (let quiet = false; !quiet;) {
      const before = this.ledger.stored.length;
      await this.follow();
      await this.retention.tick();
      await this.carry();
      this.answer();
      quiet = this.ledger.stored.length === before;
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

  /** Sealed events of one type (without prefix and version). */
  said(type: string): { position: number; subject: string; data: Record<string, any> }[] {
    return this.ledger.stored.flatMap(({ position, bytes }) => {
      const entry = JSON.parse(bytes.toString('utf8')) as { type: string; subject?: { id: string }; data: Record<string, unknown> };
      return entry.type === `attesta.${type}.v1` ? [{ position, subject: entry.subject?.id ?? '', data: entry.data }] : [];
    });
  }

  async post<T = any>(role: Role | undefined, url: string, body: object = {}): Promise<{ status: number; body: T }> {
    const call = request(this.app.getHttpServer()).post(url);
    if (role) call.set('authorization', `Bearer ${this.tokens[role]}`);
    const { status, body: answer } = await call.send(body);
    return { status, body: answer as T };
  }

  async get<T = any>(role: Role | undefined, url: string): Promise<{ status: number; body: T }> {
    const call = request(this.app.getHttpServer()).get(url);
    if (role) call.set('authorization', `Bearer ${this.tokens[role]}`);
    const { status, body: answer } = await call;
    return { status, body: answer as T };
  }

  /** What the ledger and the requests service say to what the service said. */
  private answer(): void {
    const fence = this.ledger.stored.length;
    for (const { position, bytes } of this.ledger.stored.slice(this.answered + 1)) {
      this.answered = position;
      const entry = JSON.parse(bytes.toString('utf8')) as {
        id: string;
        type: string;
        subject?: { id: string };
        data: Record<string, unknown>;
      };
      const subject = entry.subject?.id;
      if (subject === undefined) continue;
      const from = (id: string, source: string, type: string, data: object) =>
        this.seal({ id, source, type, subject, data: data as Record<string, unknown> });
      if (entry.type === 'attesta.disposal.started.v1') {
        const { disposal, classes, request: asked } = entry.data as { disposal: string; classes: string[]; request?: string };
        const keys = [...this.keysOf(subject)].filter((key) => classes.includes(key.slice(0, key.lastIndexOf('.'))));
        from(uuidOf(`closed\n${disposal}`), '//attesta/ledger', 'attesta.key.closed.v1', { disposal, keys, fence });
        if (asked === undefined && this.systems)
          from(uuidOf(`answered\n${disposal}`), '//attesta/requests', 'attesta.disposal.systems-answered.v1', {
            disposal,
            acknowledgements: this.systems,
          });
      }
      if (entry.type === 'attesta.disposal.instructed.v1' && this.obeys)
        this.destroy(entry.id, subject, entry.data as unknown as Instructed, from);
    }
  }

  private destroy(
    id: string,
    subject: string,
    { disposal, scope, keys, parts }: Instructed,
    from: (id: string, source: string, type: string, data: object) => number,
  ): void {
    for (const key of keys) this.destroyed.add(`${subject} ${key}`);
    if (keys.length > 0 || scope === 'subject') {
      from(uuidOf(`destroyed\n${id}`), '//attesta/ledger', 'attesta.key.destroyed.v1', {
        keys: keys.map((key) => ({ subject, key })),
        scope,
        reason: 'disposal',
        basis: `disposal/${disposal}`,
        method: 'crypto-shredding',
      });
    }
    const removed = parts.filter(({ position, part }) => {
      const entry = JSON.parse(this.ledger.stored[position]!.bytes.toString('utf8')) as { sealed?: { key: string }[] };
      return part >= 0 && !this.destroyed.has(`${subject} ${entry.sealed?.[part]?.key}`);
    });
    if (removed.length > 0)
      from(uuidOf(`removed\n${id}`), '//attesta/ledger', 'attesta.ciphertext.removed.v1', {
        disposal,
        parts: removed,
        method: 'ciphertext-removal',
      });
  }

  private keysOf(subject: string): Set<string> {
    const keys = this.ledger.stored.flatMap(
      ({ bytes }) => (JSON.parse(bytes.toString('utf8')) as { sealed?: { subject: string; key: string }[] }).sealed ?? [],
    );
    return new Set(keys.filter((one) => one.subject === subject && !this.destroyed.has(`${subject} ${one.key}`)).map(({ key }) => key));
  }

  private readonly directory: LedgerDirectory = {
    subjectsOf: (refs, enrol) => {
      if (enrol) for (const ref of refs) if (!this.people.has(ref)) this.people.set(ref, randomUUID());
      return Promise.resolve(Object.fromEntries(refs.map((ref) => [ref, this.people.get(ref) ?? null])));
    },
    refsOf: () => Promise.resolve({}),
    erasures: () => Promise.resolve({ erasures: [], last: 0 }),
  };
}

function refTo(identifier: string): string {
  const bar = identifier.indexOf('|');
  const normal = normalise(identifier.slice(0, bar), identifier.slice(bar + 1));
  if (!normal.ok) throw new Error(`${identifier} is no identifier`);
  return refOf(PEPPER, normal.identifier);
}

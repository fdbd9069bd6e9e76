import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import type http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap, type Erasures, JsonLogger, type LedgerDirectory, readPolicySource, type Role } from '@attesta/service-kit';
import { testDatabase, TestLedger, type Happening, type TestDatabase } from '@attesta/testing';
import { PostgresFeed } from '@attesta/transport';
import { LocalKeyring, subjectRef } from '@attesta/vault';
import type { INestApplication } from '@nestjs/common';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import request from 'supertest';
import { Consent } from './consent.js';
import { ConsentModule } from './consent.module.js';
import { CONSENT_SOURCE } from './decision-events.js';

const ISSUER = 'https://issuer.example';
const POLICY = fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url));

export const NOTICE = '2022-08-10';
export const PEPPER = randomBytes(32);

/** The vault's part that the service knows: who is who. May be away. */
export class TestDirectory implements LedgerDirectory {
  readonly subjects = new Map<string, string>();
  readonly erased: string[] = [];
  away = false;
  asked = 0;

  subjectsOf = (refs: string[], enrol: boolean): Promise<Record<string, string | null>> => {
    this.asked++;
    if (this.away) return Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' }));
    if (enrol) for (const ref of refs) if (!this.subjects.has(ref)) this.subjects.set(ref, randomUUID());
    return Promise.resolve(Object.fromEntries(refs.map((ref) => [ref, this.subjects.get(ref) ?? null])));
  };

  refsOf = (subjects: string[]): Promise<Record<string, string[]>> => {
    if (this.away) return Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' }));
    const refs = (id: string) => [...this.subjects].filter(([, subject]) => subject === id).map(([ref]) => ref);
    return Promise.resolve(Object.fromEntries(subjects.map((id) => [id, refs(id)])));
  };

  erasures = (after: number, limit: number): Promise<Erasures> => {
    const all = this.erased.map((subject, i) => ({ n: i + 1, subject }));
    return Promise.resolve({ erasures: all.slice(after, after + limit), last: all.length });
  };

  contactsOf: LedgerDirectory['contactsOf'] = () => Promise.resolve({});
}

export interface Answered<T> {
  status: number;
  body: T;
}

/** For specs only: the service on a real database behind real HTTP, on a ledger in memory, with a clock that stands. */
export class ConsentRig {
  readonly directory = new TestDirectory();
  time = new Date('2026-03-01T09:00:00.000Z');
  readonly errors: unknown[] = [];
  consent!: Consent;
  app!: INestApplication<http.Server>;
  tokens!: Record<Role, string>;
  private carried = -1;

  private constructor(
    readonly db: TestDatabase,
    private readonly keyring: LocalKeyring,
    readonly ledger: TestLedger,
    private readonly batchSize: number,
  ) {}

  /** @param ledger one that has a log already. @param batchSize entries that are settled at once */
  static async start(ledger = new TestLedger(), batchSize = 500): Promise<ConsentRig> {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-consent-'));
    const rig = new ConsentRig(await testDatabase(), await LocalKeyring.open(path.join(directory, 'keyring.json')), ledger, batchSize);
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
    const sign = (role: Role) =>
      new SignJWT({
        roles: [role],
        ...(role === 'publisher' && { sources: ['//'] }),
        ...(role === 'subject' && { subject: refOf('account|self') }),
      })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setIssuer(ISSUER)
        .setAudience('attesta')
        .setSubject(`${role}-7`)
        .setExpirationTime('1h')
        .sign(privateKey);
    rig.tokens = {
      auditor: await sign('auditor'),
      dpo: await sign('dpo'),
      subject: await sign('subject'),
      operator: await sign('operator'),
      publisher: await sign('publisher'),
    };
    rig.keys = createLocalJWKSet({ keys: [jwk] });
    await rig.open();
    return rig;
  }

  private keys!: ReturnType<typeof createLocalJWKSet>;

  /** As a process starts, on the database as it is. */
  async open(): Promise<void> {
    this.consent = await Consent.open({
      databaseUrl: this.db.url,
      feed: { subscribe: (options) => new PostgresFeed(this.ledger).subscribe({ ...options, batchSize: this.batchSize }) },
      policy: readPolicySource(POLICY),
      directory: this.directory,
      pepper: PEPPER,
      keys: this.keyring,
      fetchLog: this.ledger.fetchLog,
      verifierKey: () => Promise.resolve(this.ledger.key.verifierKey),
      now: () => this.time,
      tickMs: 3_600_000,
      onError: (error) => this.errors.push(error),
    });
    this.app = await bootstrap(ConsentModule.forRoot({ consent: this.consent }), {
      service: 'consent',
      auth: { issuer: ISSUER, audience: 'attesta', keys: this.keys },
      logger: new JsonLogger({ service: 'consent', level: 'off' }),
      strategies: [this.consent.server],
      shutdownSignals: false,
    });
  }

  /** Lets a moment pass: what happens at the very same instant is settled by weight, not by order. */
  later(ms = 1): void {
    this.time = new Date(this.time.getTime() + ms);
  }

  /** Seals what others report, and waits until it is settled. @returns the position */
  async report(happening: Happening): Promise<number> {
    const position = this.ledger.seal({ recordedAt: this.time.toISOString(), ...happening });
    await this.consent.feed.caughtUp(position);
    return position;
  }

  /** Seals what our own log says, as the outbox and the ledger would; waits until it has come back. */
  async carry(): Promise<void> {
    for (const { position, id, type, subject, data, time, actor } of await this.consent.log.read(this.carried, 10_000)) {
      this.carried = position;
      const recordedAt = this.time.toISOString();
      this.ledger.seal({ id, type, data, time, recordedAt, source: CONSENT_SOURCE, ...(subject && { subject }), ...(actor && { actor }) });
    }
    await this.consent.feed.caughtUp(this.ledger.stored.length - 1);
  }

  /** What our own log says, by type, with the data that matters. */
  async said(type?: string): Promise<{ type: string; subject?: string; time: string; data: Record<string, unknown> }[]> {
    const all = await this.consent.log.read(-1, 100_000);
    return all.filter((event) => type === undefined || event.type === `attesta.${type}.v1`);
  }

  post<T>(url: string, body: object, role: Role | null = 'publisher'): Promise<Answered<T>> {
    const asked = request(this.app.getHttpServer()).post(url).send(body);
    return this.answer(role === null ? asked : asked.set('authorization', `Bearer ${this.tokens[role]}`));
  }

  get<T>(url: string, role: Role | null = 'publisher'): Promise<Answered<T>> {
    const asked = request(this.app.getHttpServer()).get(url);
    return this.answer(role === null ? asked : asked.set('authorization', `Bearer ${this.tokens[role]}`));
  }

  private async answer<T>(asked: request.Test): Promise<Answered<T>> {
    const { status, body } = await asked;
    return { status, body: body as T };
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.db.drop();
  }
}

export const refOf = (subject: string): string => {
  const bar = subject.indexOf('|');
  return subjectRef(PEPPER, subject.slice(0, bar), subject.slice(bar + 1));
};

/** The same UUID for the same number. */
export const person = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

export const captured = (
  subject: string,
  status: 'given' | 'refused' | 'withdrawn' | 'requested' | 'deferred',
  purposes: string[],
  data: Record<string, unknown> = {},
  more: Partial<Happening> = {},
): Happening => ({
  type: 'attesta.consent.captured.v1',
  subject,
  data: { purposes, status, method: 'checkbox', noticeVersion: NOTICE, language: 'en', ...data },
  ...more,
});

export const link = (subject: string, identity: string, linked = true, more: Partial<Happening> = {}): Happening => ({
  type: `attesta.identifier.${linked ? 'linked' : 'unlinked'}.v1`,
  subject,
  data: { kind: 'device', rule: 'login', related: [{ subject: identity, role: 'linked' }] },
  ...more,
});

import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import type http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap, JsonLogger, PeopleIssuer, readPolicySource, type LedgerDirectory, type Role } from '@attesta/service-kit';
import type { LoggedEvent } from '@attesta/event-log';
import type { EventTypes } from '@attesta/events';
import { testDatabase, TestLedger, type Happening, type TestDatabase } from '@attesta/testing';
import { PostgresFeed } from '@attesta/transport';
import { LocalKeyring, refOf, normalise } from '@attesta/vault';
import type { INestApplication } from '@nestjs/common';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import request from 'supertest';
import type { Letter, Post } from './outgoing-mail.js';
import { REQUESTS_SOURCE } from './request-store.js';
import { RETENTION_SOURCE } from './survivors.js';
import type { RequestView } from './request-views.js';
import { Requests } from './requests.js';
import { REQUESTS_RAW, RequestsModule } from './requests.module.js';

const ISSUER = 'https://issuer.example';
const POLICY = fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url));
export const PEPPER = randomBytes(32);

/** The vault's part that the service knows: who is who. Several identifiers may be one person's. */
export class TestDirectory implements LedgerDirectory {
  readonly subjects = new Map<string, string>();

  subjectsOf = (refs: string[], enrol: boolean): Promise<Record<string, string | null>> => {
    if (enrol) for (const ref of refs) if (!this.subjects.has(ref)) this.subjects.set(ref, randomUUID());
    return Promise.resolve(Object.fromEntries(refs.map((ref) => [ref, this.subjects.get(ref) ?? null])));
  };
  refsOf = (subjects: string[]): Promise<Record<string, string[]>> => {
    const refs = (of: string) => [...this.subjects].flatMap(([ref, subject]) => (subject === of ? [ref] : []));
    return Promise.resolve(Object.fromEntries(subjects.map((subject) => [subject, refs(subject)])));
  };
  erasures: LedgerDirectory['erasures'] = () => Promise.resolve({ erasures: [], last: 0 });
  contactsOf: LedgerDirectory['contactsOf'] = () => Promise.resolve({});

  /** Makes identifiers those of one person. @returns the subject id */
  same(...identifiers: string[]): string {
    const id = randomUUID();
    for (const identifier of identifiers) this.subjects.set(refTo(identifier), id);
    return id;
  }
}

export function refTo(identifier: string): string {
  const bar = identifier.indexOf('|');
  const normal = normalise(identifier.slice(0, bar), identifier.slice(bar + 1));
  if (!normal.ok) throw new Error(`${identifier} is no identifier`);
  return refOf(PEPPER, normal.identifier);
}

type Instructed = EventTypes['attesta.request.erasure-instructed.v1'];
type Completed = EventTypes['attesta.disposal.completed.v1'];

/** What the retention service says once the ledger's part of an erasure is done. */
export const completed = (subject: string, { request, categories, survivors }: Instructed, more: Partial<Completed> = {}): Happening => ({
  type: 'attesta.disposal.completed.v1',
  source: RETENTION_SOURCE,
  subject,
  data: {
    disposal: randomUUID(),
    cause: 'erasure-request',
    request,
    outcome: survivors.length > 0 ? 'partial' : 'complete',
    action: 'destroy',
    scope: 'class',
    rules: [],
    categories: categories.length > 0 ? categories : ['contact'],
    keys: [],
    parts: 0,
    collected: { from: '2026-01-01T00:00:00Z', until: '2026-02-01T00:00:00Z' },
    survivors,
    acknowledgements: [],
    methods: [],
    priorNotice: 'requested-by-subject',
    ...more,
  },
});

export interface Answered<T> {
  status: number;
  body: T;
}

/** For specs only: the service on a real database behind real HTTP, on a ledger in memory, with a clock that stands. */
export class RequestsRig {
  readonly ledger = new TestLedger();
  readonly directory = new TestDirectory();
  readonly letters: (Letter & { request: string })[] = [];
  readonly errors: unknown[] = [];
  time = new Date('2026-03-01T09:00:00.000Z');
  /** Whether the ledger's own part of an erasure is done as soon as it is instructed. */
  destroys = true;
  requests!: Requests;
  app!: INestApplication<http.Server>;
  tokens!: Record<Role, string>;
  private carried = -1;
  private carrying: Promise<void> = Promise.resolve();
  private verifier!: ReturnType<typeof createLocalJWKSet>;
  private sign!: (claims: Record<string, unknown>, sub: string) => Promise<string>;

  private constructor(
    readonly db: TestDatabase,
    private readonly keyring: LocalKeyring,
    private readonly keys: string,
    private readonly letterPost: Post | undefined,
  ) {}

  /** @param post how letters leave; without it they are in `letters` */
  static async start(post?: Post): Promise<RequestsRig> {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-requests-'));
    const rig = new RequestsRig(await testDatabase(), await LocalKeyring.open(path.join(directory, 'keyring.json')), directory, post);
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    rig.verifier = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] });
    rig.sign = (claims, sub) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setIssuer(ISSUER)
        .setAudience('attesta')
        .setSubject(sub)
        .setExpirationTime('8h')
        .sign(privateKey);
    rig.tokens = {
      auditor: await rig.sign({ roles: ['auditor'] }, 'auditor-7'),
      dpo: await rig.sign({ roles: ['dpo'] }, 'dpo-7'),
      operator: await rig.sign({ roles: ['operator'] }, 'operator-7'),
      publisher: await rig.sign({ roles: ['publisher'], sources: ['//storefront.test'] }, 'storefront'),
      subject: await rig.sign({ roles: ['subject'], subject: refTo('account|self') }, 'subject-7'),
    };
    await rig.open();
    return rig;
  }

  tokenFor(source: string): Promise<string> {
    return this.sign({ roles: ['publisher'], sources: [source] }, `svc-${source.length}`);
  }

  /** As a process starts, on the database as it is. */
  async open(): Promise<void> {
    const people = await PeopleIssuer.open({ keys: this.keys, publicUrl: 'https://privacy.example', audience: 'attesta' });
    const requests = await Requests.open({
      databaseUrl: this.db.url,
      feed: new PostgresFeed(this.ledger),
      policy: readPolicySource(POLICY),
      directory: this.directory,
      pepper: PEPPER,
      keys: this.keyring,
      publicUrl: 'https://privacy.example',
      people,
      post: this.letterPost ?? ((letter, { request: id }) => Promise.resolve(void this.letters.push({ ...letter, request: id }))),
      now: () => this.time,
      tickMs: 3_600_000,
      onError: (error) => this.errors.push(error),
    });
    this.requests = requests;
    // What the service says comes back through the ledger before anything is done from it, as it would by itself in a moment.
    const tick = requests.tick.bind(requests);
    requests.tick = async () => {
      await this.carry();
      await tick();
    };
    this.app = await bootstrap(RequestsModule.forRoot({ requests }), {
      service: 'requests',
      auth: { issuer: ISSUER, audience: 'attesta', keys: this.verifier, peopleIssuer: people.issuer, peopleKeys: people.verifierKeys },
      rawBody: REQUESTS_RAW,
      logger: new JsonLogger({ service: 'requests', level: 'off' }),
      strategies: [this.requests.server],
      shutdownSignals: false,
    });
    await this.app.listen(0, '127.0.0.1');
  }

  get url(): string {
    const address = this.app.getHttpServer().address();
    if (address === null || typeof address === 'string') throw new Error('the rig does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    await this.app.close();
  }

  async stop(): Promise<void> {
    await this.close();
    await this.db.drop();
  }

  /** Lets time pass, and does what is due then. */
  async later(ms: number): Promise<void> {
    this.time = new Date(this.time.getTime() + ms);
    await this.requests.tick();
  }

  /** Seals what others report; resolves when the service has it. */
  async seal(...happenings: Happening[]): Promise<void> {
    let last = -1;
    for (const happening of happenings) last = this.ledger.seal({ recordedAt: this.time.toISOString(), ...happening });
    await this.requests.feed.caughtUp(last);
  }

  /** Carries what the service said to the ledger and back, as the relay does. */
  carry(): Promise<void> {
    const turn = this.carrying.then(() => this.carryAll());
    this.carrying = turn.catch(() => undefined);
    return turn;
  }

  private async carryAll(): Promise<void> {
    for (let said = await this.unsealed(); said.length > 0; said = await this.unsealed()) {
      for (const { id, type, time, subject, data, position } of said) {
        this.ledger.seal({ id, type, time, source: REQUESTS_SOURCE, data, ...(subject !== undefined && { subject }), recordedAt: time });
        this.carried = position;
        if (this.destroys && type === 'attesta.request.erasure-instructed.v1') this.ledger.seal(completed(subject!, data as Instructed));
      }
      await this.requests.feed.caughtUp(this.ledger.stored.length - 1);
    }
  }

  private unsealed(): Promise<LoggedEvent[]> {
    return this.requests.log.read(this.carried, 10_000);
  }

  /** Everything said of a request, by type without prefix and version. */
  async said(id: string): Promise<{ type: string; data: Record<string, unknown>; time: string }[]> {
    return (await this.requests.log.readStream(`request-${id}`)).map(({ type, data, time }) => ({
      type: type.replace(/^attesta\./, '').replace(/\.v1$/, ''),
      data,
      time,
    }));
  }

  async post<T = RequestView>(role: Role | undefined, url: string, body: object = {}): Promise<Answered<T>> {
    await this.carry();
    const call = request(this.app.getHttpServer()).post(url);
    if (role) call.set('authorization', `Bearer ${this.tokens[role]}`);
    const { status, body: answer } = await call.send(body);
    return { status, body: answer as T };
  }

  async get<T = RequestView>(role: Role | undefined, url: string): Promise<Answered<T>> {
    await this.carry();
    const call = request(this.app.getHttpServer()).get(url);
    if (role) call.set('authorization', `Bearer ${this.tokens[role]}`);
    const { status, body: answer } = await call;
    return { status, body: answer as T };
  }
}

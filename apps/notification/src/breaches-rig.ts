import type http from 'node:http';
import { randomUUID } from 'node:crypto';
import { ServiceLog, serviceLogAppend, serviceLogTables } from '@attesta/event-log';
import type { Entry } from '@attesta/events';
import { bootstrap, Directory, directoryTables, erasureTables, JsonLogger, Problem, type Role } from '@attesta/service-kit';
import { TestLedger, testDatabase, type TestDatabase } from '@attesta/testing';
import { retriedTransaction } from '@attesta/transport';
import { Module, type INestApplication } from '@nestjs/common';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type pg from 'pg';
import request from 'supertest';
import { DISCOVERED, HOUR, policy } from './breach-rig.js';
import { breachTables } from './breach.schema.js';
import { BreachesController } from './breaches.controller.js';
import { Breaches, type BreachAlert, type BreachTelling } from './breaches.js';

const ISSUER = 'https://issuer.example';
export const SOURCE = '//attesta/notification';

interface Answer<T> {
  status: number;
  type: string | undefined;
  body: T;
}

/** For specs only: the register on a real database behind real HTTP, beside a ledger in memory, with a clock that stands. */
export class BreachesRig {
  time = new Date(Date.parse(DISCOVERED) + HOUR);
  /** What the hooks were told, of transactions that were committed and of others. */
  readonly alerts: BreachAlert[] = [];
  readonly tellings: BreachTelling[] = [];
  /** Thrown at the end of the next transaction, as a process that stops there. */
  stopsAtCommit = false;
  breaches!: Breaches;
  app!: INestApplication<http.Server>;
  tokens!: Record<Role, string>;
  private log!: ServiceLog;
  private carried = -1;
  private taken = 0;
  private readonly people = new Map<string, string>();

  private constructor(
    readonly db: TestDatabase,
    readonly ledger: TestLedger,
  ) {}

  /** @param like another rig, whose ledger and clock it has */
  static async start(like?: BreachesRig): Promise<BreachesRig> {
    const rig = new BreachesRig(await testDatabase(), like?.ledger ?? new TestLedger());
    if (like) rig.time = like.time;
    await rig.db.pool.query(`${serviceLogTables}${serviceLogAppend}${directoryTables}${erasureTables}${breachTables}`);
    rig.log = new ServiceLog(rig.db.pool);
    rig.breaches = rig.process();
    await rig.serve();
    return rig;
  }

  /** A process on the database. */
  process(): Breaches {
    const ledger = {
      subjectsOf: (refs: string[]) => Promise.resolve(Object.fromEntries(refs.map((ref) => [ref, this.people.get(ref) ?? null]))),
      refsOf: () => Promise.resolve({}),
      contactsOf: () => Promise.resolve({}),
      erasures: () => Promise.resolve({ erasures: [], last: 0 }),
    };
    const { pool } = this.db;
    const host = {
      pool,
      log: this.log,
      policy,
      directory: new Directory(pool, ledger, Buffer.alloc(32, 7), () => undefined),
      now: () => this.time,
      transact: <T>(work: (tx: pg.PoolClient) => Promise<T>) =>
        retriedTransaction(pool, async (tx) => {
          const done = await work(tx);
          if (this.stopsAtCommit) throw new Error('the process stopped');
          return done;
        }),
    };
    return new Breaches(host, SOURCE, {
      alert: (_tx, alert) => Promise.resolve(void this.alerts.push(alert)),
      tell: (_tx, telling) => Promise.resolve(void this.tellings.push(telling)),
    });
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.db.drop();
  }

  /** A person whom the ledger knows by this. @returns the subject id */
  person(identifier: string): string {
    const ref = this.breaches.host.directory.named(identifier);
    if (!this.people.has(ref)) this.people.set(ref, randomUUID());
    return this.people.get(ref)!;
  }

  /** Lets hours pass since the discovery, and clocks be looked at. */
  async at(hours: number): Promise<void> {
    this.time = new Date(Date.parse(DISCOVERED) + hours * HOUR);
    await this.breaches.tick();
  }

  /** Seals what the register said, as relay and ledger do, and brings it back. */
  async carry(): Promise<void> {
    for (const { position, stream: _stream, version: _version, ...event } of await this.log.read(this.carried, 100_000)) {
      this.ledger.seal({ ...event, source: SOURCE, recordedAt: event.time });
      this.carried = position;
    }
    await this.follow();
  }

  /** Takes what the ledger sealed. @param order in which it comes */
  async follow(order = (entries: { position: number; entry: Entry }[]) => entries): Promise<void> {
    const entries = this.ledger.stored
      .slice(this.taken)
      .map(({ position, bytes }) => ({ position, entry: JSON.parse(bytes.toString()) as Entry }));
    this.taken = this.ledger.stored.length;
    for (const one of order(entries)) await this.breaches.host.transact((tx) => this.breaches.take(tx, [one]));
  }

  /** Types of what was said, without prefix and version. */
  async said(): Promise<string[]> {
    const all = await this.log.read(-1, 100_000);
    return all.map(({ type }) => type.slice('attesta.breach.'.length, -'.v1'.length));
  }

  /** Rows as they stand, without what only a feed can tell. */
  async rows(): Promise<unknown[]> {
    const { rows } = await this.db.pool.query<{ row: unknown }>(
      `select to_jsonb(b) as row from breach b union all select to_jsonb(p) from breach_person p order by 1`,
    );
    return rows.map(({ row }) => row);
  }

  post<T = Record<string, unknown>>(role: Role | undefined, url: string, body: unknown = {}): Promise<Answer<T>> {
    return this.send(request(this.app.getHttpServer()).post(url), role, body);
  }

  get<T = Record<string, unknown>>(role: Role | undefined, url: string): Promise<Answer<T>> {
    return this.send(request(this.app.getHttpServer()).get(url), role);
  }

  private async send<T>(call: request.Test, role: Role | undefined, body?: unknown): Promise<Answer<T>> {
    if (role) call.set('authorization', `Bearer ${this.tokens[role]}`);
    const { status, body: answer, headers } = await (body === undefined ? call : call.send(body as object));
    return { status, type: (headers as Record<string, string>)['content-type'], body: answer as T };
  }

  private async serve(): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] });
    const sign = (role: Role) =>
      new SignJWT({
        roles: [role],
        ...(role === 'publisher' && { sources: ['//storefront.test'] }),
        ...(role === 'subject' && { subject: randomUUID() }),
      })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setIssuer(ISSUER)
        .setAudience('attesta')
        .setSubject(`${role}-7`)
        .setExpirationTime('8h')
        .sign(privateKey);
    this.tokens = {
      auditor: await sign('auditor'),
      dpo: await sign('dpo'),
      operator: await sign('operator'),
      publisher: await sign('publisher'),
      subject: await sign('subject'),
    };
    this.app = await bootstrap(
      { module: BreachesModule, controllers: [BreachesController], providers: [{ provide: Breaches, useValue: this.breaches }] },
      {
        service: 'notification',
        auth: { issuer: ISSUER, audience: 'attesta', keys },
        logger: new JsonLogger({ service: 'notification', level: 'off' }),
        shutdownSignals: false,
      },
    );
    await this.app.listen(0, '127.0.0.1');
  }
}

@Module({})
class BreachesModule {}

/** Slug of the problem that a call rejects with, or of its first field. */
export async function problemOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Problem) return `${error.getStatus()} ${error.slug}${error.errors ? ` ${error.errors[0]?.field}` : ''}`;
    throw error;
  }
  return 'taken';
}

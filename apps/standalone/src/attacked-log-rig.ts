/* The whole system with a few hundred sealed entries, and somebody who holds its database: superuser, triggers off. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { main as attesta } from '@attesta/cli';
import { AttestaClient } from '@attesta/sdk';
import pg from 'pg';
import { collected } from './clauses/drafts.js';
import { SHIPPED_POLICY } from './shipped-files.js';
import { startStandalone, type Standalone } from './standalone.js';

const LOG = 'attesta_ledger';

/** What `attesta log verify --json` said. */
export interface Visit {
  code: number;
  size: number;
  problems: { kind: string; position?: number; lastPosition?: number; positions?: number[]; message: string }[];
}

export class AttackedLog {
  private constructor(
    private readonly home: string,
    private readonly system: Standalone,
  ) {}

  static async start(): Promise<AttackedLog> {
    const home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-attacked-'));
    await fs.chmod(home, 0o755); // PostgreSQL runs as another user when we are root
    const options = { home, port: 0, host: '127.0.0.1', origin: 'attacked.localhost/log', policyFile: SHIPPED_POLICY };
    const system = await startStandalone({ ...options, logLevel: 'off' });
    await system.audit.patrol.stop(); // what it finds is sealed: into the log that is attacked
    return new AttackedLog(home, system);
  }

  async stop(): Promise<void> {
    await this.system.stop();
    await fs.rm(this.home, { recursive: true, force: true });
  }

  /** Publishes events about seven people over HTTP; resolves with the size that the newest checkpoint signs. */
  async seal(count: number, label: string): Promise<number> {
    const { url, issuer, ledger } = this.system;
    const client = new AttestaClient({ source: '//storefront.m-med.example', url, token: () => issuer.issueToken('storefront') });
    await client.publishMany(Array.from({ length: count }, (_, i) => collected(`account|c-${i % 7}`, {}, { id: `${label}-${i}` })));
    return (await ledger.integrator.integrate())!;
  }

  /** Seals one event while a statement is run between its sealing and its way into the tree. */
  async sealAndMeanwhile(label: string, sql: string): Promise<number> {
    const attacker = await this.attacker();
    await attacker.query('begin; select 1 from tree_head for update'); // the tree waits
    const { url, issuer, ledger } = this.system;
    const client = new AttestaClient({ source: '//storefront.m-med.example', url, token: () => issuer.issueToken('storefront') });
    await client.publish(collected('account|c-1', {}, { id: label }));
    await attacker.query(sql);
    await attacker.query('commit');
    await attacker.end();
    return (await ledger.integrator.integrate())!;
  }

  /** As superuser, with every trigger off. */
  async sql(text: string, values?: unknown[]): Promise<void> {
    const attacker = await this.attacker();
    await attacker.query(text, values).finally(() => attacker.end());
  }

  async bytesOf(position: number): Promise<Buffer> {
    return (await this.entries(position, position + 1))[0]!;
  }

  /** What rows hold from one position up to, not including, another. */
  async entries(from: number, to: number): Promise<Buffer[]> {
    const attacker = await this.attacker();
    const { rows } = await attacker
      .query<{ bytes: Buffer }>('select bytes from entry where position >= $1 and position < $2 order by position', [from, to])
      .finally(() => attacker.end());
    return rows.map(({ bytes }) => bytes);
  }

  /** A copy of the ledger's database as it is now. */
  async backUp(name: string): Promise<void> {
    await this.asAdmin([
      `alter database ${LOG} allow_connections false`,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${LOG}'`,
      `create database ${name} template ${LOG}`,
      `alter database ${LOG} allow_connections true`,
    ]);
    await this.reconnected();
  }

  /** Puts such a copy in the database's place, under the running service, which finds its connections cut and makes new ones. */
  async restore(name: string): Promise<void> {
    await this.asAdmin([`drop database ${LOG} with (force)`, `create database ${LOG} template ${name} owner ${LOG}`]);
    await this.reconnected();
  }

  /** One visit with the real command; `state` is the file between visits, without it the log is seen for the first time. */
  async verify(state?: string): Promise<Visit> {
    const { ledger } = this.system;
    const remembering = state === undefined ? [] : ['--state', state];
    const { code, said } = await this.run(['log', 'verify', '--key', ledger.verifierKey, ...remembering], 0);
    return { code, ...(said as Omit<Visit, 'code'>) };
  }

  /** What `attesta doctor` says of the clocks, when the system's is this far ahead of the one of whoever asks (less than 0: behind). */
  async clock(skewMs: number): Promise<{ status: string; detail: string }> {
    const { said } = await this.run(['doctor'], -skewMs);
    return (said as { checks: { check: string; status: string; detail: string }[] }).checks.find(({ check }) => check === 'clock')!;
  }

  private async run(command: string[], skewMs: number): Promise<{ code: number; said: unknown }> {
    const { url, issuer } = this.system;
    let out = '';
    const stdout = new Writable({ write: (chunk: Buffer, _encoding, done) => done(void (out += chunk.toString())) });
    const stderr = new Writable({ write: (_chunk, _encoding, done) => done() });
    const now = () => new Date(Date.now() + skewMs);
    const terminal = { stdin: Readable.from([]), stdout, stderr, env: {}, cwd: this.home, now };
    const code = await attesta([...command, '--url', url, '--token', await issuer.issueToken('auditor'), '--json'], terminal);
    return { code, said: JSON.parse(out) };
  }

  private async attacker(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.system.adminUrl(LOG) });
    await client.connect();
    await client.query("set session_replication_role = 'replica'");
    return client;
  }

  private async asAdmin(statements: string[]): Promise<void> {
    const admin = new pg.Client({ connectionString: this.system.adminUrl() });
    await admin.connect();
    try {
      for (const statement of statements) await admin.query(statement);
    } finally {
      await admin.end();
    }
  }

  /** A connection cut a moment ago may be handed out once more: asked again, the service has another one. */
  private async reconnected(): Promise<void> {
    const { ledger } = this.system;
    for (const end = Date.now() + 30_000; ; await new Promise((wake) => setTimeout(wake, 20))) {
      const back = await ledger.integrator.integrate().then(
        (size) => size !== undefined,
        () => false,
      );
      if (back) return;
      if (Date.now() > end) throw new Error('the ledger did not reconnect to its database within half a minute');
    }
  }
}

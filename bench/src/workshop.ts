import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createDatabase, startPostgres, type EmbeddedServer } from '@attesta/event-log/embedded';
import { Ledger } from '@attesta/ledger';
import { readPolicy } from '@attesta/service-kit';
import { createPool } from '@attesta/service-kit';
import pg from 'pg';
import { growLog, type GrownLog } from './grow.js';
import { startBroker } from './broker.js';
import type { Cleanup } from './cleanup.js';
import type { BenchOptions } from './options.js';

/** Commits reach the disk; only what a default installation leaves too small for any load is raised. */
export const POSTGRES = { shared_buffers: '512MB', max_wal_size: '8GB', checkpoint_timeout: '15min', max_connections: '300' };

/** What the rows are measured with: a real PostgreSQL with durable commits, ledgers on it, logs that were grown once and are used by several rows. */
export class Workshop {
  private readonly logs = new Map<number, Promise<GrownLog>>();
  private names = 0;

  private constructor(
    readonly root: string,
    readonly options: BenchOptions,
    readonly server: EmbeddedServer,
    /** Goes with the run. */
    readonly directory: string,
    readonly cleanup: Cleanup,
    readonly say: (text: string) => void,
  ) {}

  static async open(root: string, options: BenchOptions, cleanup: Cleanup, say: (text: string) => void): Promise<Workshop> {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-bench-'));
    fs.chmodSync(directory, 0o755); // PostgreSQL of a root's run lives below it as another user
    const remove = () => fs.rmSync(directory, { recursive: true, force: true });
    cleanup.atExit(remove);
    cleanup.defer(async () => remove());
    const server = await startPostgres({ dataDir: directory, settings: POSTGRES });
    cleanup.atExit(() => endPostgres(path.join(directory, 'postgres')));
    cleanup.defer(() => server.stop());
    return new Workshop(root, options, server, directory, cleanup, say);
  }

  get policyFile(): string {
    return path.join(this.root, 'policies/m-med.yaml');
  }

  get smallest(): number {
    return this.options.sizes[0]!;
  }

  get largest(): number {
    return this.options.sizes.at(-1)!;
  }

  /** A share of --seconds, never less than one second. */
  seconds(share = 1): number {
    return Math.max(1, this.options.seconds * share);
  }

  /** A directory of its own. */
  scratch(name: string): string {
    const directory = path.join(this.directory, this.unique(name));
    fs.mkdirSync(directory, { recursive: true });
    return directory;
  }

  /** A fresh database; its owner's connection string. */
  database(name: string): Promise<string> {
    return createDatabase(this.server.adminUrl(), this.unique(name), randomBytes(12).toString('hex'));
  }

  /** A fresh database for a limit to be measured in; the superuser's connection string, so that it may begin with a checkpoint. */
  async limitDatabase(name: string): Promise<string> {
    const { pathname } = new URL(await this.database(name));
    return this.server.adminUrl(pathname.slice(1));
  }

  /** Resolves when all that was written is on the disk, so that what is measured next does not wait for it. */
  async flushed(): Promise<void> {
    const admin = new pg.Client({ connectionString: this.server.adminUrl() });
    await admin.connect();
    await admin.query('checkpoint').finally(() => admin.end());
  }

  /** An empty ledger on databases of its own; the process's to close. */
  async ledger(name: string): Promise<Ledger> {
    return Ledger.open({
      databaseUrl: await this.database(`${name}_ledger`),
      vaultUrl: await this.database(`${name}_vault`),
      origin: `bench.example/${name}`,
      keys: this.scratch(`${name}_keys`),
      policy: readPolicy(this.policyFile),
      onError: (error) => this.say(`ledger ${name}: ${String(error)}`),
    });
  }

  /** As `ledger`, closed when `use` is done. */
  async withLedger<T>(name: string, use: (ledger: Ledger) => Promise<T>): Promise<T> {
    const ledger = await this.ledger(name);
    try {
      return await use(ledger);
    } finally {
      await ledger.close();
    }
  }

  /** A pool on a fresh database that holds these tables; closed when `use` is done. */
  async withDatabase<T>(name: string, use: (pool: ReturnType<typeof createPool>) => Promise<T>): Promise<T> {
    const pool = createPool({ url: await this.database(name), name: 'attesta-bench', max: 8 });
    try {
      return await use(pool);
    } finally {
      await pool.end();
    }
  }

  /** A log of at least `size` entries, sealed through the ledger and covered by a checkpoint; grown at the first call. */
  log(size: number): Promise<GrownLog> {
    let log = this.logs.get(size);
    if (!log) {
      log = growLog(this, size);
      this.logs.set(size, log);
    }
    return log;
  }

  /** A Kafka broker of this run's own. @throws NotRun where none can be had */
  broker(): Promise<string[]> {
    return startBroker(this);
  }

  private unique(name: string): string {
    return `${name}_${++this.names}`;
  }
}

/** Ends a server that nobody waits for any more, by its data directory. */
export function endPostgres(dataDir: string): void {
  const pid = Number(fs.readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
  if (pid > 1) process.kill(pid, 'SIGQUIT');
}

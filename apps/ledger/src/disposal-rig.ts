import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CloudEvent, Entry } from '@attesta/events';
import { readPolicy } from '@attesta/service-kit';
import { testDatabase, testServer, type TestDatabase } from '@attesta/testing';
import pg from 'pg';
import { Ledger, type LedgerOptions } from './ledger.js';
import { collection, POLICY_FILE } from './spec-rig.js';

/** Ledgers on one pair of real databases, one keys directory and one journal, as several processes would be. For specs. */
export class DisposalRig {
  private readonly open: Ledger[] = [];
  private readonly copies: string[] = [];

  private constructor(
    private readonly home: string,
    private readonly databases: { log: TestDatabase; vault: TestDatabase },
    /** Where the next ledger's databases are. */
    private urls: { log: string; vault: string },
  ) {}

  static async create(): Promise<DisposalRig> {
    const [log, vault] = [await testDatabase(), await testDatabase()];
    const home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-disposal-spec-'));
    return new DisposalRig(home, { log, vault }, { log: log.url, vault: vault.url });
  }

  get journal(): string {
    return path.join(this.home, 'keys', 'erasures.jsonl');
  }

  async ledger(options: Partial<LedgerOptions> = {}): Promise<Ledger> {
    const ledger = await Ledger.open({
      databaseUrl: this.urls.log,
      vaultUrl: this.urls.vault,
      origin: 'spec.example/log',
      keys: path.join(this.home, 'keys'),
      policy: readPolicy(POLICY_FILE),
      checkpointEveryMs: 20,
      ...options,
    });
    this.open.push(ledger);
    return ledger;
  }

  /** Closes every ledger. */
  async stop(): Promise<void> {
    await Promise.all(this.open.splice(0).map((ledger) => ledger.close()));
  }

  /** A copy of a database as it is, while no ledger is open; its connection string. */
  async backup(which: 'log' | 'vault'): Promise<string> {
    const url = new URL(this.urls[which]);
    const from = url.pathname.slice(1);
    const to = `${from}_${randomUUID().slice(0, 8)}`;
    await admin(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${from}'`);
    await admin(`create database ${to} template ${from}`);
    this.copies.push(to);
    url.pathname = `/${to}`;
    return url.href;
  }

  /** The next ledger is on these databases. */
  restore(urls: Partial<{ log: string; vault: string }>): void {
    this.urls = { ...this.urls, ...urls };
  }

  async close(): Promise<void> {
    await this.stop();
    for (const copy of this.copies) await admin(`drop database ${copy} with (force)`);
    await Promise.all([this.databases.log.drop(), this.databases.vault.drop()]);
    await fs.rm(this.home, { recursive: true });
  }
}

async function admin(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: (await testServer())() });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** Seals events, all of which must be taken. @returns their positions */
export async function seal(ledger: Ledger, ...events: CloudEvent[]): Promise<number[]> {
  const receipts = await ledger.sealer.submit(events, { transport: 'internal' });
  return receipts.map(({ position, problems }) => {
    if (position === undefined) throw new Error(JSON.stringify(problems));
    return position;
  });
}

/** Values of these categories of somebody, collected. */
export const collected = (subject: string, ...categories: string[]): CloudEvent =>
  collection(
    { subject },
    { categories, personal: Object.fromEntries(categories.map((category) => [category, { note: `${category} of ${subject}` }])) },
  );

export const started = (subject: string, classes: string[], disposal = randomUUID()): CloudEvent =>
  retention('attesta.disposal.started.v1', subject, {
    disposal,
    cause: 'schedule',
    action: 'destroy',
    rules: [],
    categories: ['identity'],
    classes,
    collectedUntil: '2026-01-05T09:00:00Z',
  });

export const instructed = (subject: string, data: Record<string, unknown>): CloudEvent =>
  retention('attesta.disposal.instructed.v1', subject, { disposal: randomUUID(), scope: 'class', keys: [], parts: [], ...data });

const retention = (type: string, subject: string, data: Record<string, unknown>): CloudEvent => ({
  specversion: '1.0',
  id: randomUUID(),
  source: '//attesta/retention',
  type,
  time: '2026-01-05T10:00:00Z',
  subject,
  data,
});

export type PlacedEntry = Entry & { position: number };

export async function entries(ledger: Ledger, type = ''): Promise<PlacedEntry[]> {
  const { rows } = await ledger.pool.query<{ position: string; bytes: Buffer }>(
    'select position, bytes from entry where position($1::bytea in bytes) > 0 order by position',
    [Buffer.from(`"type":"${type}`)],
  );
  return rows.map(({ position, bytes }) => ({ ...(JSON.parse(bytes.toString()) as Entry), position: Number(position) }));
}

/** Waits until the log holds as many events of a type. */
export async function said(ledger: Ledger, type: string, count = 1): Promise<PlacedEntry[]> {
  for (;;) {
    const found = await entries(ledger, type);
    if (found.length >= count) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What each sealed part of an entry answers. */
export async function opened(ledger: Ledger, position: number): Promise<string[]> {
  const stored = (await ledger.reader.entry(position))!;
  const entry = JSON.parse(stored.bytes.toString()) as Entry;
  const parts = await Promise.all((entry.sealed ?? []).map((part, i) => ledger.vault.open(part, stored.cipher[i], entry)));
  return parts.map(({ status }) => status);
}

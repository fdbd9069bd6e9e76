import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createDatabase, startPostgres, type EmbeddedServer } from '@attesta/event-log/embedded';
import { Ledger, readPolicy } from '@attesta/ledger';

export interface Rig {
  server: EmbeddedServer;
  directory: string;
  /** A fresh database and its owner's connection string. */
  database(name: string): Promise<string>;
  ledger(name: string): Promise<Ledger>;
  close(): Promise<void>;
}

/** A real PostgreSQL with durable commits, in a directory of its own that goes when the measuring is over. */
export async function openRig(root: string): Promise<Rig> {
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-bench-'));
  await fs.chmod(directory, 0o755);
  const server = await startPostgres({ dataDir: directory, settings: POSTGRES });
  const database = (name: string) => createDatabase(server.adminUrl(), name, randomBytes(12).toString('hex'));
  const ledgers: Ledger[] = [];
  return {
    server,
    directory,
    database,
    async ledger(name) {
      const ledger = await Ledger.open({
        databaseUrl: await database(`${name}_ledger`),
        vaultUrl: await database(`${name}_vault`),
        origin: `bench.example/${name}`,
        keys: path.join(directory, `${name}-keys`),
        policy: readPolicy(path.join(root, 'policies/m-med.yaml')),
      });
      ledgers.push(ledger);
      return ledger;
    },
    async close() {
      for (const ledger of ledgers) await ledger.close();
      await server.stop();
      await fs.rm(directory, { recursive: true, force: true });
    },
  };
}

/** Commits reach the disk; only what a default installation leaves too small for any load is raised. */
export const POSTGRES = { shared_buffers: '512MB', max_wal_size: '8GB', checkpoint_timeout: '15min', max_connections: '200' };

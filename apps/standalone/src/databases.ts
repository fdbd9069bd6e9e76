import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { createDatabase, createLogin, type EmbeddedServer } from '@attesta/event-log/embedded';

export interface ServiceDatabase {
  /** As the service: no more than it needs. */
  url: string;
  /** As the owner of the tables. */
  migrationUrl: string;
}

const NAMES = ['ledger', 'vault', 'audit', 'consent', 'requests', 'retention', 'notification'] as const;
export type DatabaseName = (typeof NAMES)[number];

/** One database per service, each with an owner for migrations and a login for the service; passwords are made once and kept in `home`. */
export async function openDatabases(server: EmbeddedServer, home: string): Promise<Record<DatabaseName, ServiceDatabase>> {
  const passwords = await readPasswords(path.join(home, 'databases.json'));
  const open = async (name: DatabaseName): Promise<[DatabaseName, ServiceDatabase]> => {
    const migrationUrl = await createDatabase(server.adminUrl(), `attesta_${name}`, passwords[`${name}_owner`]!);
    const url = await createLogin(server.adminUrl(), `attesta_${name}_service`, passwords[name]!, `attesta_${name}`);
    return [name, { url, migrationUrl }];
  };
  const opened: [DatabaseName, ServiceDatabase][] = [];
  for (const name of NAMES) opened.push(await open(name));
  return Object.fromEntries(opened) as Record<DatabaseName, ServiceDatabase>;
}

/** Kept as they were first made; a database that came with a later version gets its own. */
async function readPasswords(file: string): Promise<Record<string, string>> {
  const known = await fs.readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Record<string, string>,
    (error: NodeJS.ErrnoException): Record<string, string> => {
      if (error.code !== 'ENOENT') throw error;
      return {};
    },
  );
  const wanted = NAMES.flatMap((name) => [name, `${name}_owner`]);
  const made = Object.fromEntries(
    wanted.filter((name) => known[name] === undefined).map((name) => [name, randomBytes(24).toString('hex')]),
  );
  const all = { ...known, ...made };
  if (Object.keys(made).length > 0) {
    await fs.writeFile(`${file}.new`, JSON.stringify(all), { mode: 0o600 });
    await fs.rename(`${file}.new`, file);
  }
  return all;
}

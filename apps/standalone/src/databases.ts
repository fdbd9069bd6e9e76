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

export type DatabaseName = 'ledger' | 'vault' | 'audit';

/** One database per service, each with an owner for migrations and a login for the service; passwords are made once and kept in `home`. */
export async function openDatabases(server: EmbeddedServer, home: string): Promise<Record<DatabaseName, ServiceDatabase>> {
  const passwords = await readPasswords(path.join(home, 'databases.json'));
  const open = async (name: DatabaseName): Promise<ServiceDatabase> => {
    const migrationUrl = await createDatabase(server.adminUrl(), `attesta_${name}`, passwords[`${name}_owner`]!);
    const url = await createLogin(server.adminUrl(), `attesta_${name}_service`, passwords[name]!, `attesta_${name}`);
    return { url, migrationUrl };
  };
  return { ledger: await open('ledger'), vault: await open('vault'), audit: await open('audit') };
}

async function readPasswords(file: string): Promise<Record<string, string>> {
  const made = Object.fromEntries(
    ['ledger', 'vault', 'audit'].flatMap((name) => [name, `${name}_owner`]).map((name) => [name, randomBytes(24).toString('hex')]),
  );
  try {
    await fs.writeFile(file, JSON.stringify(made), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return { ...made, ...(JSON.parse(await fs.readFile(file, 'utf8')) as Record<string, string>) };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { DEPLOYED, FACTS, inRepository } from './helm-rig.js';

const MIGRATING = DEPLOYED.filter((service) => FACTS[service].databases.length > 0);

describe("a service's migration as a job", () => {
  let databases: TestDatabase[];
  let roles: string[];
  beforeEach(() => ([databases, roles] = [[], []]));
  afterEach(async () => {
    for (const [index, database] of databases.entries()) {
      await database.pool.query(`drop owned by ${roles[index]}; drop role ${roles[index]}`);
      await database.drop();
    }
  });

  const urls = async (prefix: string, index: number) => {
    const database = await testDatabase();
    const role = `${prefix.toLowerCase()}_${new URL(database.url).pathname.slice(1)}`;
    await database.pool.query(`create role ${role} login password 'service'`);
    databases[index] = database;
    roles[index] = role;
    const service = new URL(database.url);
    [service.username, service.password] = [role, 'service'];
    return { owner: database.url, service: service.href };
  };

  const run = async (service: string, env: Record<string, string>) => {
    const child = spawn(process.execPath, [inRepository(`apps/${service}/dist/migrate.main.js`)], {
      env: { PATH: process.env['PATH'], ...env },
    });
    const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { status: status as number, applied: stdout.split('\n').filter((line) => line.includes('migration applied')).length, stderr };
  };

  it.each(MIGRATING)('%s: the owner does it, and the role of the service finds nothing left to do', async (service) => {
    const { databases: prefixes } = FACTS[service];
    const found = await Promise.all(prefixes.map(urls));
    const env = (as: 'owner' | 'service') =>
      Object.fromEntries(
        prefixes.flatMap((prefix, index) => [
          [`${prefix}_DATABASE_URL`, found[index]!.service],
          [`${prefix}_MIGRATION_URL`, found[index]![as]],
        ]),
      );
    const early = await run(service, env('service'));
    expect([early.status, early.applied]).toEqual([1, 0]);
    const job = await run(service, env('owner'));
    expect(job).toMatchObject({ status: 0, stderr: '' });
    expect(job.applied).toBeGreaterThan(0);
    expect(await run(service, env('service'))).toEqual({ status: 0, applied: 0, stderr: '' });
  });
});

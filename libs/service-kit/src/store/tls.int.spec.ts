import { Logger, type LoggerService } from '@nestjs/common';
import { tlsServer, type TlsServer } from '@attesta/testing';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createPool, grantToService, runMigrations } from '../index.js';

class CreateVisits1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table visit (over_tls boolean)');
    await runner.query('insert into visit select ssl from pg_stat_ssl where pid = pg_backend_pid()');
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}

describe('a PostgreSQL that takes connections over TLS alone', () => {
  let server: TlsServer;
  beforeAll(async () => {
    server = await tlsServer();
    // What the server was told to read again it may read a moment later.
    for (const until = Date.now() + 20_000; Date.now() < until;) if ((await overTls(server.url({ sslmode: 'no-verify' }))) === true) break;
  }, 120_000);
  afterAll(() => server?.stop());

  /** Whether the session is encrypted; else why there is none. */
  async function overTls(url: string): Promise<boolean | string> {
    const pool = createPool({ url, name: 'spec', max: 1, connectTimeoutMs: 5_000 });
    try {
      const { rows } = await pool.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
      return rows[0]!.ssl;
    } catch (error) {
      return String(error);
    } finally {
      await pool.end();
    }
  }

  it('is reached with sslmode=verify-full and the file of its authority', async () => {
    expect(await overTls(server.url({ sslmode: 'verify-full', sslrootcert: server.ca }))).toBe(true);
    expect(await overTls(server.url({ sslmode: 'verify-full', sslrootcert: server.ca }, 'localhost'))).toBe(true);
  });

  it('is not believed without its authority, nor under another name', async () => {
    expect(await overTls(server.url({ sslmode: 'verify-full' }))).toMatch(/self.signed certificate/);
    expect(await overTls(server.url({ sslmode: 'verify-full', sslrootcert: server.ca }, '127.0.0.2'))).toMatch(/altnames/);
  });

  it('is verified by sslmode=require too, other than in libpq, unless uselibpqcompat asks for its ways', async () => {
    expect(await overTls(server.url({ sslmode: 'require' }))).toMatch(/self.signed certificate/);
    expect(await overTls(server.url({ sslmode: 'require', sslrootcert: server.ca }, '127.0.0.2'))).toMatch(/altnames/);
    expect(await overTls(server.url({ sslmode: 'require', uselibpqcompat: 'true' }, '127.0.0.2'))).toBe(true);
    expect(await overTls(server.url({ sslmode: 'no-verify' }, '127.0.0.2'))).toBe(true);
  });

  it('refuses what comes in clear', async () => {
    expect(await overTls(server.url({}))).toMatch(/no encryption/);
    expect(await overTls(server.url({ sslmode: 'disable' }))).toMatch(/no encryption/);
  });

  it('is migrated, and rights given, over TLS as well', async () => {
    const url = server.url({ sslmode: 'verify-full', sslrootcert: server.ca });
    expect(await runMigrations(url, [CreateVisits1700000000001])).toEqual(['CreateVisits1700000000001']);
    const service = new URL(url);
    [service.username, service.password] = ['visitor', 'visitor'];
    const pool = createPool({ url, name: 'spec', max: 1 });
    await pool.query("create role visitor login password 'visitor'");
    await grantToService(service.href, url, (role) => `grant select on visit to ${role};`);
    await pool.end();
    const visitor = createPool({ url: service.href, name: 'spec', max: 1 });
    expect((await visitor.query('select over_tls from visit')).rows).toEqual([{ over_tls: true }]);
    await visitor.end();
  });

  it('is warned of once where it is elsewhere and the connection is not protected', async () => {
    const lines: unknown[][] = [];
    const heard = { warn: (...line: unknown[]) => void lines.push(line), log() {}, error() {} } satisfies LoggerService;
    Logger.overrideLogger(heard);
    try {
      for (const url of [
        'postgres://u:secret@db.example/attesta',
        'postgres://u:secret@db.example/attesta?sslmode=disable',
        'postgres://u:secret@db2.example/attesta?sslmode=verify-full',
        'postgres://u:secret@localhost/attesta',
      ])
        await createPool({ url, name: 'spec' }).end();
    } finally {
      Logger.overrideLogger(false);
    }
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).toContain('db.example');
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});

import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import type { Server } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap, JsonLogger, type Role } from '@attesta/service-kit';
import { startIssuer, type LocalIssuer } from '@attesta/service-kit/issuer';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import type { INestApplication } from '@nestjs/common';
import { EVENTS_BODY_LIMIT, LedgerModule } from './ledger.module.js';
import { Ledger, type LedgerOptions } from './ledger.js';
import { readPolicy } from '@attesta/service-kit';

/** A ledger behind HTTP on real databases, with a real issuer's tokens. For specs. */
export interface LedgerRig {
  ledger: Ledger;
  app: INestApplication<Server>;
  server: Server;
  databases: TestDatabase[];
  token(client: Role | 'storefront' | 'consent' | 'audit' | typeof PERSON): Promise<string>;
  close(): Promise<void>;
}

/** A client whose `sub` holds a personal value: a Thai national id, since this issuer takes no address for a client id. */
export const PERSON = 'desk-1101700230708';

export const POLICY_FILE = fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url));

export async function openLedgerRig(options: Partial<LedgerOptions> = {}): Promise<LedgerRig> {
  const [log, vault] = [await testDatabase(), await testDatabase()];
  const home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-ledger-spec-'));
  const ledger = await Ledger.open({
    databaseUrl: await service(log),
    migrationUrl: log.url,
    vaultUrl: await service(vault),
    vaultMigrationUrl: vault.url,
    origin: 'spec.example/log',
    keys: path.join(home, 'keys'),
    policy: readPolicy(POLICY_FILE),
    checkpointEveryMs: 20,
    ...options,
  });
  const clients = (['publisher', 'subject', 'dpo', 'auditor', 'operator'] as const).map((role) => ({
    id: role as string,
    roles: [role] as Role[],
    sources: role === 'publisher' ? ['//'] : [],
  }));
  const issuer: LocalIssuer = await startIssuer({
    home,
    issuer: 'http://issuer.spec',
    audience: 'attesta',
    clients: [
      ...clients,
      { id: 'storefront', roles: ['publisher'], sources: ['//storefront.m-med.example'] },
      { id: 'consent', roles: ['publisher'], sources: ['//attesta/consent'] },
      { id: 'audit', roles: ['auditor'], sources: ['//attesta'] },
      { id: PERSON, roles: ['publisher', 'auditor'], sources: ['//storefront.m-med.example'] },
    ],
  });
  const app = await bootstrap(LedgerModule.forRoot({ ledger, logEntries: 'auditors' }), {
    service: 'ledger',
    auth: { issuer: issuer.issuer, audience: 'attesta', keys: issuer.keys },
    rawBody: [{ path: '/v1/events', limit: EVENTS_BODY_LIMIT }],
    logger: new JsonLogger({ service: 'ledger', level: 'off' }),
    shutdownSignals: false,
  });
  await app.listen(0);
  return {
    ledger,
    app,
    server: app.getHttpServer(),
    databases: [log, vault],
    token: (client) => issuer.issueToken(client),
    async close() {
      await app.close();
      await Promise.all([log.drop(), vault.drop()]);
      await fs.rm(home, { recursive: true });
    },
  };
}

/** A login of the test server that owns nothing, so that the grants are what counts. */
async function service(database: TestDatabase): Promise<string> {
  const name = `spec_${randomUUID().slice(0, 8)}`;
  await database.pool.query(`create role ${name} login password 'spec'`);
  const url = new URL(database.url);
  url.username = name;
  url.password = 'spec';
  return url.href;
}

/** An event that passes; `change` makes it what a spec needs. */
export const collection = (change: Record<string, unknown> = {}, data: Record<string, unknown> = {}) => ({
  specversion: '1.0' as const,
  id: randomUUID(),
  source: '//storefront.m-med.example/registration',
  type: 'attesta.collection.recorded.v1',
  time: '2026-01-05T09:00:00Z',
  subject: 'account|c-1001',
  ...change,
  data: {
    categories: ['identity', 'contact'],
    purposes: ['service-fulfilment'],
    basis: 'contract',
    occasion: 'registration',
    method: 'online-form',
    channel: 'web',
    origin: 'subject',
    noticeVersion: '2022-08-10',
    ...data,
  },
});

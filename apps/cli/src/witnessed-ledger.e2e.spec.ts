import { createPrivateKey, randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Ledger } from '@attesta/ledger';
import { parseVerifierKey, parseWitnessPolicy } from '@attesta/proof';
import { generateLogKey } from '@attesta/proof/node';
import { readPolicy } from '@attesta/service-kit';
import { testDatabase, testServer, type TestDatabase } from '@attesta/testing';
import { listenerOf, Witness } from '@attesta/witness';
import pg from 'pg';
import { attesta, serveHttp, temporaryDirectory } from './cli-rig.js';

const POLICY = readPolicy(fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url)));
const HOUR_MS = 3_600_000;

let log: TestDatabase;
let vault: TestDatabase;
let notes: TestDatabase;
let backup: string;
let directory: ReturnType<typeof temporaryDirectory>;
let ledger: Ledger;
let witness: Witness;
let witnessServer: http.Server;
let server: Awaited<ReturnType<typeof serveHttp>>;
let witnessClock: number;
const troubles: (string | undefined)[] = [];

beforeAll(async () => {
  [log, vault, notes] = [await testDatabase(), await testDatabase(), await testDatabase()];
  backup = `backup_${randomUUID().slice(0, 8)}`;
  directory = temporaryDirectory();
  server = await serveHttp(({ path }, response) => {
    ledger.files.read(path.replace(/^\/log\//, '')).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
});
afterAll(async () => {
  await ledger.close();
  await new Promise((resolve) => witnessServer.close(resolve).closeAllConnections());
  await witness.close();
  await server.close();
  await admin(`drop database if exists ${backup} with (force)`);
  await Promise.all([log, vault, notes].map((database) => database.drop()));
  directory.remove();
});

async function admin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: (await testServer())() });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

const open = (databaseUrl: string, witnessPolicy?: string) =>
  Ledger.open({
    databaseUrl,
    vaultUrl: vault.url,
    origin: 'company.example/log',
    keys: directory.file('keys'),
    policy: POLICY,
    checkpointEveryMs: HOUR_MS,
    // Looked only when the spec asks for it.
    witnessesEveryMs: HOUR_MS,
    onWitness: ({ trouble }) => troubles.push(trouble),
    ...(witnessPolicy !== undefined && { witnessPolicy: parseWitnessPolicy(witnessPolicy) }),
  });

/** Seals so many events, signs, and asks the witness. */
async function grow(count: number): Promise<void> {
  const event = () => ({
    specversion: '1.0' as const,
    id: randomUUID(),
    source: '//storefront.m-med.example/registration',
    type: 'attesta.collection.recorded.v1',
    time: '2026-01-05T09:00:00Z',
    subject: 'account|c-1001',
    data: {
      categories: ['identity', 'contact'],
      purposes: ['service-fulfilment'],
      basis: 'contract',
      occasion: 'registration',
      method: 'online-form',
      channel: 'web',
      origin: 'subject',
      noticeVersion: '2022-08-10',
    },
  });
  const receipts = await ledger.sealer.submit(Array.from({ length: count }, event), { transport: 'internal', principal: 'spec' });
  expect(receipts.map(({ status }) => status)).toEqual(Array.from({ length: count }, () => 'sealed'));
  await ledger.integrator.integrate();
  await ledger.cosigner!.look();
}

const verify = () =>
  attesta(['log', 'verify', '--url', server.url, '--key', ledger.verifierKey, '--witness', witness.verifierKey], { cwd: directory.path });

it('a ledger that is rolled back to a backup and grows again is refused by its witness, and by who never saw it before', async () => {
  witnessClock = Date.now() - 2 * HOUR_MS;
  ledger = await open(log.url);
  witness = await Witness.open({
    name: 'witness.example/w1',
    privateKey: createPrivateKey(generateLogKey('any').privateKeyPem),
    logs: [parseVerifierKey(ledger.verifierKey)],
    databaseUrl: notes.url,
    now: () => new Date(witnessClock),
  });
  witnessServer = http.createServer(listenerOf(witness));
  await new Promise<void>((resolve) => witnessServer.listen(0, '127.0.0.1', resolve));
  const policy = `witness W ${witness.verifierKey} http://127.0.0.1:${(witnessServer.address() as AddressInfo).port}\nquorum W\n`;
  await ledger.close();

  ledger = await open(log.url, policy);
  await grow(3);
  await ledger.close();
  await admin(`create database ${backup} template ${new URL(log.url).pathname.slice(1)}`);

  witnessClock = Date.now();
  ledger = await open(log.url, policy);
  await grow(2);
  const honest = await verify();
  expect(honest).toMatchObject({ code: 0, err: '' });
  expect(honest.out).toMatch(/Witnessed \d+ seconds? ago \(.+\) by witness\.example\/w1\.\n/);
  expect(troubles).toEqual([]);
  await ledger.close();

  ledger = await open((await testServer())(backup), policy);
  await ledger.cosigner!.look();
  await ledger.integrator.integrate();
  await ledger.cosigner!.look();
  expect(troubles).toEqual(['knows-more']);
  const rolledBack = await verify();
  expect(rolledBack.code).toBe(1);
  expect(rolledBack.out).toMatch(/witness +the whole log +enough witnesses signed last at .+, on 3 entries/);
  await ledger.close();

  ledger = await open((await testServer())(backup), policy);
  await grow(4);
  expect(troubles.at(-1)).toBe('other-tree');
  const regrown = await verify();
  expect(regrown.code).toBe(1);
  expect(regrown.out).toMatch(/NOT INTACT: 1 problem\n {2}witness +the whole log +enough witnesses signed last at .+, on 3 entries/);
});

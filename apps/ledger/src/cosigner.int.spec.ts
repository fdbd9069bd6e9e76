import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseWitnessKey, parseWitnessPolicy, readCosignatures, splitNote } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { readPolicy } from '@attesta/service-kit';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import type { WitnessChange } from './cosigner.js';
import { ledgerReadings } from './ledger-readings.js';
import { Ledger } from './ledger.js';
import { collection, POLICY_FILE } from './spec-rig.js';
import { SpecWitness } from './spec-witness-rig.js';

const START = Date.parse('2026-03-01T10:00:00Z');
const policy = readPolicy(POLICY_FILE);

let databases: TestDatabase[];
let keys: string;
let witnesses: [SpecWitness, SpecWitness];
let ledger: Ledger;
let clock: number;
const changes: WitnessChange[] = [];

beforeEach(async () => {
  clock = START;
  changes.length = 0;
  databases = [await testDatabase(), await testDatabase()];
  keys = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-cosigner-'));
  witnesses = [await new SpecWitness('w1.example').listen(), await new SpecWitness('w2.example').listen()];
  ledger = await open();
});
afterEach(async () => {
  await ledger.close();
  await Promise.all([...databases.map((database) => database.drop()), ...witnesses.map((witness) => witness.close())]);
  await fs.rm(keys, { recursive: true });
});

const open = (quorum = 'all') =>
  Ledger.open({
    databaseUrl: databases[0]!.url,
    vaultUrl: databases[1]!.url,
    origin: 'spec.example/log',
    keys,
    policy,
    checkpointEveryMs: 60_000,
    // Looked only when a spec asks for it.
    witnessesEveryMs: 3_600_000,
    now: () => new Date(clock),
    onWitness: (change) => changes.push(change),
    witnessPolicy: parseWitnessPolicy(
      [
        ...witnesses.map(({ verifierKey, url }, i) => `witness W${i} ${verifierKey} ${url}`),
        `group g ${quorum} W0 W1`,
        'quorum g',
        '',
      ].join('\n'),
    ),
  });
/** Seals so many events, and signs. */
async function grow(count: number): Promise<number> {
  await ledger.sealer.submit(
    Array.from({ length: count }, () => collection()),
    { transport: 'internal', principal: 'spec' },
  );
  return (await ledger.integrator.integrate())!;
}
const look = () => ledger.cosigner!.look();
const signedBy = (note: string | undefined) =>
  readCosignatures(
    nodePrimitives,
    note!,
    witnesses.map(({ verifierKey }) => parseWitnessKey(verifierKey)),
  ).cosignatures.map(({ key, time }) => ({ name: key.name, time }));
const both = [
  { name: 'w1.example', time: START / 1000 },
  { name: 'w2.example', time: START / 1000 },
];

it('the newest checkpoint is published with the cosignatures of witnesses that nobody here wrote', async () => {
  const size = await grow(3);
  expect(signedBy(await ledger.files.checkpoint())).toEqual([]);
  expect(await ledger.files.witnessedCheckpoint()).toBeUndefined();
  await look();
  expect(signedBy(await ledger.files.checkpoint())).toEqual(both);
  expect(await ledger.files.witnessedCheckpoint()).toBe(await ledger.files.checkpoint());
  expect(witnesses[0].size).toBe(size);
});

it('what is newer than the witnesses is published at once, beside the newest that is witnessed', async () => {
  await grow(2);
  await look();
  const witnessed = await ledger.files.witnessedCheckpoint();
  const size = await grow(300);
  const newest = await ledger.files.checkpoint();
  expect(newest).toContain(`\n${size}\n`);
  expect(signedBy(newest)).toEqual([]);
  expect(await ledger.files.witnessedCheckpoint()).toBe(witnessed);
  await look();
  expect(signedBy(await ledger.files.checkpoint())).toEqual(both);
  const { rows } = await ledger.pool.query('select distinct size from cosignature');
  expect(rows).toEqual([{ size: String(size) }]);
});

it('an unchanged checkpoint is signed again once a minute, and no sooner', async () => {
  await grow(1);
  await look();
  clock += 59_000;
  await look();
  expect(witnesses[0].asked).toHaveLength(1);
  clock += 1_000;
  witnesses.forEach((witness) => (witness.clock += 60));
  await look();
  expect(witnesses[0].asked).toHaveLength(2);
  expect(signedBy(await ledger.files.checkpoint()).map(({ time }) => time)).toEqual([START / 1000 + 60, START / 1000 + 60]);
});

it('a ledger that starts anew learns from a witness where that is', async () => {
  await grow(5);
  await look();
  await ledger.close();
  ledger = await open();
  await grow(5);
  await look();
  expect(signedBy(await ledger.files.checkpoint())).toEqual(both);
  expect(witnesses[0].asked.slice(-2).map((body) => body.split('\n')[0])).toEqual(['old 0', 'old 5']);
});

it.each<[string, WitnessChange['trouble'], (witness: SpecWitness) => void]>([
  ['is away', 'away', (witness) => (witness.instead = (response) => response.destroy())],
  ['refuses', 'refused', (witness) => (witness.instead = (response) => response.writeHead(404).end())],
  ['fails', 'refused', (witness) => (witness.instead = (response) => response.writeHead(500).end('oh'))],
  ['sends us elsewhere', 'away', (witness) => (witness.instead = (response) => response.writeHead(307, { location: '/' }).end())],
  ['answers without end', 'away', (witness) => (witness.instead = (response) => response.writeHead(200).end('x'.repeat(100_000)))],
  ['answers nonsense', 'no-cosignature', (witness) => (witness.instead = (response) => response.writeHead(200).end('hello\n'))],
  [
    'signs with another key',
    'no-cosignature',
    (witness) => (witness.instead = (response) => response.writeHead(200).end('\u2014 w2.example AAAAAAAAAAAA\n')),
  ],
  ['conflicts without a size', 'other-tree', (witness) => (witness.instead = (response) => response.writeHead(409).end())],
  ['signed more than there is', 'knows-more', (witness) => (witness.size = 1_000)],
  ['signed another history', 'other-tree', (witness) => ((witness.size = 2), (witness.root = Buffer.alloc(32, 7)))],
])('a witness that %s is reported, asked later, and holds nobody up', async (_, trouble, change) => {
  change(witnesses[1]);
  const size = await grow(3);
  await look();
  expect(changes).toEqual([{ witness: 'w2.example', trouble }]);
  expect(signedBy(await ledger.files.checkpoint())).toEqual([both[0]]);
  expect(await ledger.files.witnessedCheckpoint()).toBeUndefined();
  const asked = witnesses[1].asked.length;
  await look();
  expect(witnesses[1].asked).toHaveLength(asked);
  witnesses[1].instead = undefined;
  [witnesses[1].size, witnesses[1].root] = [witnesses[0].size, witnesses[0].root];
  clock += 3_600_000 * 2 + 1;
  await look();
  expect(changes.at(-1)).toEqual({ witness: 'w2.example', trouble: undefined });
  expect(signedBy(await ledger.files.witnessedCheckpoint()).map(({ name }) => name)).toEqual(['w1.example', 'w2.example']);
  expect(await ledger.integrator.integrate()).toBe(size);
});

it('operators read how long nobody vouches for the log, and whether somebody contradicts it', async () => {
  const read = async () => Object.fromEntries((await ledgerReadings(ledger)).map(({ gauge, value }) => [gauge, value]));
  clock += 120_000;
  expect(await read()).toMatchObject({ attesta_log_witnessed_age_seconds: 120, attesta_witnesses_contradicting: 0 });
  clock = START;
  await grow(3);
  await look();
  clock += 30_000;
  expect(await read()).toMatchObject({ attesta_log_witnessed_age_seconds: 30, attesta_witnesses_contradicting: 0 });
  [witnesses[1].size, witnesses[1].root] = [1_000, Buffer.alloc(32, 7)];
  await grow(1);
  await look();
  expect(await read()).toMatchObject({ attesta_log_witnessed_age_seconds: 30, attesta_witnesses_contradicting: 1 });
});

it('where one of two is enough, one makes it witnessed', async () => {
  await ledger.close();
  ledger = await open('any');
  witnesses[0].instead = (response) => response.destroy();
  await grow(3);
  await look();
  expect(signedBy(await ledger.files.witnessedCheckpoint())).toEqual([both[1]]);
});

it('what too few sign does not fill the table', async () => {
  witnesses[0].instead = (response) => response.destroy();
  const row = `insert into cosignature select n, $1, 0, 'line' from generate_series(4, 503) n`;
  await ledger.pool.query(row, [witnesses[1].verifierKey]);
  await grow(3);
  await look();
  const { rows } = await ledger.pool.query('select count(*)::int as count, max(size)::int as newest from cosignature');
  expect(rows).toEqual([{ count: 100, newest: 503 }]);
});

it('only the note of the checkpoint itself is sent, as it was signed', async () => {
  await grow(3);
  await look();
  clock += 60_000;
  await look();
  const note = witnesses[0].asked.at(-1)!.slice('old 3\n\n'.length);
  expect(splitNote(note).signatures.map(({ name }) => name)).toEqual(['spec.example/log']);
});

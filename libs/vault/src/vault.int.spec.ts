import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { LocalKeyring } from './local-keyring.js';
import { subjectRef } from './identifier.js';
import { Vault } from './vault.js';
import { vaultDisposals, vaultTables } from './vault.schema.js';

const pepper = Buffer.alloc(32, 7);
const context = { source: '//shop.example', id: 'e-1', type: 'attesta.collection.recorded.v1' };
const personal = { identity: { name: 'สมชาย ใจดี', email: 'somchai@example.co.th' } };
let db: TestDatabase;
let keyring: LocalKeyring;
let directory: string;

beforeAll(async () => {
  db = await testDatabase();
  await db.pool.query(vaultTables + vaultDisposals);
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-vault-'));
  keyring = await LocalKeyring.open(path.join(directory, 'keyring.json'));
});
afterAll(async () => {
  await db.drop();
  await fs.rm(directory, { recursive: true });
});

const open = () => new Vault({ pool: db.pool, provider: keyring });
const someone = (name: string) => subjectRef(pepper, 'account', name);

async function met(vault: Vault, name: string, classes = ['identity']) {
  await vault.ensure([{ who: someone(name), classes }]);
  return vault.cached(someone(name), classes)!;
}

async function shred(vault: Vault, subject: string, reason: string, actor: string | null, classes?: string[]) {
  const order = { id: randomUUID(), subject, whole: !classes, reason, ...(classes && { classes }), ...(actor !== null && { actor }) };
  const [carried] = await vault.destroy([order], () => Promise.resolve());
  return carried;
}

test('the same identifier is the same person, in every process, also when several meet them first at once', async () => {
  const vaults = Array.from({ length: 6 }, open);
  const ids = await Promise.all(vaults.map(async (vault) => (await met(vault, 'first-seen')).id));
  expect(new Set(ids).size).toBe(1);
  const { rows } = await db.pool.query(
    'select count(*)::int as n from subject s where not exists (select from subject_ref r where r.subject = s.id)',
  );
  expect(rows[0].n).toBe(0);
  const keys = await db.pool.query('select count(*)::int as n from data_key where subject = $1', [ids[0]]);
  expect(keys.rows[0].n).toBe(1);
});

test('what is sealed opens, only for its own event, and sealing again gives the same bytes', async () => {
  const vault = open();
  const subject = await met(vault, 'sealed');
  const { part, ciphertext } = vault.seal(subject, 'identity', context, personal);
  const again = vault.seal(subject, 'identity', context, personal);
  expect(again.part).toEqual(part);
  expect(again.ciphertext.equals(ciphertext)).toBe(true);
  expect(ciphertext.includes('somchai')).toBe(false);
  expect(await vault.open(part, ciphertext, context)).toEqual({ status: 'open', values: personal });
  expect(await vault.open(part, ciphertext, { ...context, id: 'e-2' })).toEqual({ status: 'altered' });
  const bent = Buffer.from(ciphertext);
  bent[3]! ^= 1;
  expect(await vault.open(part, bent, context)).toEqual({ status: 'altered' });
});

test('destroyed and never made are different answers', async () => {
  const vault = open();
  const subject = await met(vault, 'shredded', ['identity', 'contact']);
  const identity = vault.seal(subject, 'identity', context, personal);
  const contact = vault.seal(subject, 'contact', context, personal);
  const carried = await shred(vault, subject.id, 'asked', 'dpo-1', ['identity']);
  expect(carried?.destruction).toMatchObject({ keys: ['identity.1'], whole: false });
  expect(await vault.open(identity.part, identity.ciphertext, context)).toMatchObject({ status: 'destroyed' });
  expect(await vault.open(contact.part, contact.ciphertext, context)).toMatchObject({ status: 'open' });
  expect(await vault.open({ ...identity.part, key: 'identity.9' }, identity.ciphertext, context)).toEqual({ status: 'missing' });
});

test('a class that was shredded gets a new key under a new version', async () => {
  const vault = open();
  const subject = await met(vault, 'again');
  await shred(vault, subject.id, 'asked', null, ['identity']);
  expect((await met(vault, 'again')).keys.get('identity')!.name).toBe('identity.2');
});

test('a forgotten person is nobody: no ref, no key, and who comes back is somebody new', async () => {
  const vault = open();
  const other = open();
  await other.start();
  const subject = await met(vault, 'forgotten');
  const elsewhere = await met(other, 'forgotten');
  expect(elsewhere.id).toBe(subject.id);
  const { part, ciphertext } = vault.seal(subject, 'identity', context, personal);
  expect(await shred(vault, subject.id, 'erasure', 'dpo-1')).toMatchObject({ destruction: { whole: true, keys: ['identity.1'] } });
  expect((await shred(vault, subject.id, 'erasure', 'dpo-1'))!.destruction).toBeUndefined();
  expect(await vault.find(someone('forgotten'))).toBeUndefined();
  expect(await vault.open(part, ciphertext, context)).toMatchObject({ status: 'destroyed' });
  while (other.cached(someone('forgotten'), ['identity'])) await new Promise(setImmediate); // the other process hears of it
  expect((await met(vault, 'forgotten')).id).not.toBe(subject.id);
  await vault.ensure([{ who: subject.id, classes: ['identity'] }]);
  expect(vault.cached(subject.id, [])!.forgotten).toBe(true);
  expect(vault.cached(subject.id, ['identity'])).toBeUndefined();
  await other.stop();
});

test('a destruction waits to be told to the log until it was', async () => {
  const vault = open();
  const subject = await met(vault, 'told');
  const { id } = (await shred(vault, subject.id, 'erasure', 'dpo-1'))!.order;
  const untold = async () => (await vault.untold(new Date(Date.now() + 60_000))).map((one) => one.id);
  expect(await untold()).toContain(id);
  await vault.told([id]);
  expect(await untold()).not.toContain(id);
});

test('a connection cut while somebody is shredded destroys nothing, and harms nobody else', async () => {
  const vault = open();
  const subject = await met(vault, 'cut');
  const holder = await db.pool.connect();
  await holder.query('begin');
  await holder.query('select 1 from subject where id = $1 for update', [subject.id]);
  const shredding = shred(vault, subject.id, 'erasure', null);
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'select id from subject%' and wait_event_type = 'Lock'`;
  while ((await db.pool.query(cut)).rowCount === 0);
  await expect(shredding).rejects.toThrow(/terminat/);
  await holder.query('commit');
  holder.release();
  expect(await shred(vault, subject.id, 'erasure', null)).toMatchObject({ destruction: { keys: ['identity.1'] } });
});

test('an unknown subject id stays unknown', async () => {
  const vault = open();
  const nobody = '00000000-0000-4000-8000-000000000000';
  await vault.ensure([{ who: nobody, classes: [] }]);
  expect(vault.cached(nobody, [])).toBeUndefined();
  expect(await shred(vault, nobody, 'x', null)).toBeUndefined();
});

test('nothing in the database tells who anybody is', async () => {
  const vault = open();
  await met(vault, 'plain-identifier-value');
  const { rows } = await db.pool.query(
    "select string_agg(s::text, '') || (select string_agg(r::text, '') from subject_ref r) || (select string_agg(k::text, '') from data_key k) as dump from subject s",
  );
  expect(rows[0].dump).not.toContain('plain-identifier-value');
});

test('a keyring that lost a key says so', async () => {
  const file = path.join(directory, 'other.json');
  const other = await LocalKeyring.open(file);
  const [wrapped] = await other.wrap([Buffer.alloc(32, 1)]);
  await expect(new Promise((resolve) => resolve(keyring.unwrap([{ ...wrapped!, kek: 'kek-9' }])))).rejects.toThrow(/kek-9/);
});

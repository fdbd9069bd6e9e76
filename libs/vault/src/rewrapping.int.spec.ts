import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { subjectRef } from './identifier.js';
import { addKeyringKey, readKeyring, removeKeyringKey } from './keyring-rotation.js';
import { LocalKeyring } from './local-keyring.js';
import { countByKek, rewrapAll, VAULT_COLUMNS, type WrappedColumn } from './rewrapping.js';
import { Strongbox } from './strongbox.js';
import { Vault } from './vault.js';
import { vaultDisposals, vaultTables } from './vault.schema.js';

const COLUMNS: WrappedColumn[] = [...VAULT_COLUMNS, { table: 'note', kek: 'kek', bytes: 'box', form: 'box' }];
const pepper = Buffer.alloc(32, 7);
const context = { source: '//shop.example', id: 'e-1', type: 'attesta.collection.recorded.v1' };
const now = new Date('2026-11-27T10:00:00Z');
let db: TestDatabase;
let directory: string;
let file: string;
let keyring: LocalKeyring;
let vault: Vault;

beforeEach(async () => {
  db = await testDatabase();
  await db.pool.query(`${vaultTables}${vaultDisposals} create table note (id int primary key, kek text, box bytea)`);
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-rewrap-'));
  file = path.join(directory, 'keyring.json');
  keyring = await LocalKeyring.open(file);
  vault = new Vault({ pool: db.pool, provider: keyring });
});
afterEach(async () => {
  await db.drop();
  await fs.rm(directory, { recursive: true });
});

const refs = (n: number, from = 0) => Array.from({ length: n }, (_, i) => subjectRef(pepper, 'account', `c-${from + i}`));
const meet = async (people: readonly string[], by = vault) => {
  await by.ensure(people.map((who) => ({ who, classes: ['identity'] })));
  return people.map((who) => by.cached(who, ['identity'])!);
};
const counts = async () => Object.fromEntries(await countByKek(db.pool, COLUMNS));

test('everything comes under the new key in batches while the service goes on, and opens as before', async () => {
  const [subject] = await meet(refs(1_203));
  const sealed = vault.seal(subject!, 'identity', context, { name: 'A' });
  const box = await new Strongbox(keyring).seal('note 1', Buffer.from('words'));
  await db.pool.query('insert into note values (1, $1, $2), (2, null, null)', [box.kek, box.box]);
  expect(await addKeyringKey(file, 'kek-1', now)).toBe('kek-2');
  // What another process makes meanwhile, it makes under the new key, though it read the keyring long before.
  await meet(refs(1, 5_000));
  expect(await counts()).toEqual({ 'kek-1': 1_204, 'kek-2': 1 });
  const seen: number[] = [];
  const running = rewrapAll(db.pool, keyring, COLUMNS, { batch: 100, onProgress: (n) => seen.push(n) });
  const others = new Vault({ pool: db.pool, provider: await LocalKeyring.read(file) });
  for (let i = 0; i < 20; i++) await meet(refs(50, 20 * i), others);
  expect(await running).toEqual({ rewrapped: 1_204, altered: 0 });
  expect(seen.length).toBeGreaterThan(10);
  expect(await counts()).toEqual({ 'kek-2': 1_205 });

  await removeKeyringKey(file, 'kek-1');
  const later = new Vault({ pool: db.pool, provider: await LocalKeyring.read(file) });
  expect(await later.open(sealed.part, sealed.ciphertext, context)).toEqual({ status: 'open', values: { name: 'A' } });
  const { rows } = await db.pool.query<{ kek: string; box: Buffer }>('select kek, box from note where id = 1');
  expect(String(await new Strongbox(await LocalKeyring.read(file)).open('note 1', rows[0]!))).toBe('words');
});

test('ended anywhere, everything opens under one key or the other, and another run goes on', async () => {
  const people = refs(500);
  await meet(people);
  await addKeyringKey(file, 'kek-1', now);
  await expect(
    rewrapAll(db.pool, keyring, COLUMNS, {
      batch: 100,
      onProgress: (n) => {
        if (n >= 200) throw new Error('the machine went down');
      },
    }),
  ).rejects.toThrow('went down');
  expect(await counts()).toEqual({ 'kek-1': 300, 'kek-2': 200 });
  const other = new Vault({ pool: db.pool, provider: await LocalKeyring.read(file) });
  expect((await meet(people, other)).every(Boolean)).toBe(true);
  expect(await rewrapAll(db.pool, keyring, COLUMNS)).toEqual({ rewrapped: 300, altered: 0 });
  expect(await rewrapAll(db.pool, keyring, COLUMNS)).toEqual({ rewrapped: 0, altered: 0 });
});

test('a row that somebody altered stays, is counted, and keeps no other under the old key; a destroyed one is passed over', async () => {
  const subjects = await meet(refs(40));
  await db.pool.query(`update data_key set wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1) where subject = $1`, [
    subjects[7]!.id,
  ]);
  await db.pool.query(`update data_key set wrapped = null, destroyed_at = now() where subject = $1`, [subjects[8]!.id]);
  await addKeyringKey(file, 'kek-1', now);
  expect(await rewrapAll(db.pool, keyring, COLUMNS, { batch: 16 })).toEqual({ rewrapped: 38, altered: 1 });
  expect(await counts()).toEqual({ 'kek-1': 1, 'kek-2': 38 });
});

test('two who rotate at once, and one killed before the keyring had the key, bring one key', async () => {
  const names = await Promise.all(Array.from({ length: 8 }, () => addKeyringKey(file, 'kek-1', now)));
  expect(new Set(names)).toEqual(new Set(['kek-2']));
  // Killed between its two files: the key that stands beside is the one that is taken.
  const key = randomBytes(32).toString('base64');
  await fs.writeFile(`${file}.kek-3`, key);
  expect(await addKeyringKey(file, 'kek-2', now)).toBe('kek-3');
  expect((await readKeyring(file)).keys['kek-3']).toBe(key);
  expect(await fs.readdir(directory)).toEqual(['keyring.json']);
});

import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import type pg from 'pg';
import type { Destruction, Order } from './destruction.js';
import { subjectRef } from './identifier.js';
import { LocalKeyring } from './local-keyring.js';
import { destroyAgain, loseUnknown } from './restored.js';
import { Vault } from './vault.js';
import { vaultDisposals, vaultTables } from './vault.schema.js';

const pepper = Buffer.alloc(32, 7);
const context = { source: '//shop', id: 'e-1', type: 'attesta.collection.recorded.v1' };
const personal = { identity: { name: 'Somchai' } };

let db: TestDatabase;
let directory: string;
let keyring: LocalKeyring;

beforeAll(async () => {
  db = await testDatabase();
  await db.pool.query(vaultTables + vaultDisposals);
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-vault-disposal-'));
  keyring = await LocalKeyring.open(path.join(directory, 'keyring.json'));
});
afterAll(async () => {
  await db.drop();
  await fs.rm(directory, { recursive: true });
});

const open = () => new Vault({ pool: db.pool, provider: keyring });
const someone = (name: string) => subjectRef(pepper, 'account', name);
const nothing = () => Promise.resolve();

async function met(vault: Vault, name: string, classes = ['identity']) {
  await vault.ensure([{ who: someone(name), classes }]);
  return vault.cached(someone(name), classes)!;
}

const order = (subject: string, change: Partial<Order> = {}): Order => ({
  id: randomUUID(),
  subject,
  whole: false,
  reason: 'case 7',
  ...change,
});

describe('closing', () => {
  test('a closed key opens what was sealed, and whoever looks it up gets the next one', async () => {
    const vault = open();
    const subject = await met(vault, 'closing', ['identity', 'contact']);
    const { part, ciphertext } = vault.seal(subject, 'identity', context, personal);
    const by = randomUUID();
    expect(await vault.close([{ by, subject: subject.id, classes: ['identity'] }])).toEqual([{ keys: ['identity.1'], fresh: true }]);
    expect((await met(open(), 'closing')).keys.get('identity')!.name).toBe('identity.2');
    vault.drop(subject.id);
    const again = await met(vault, 'closing', ['identity', 'contact']);
    expect([...again.keys.values()].map(({ name }) => name).sort()).toEqual(['contact.1', 'identity.2']);
    expect(await vault.open(part, ciphertext, context)).toEqual({ status: 'open', values: personal });
  });

  test('closing again answers the same keys, also once they are destroyed; another disposal gets those that still live', async () => {
    const vault = open();
    const { id } = await met(vault, 'closed-twice');
    const [first, second] = [randomUUID(), randomUUID()];
    await vault.close([{ by: first, subject: id, classes: ['identity'] }]);
    await met(open(), 'closed-twice');
    expect(await vault.close([{ by: first, subject: id, classes: ['none'] }])).toEqual([{ keys: [], fresh: false }]);
    expect(await vault.close([{ by: second, subject: id, classes: ['identity'] }])).toEqual([
      { keys: ['identity.1', 'identity.2'], fresh: true },
    ]);
    await vault.destroy([order(id, { keys: ['identity.1'] })], nothing);
    expect(await vault.close([{ by: second, subject: id, classes: ['identity'] }])).toEqual([{ keys: ['identity.2'], fresh: false }]);
    expect(await vault.close([{ by: first, subject: id, classes: ['identity'] }])).toEqual([
      { keys: ['identity.1', 'identity.2'], fresh: false },
    ]);
  });

  test('many at once, strangers and two closings of one person among them', async () => {
    const vault = open();
    const people = await Promise.all(Array.from({ length: 20 }, (_, i) => met(vault, `many-${i}`, ['identity', 'contact'])));
    const closings = people.flatMap(({ id }) => [
      { by: randomUUID(), subject: id, classes: ['identity'] },
      { by: randomUUID(), subject: id, classes: ['identity', 'contact'] },
    ]);
    const closed = await vault.close([...closings, { by: randomUUID(), subject: randomUUID(), classes: ['identity'] }]);
    expect(closed.map(({ keys }) => keys.length)).toEqual([...people.flatMap(() => [1, 2]), 0]);
  });

  /** A vault whose answers from this table arrive late: `read` resolves when one was read, and it arrives with `arrive`. */
  function lateVault(table: string) {
    let [read, arrive] = [() => {}, () => {}];
    const [wasRead, arrives] = [new Promise<void>((resolve) => (read = resolve)), new Promise<void>((resolve) => (arrive = resolve))];
    const late = async (text: string, values: unknown[]) => {
      const result = await db.pool.query(text, values);
      if (text.includes(`${table} `) && text.startsWith('select')) {
        read();
        await arrives;
      }
      return result;
    };
    const pool = Object.assign(Object.create(db.pool) as pg.Pool, { query: late });
    return { vault: new Vault({ pool, provider: keyring }), wasRead, arrive };
  }

  test('a look-up under way while a key is closed does not bring the key back', async () => {
    const { id } = await met(open(), 'raced');
    const { vault, wasRead, arrive } = lateVault('data_key');
    const looking = vault.ensure([{ who: someone('raced'), classes: ['identity'] }]);
    await wasRead;
    await open().close([{ by: randomUUID(), subject: id }]);
    vault.drop(id);
    arrive();
    await looking;
    expect(vault.cached(someone('raced'), ['identity'])!.keys.get('identity')!.name).toBe('identity.2');
  });

  test('a look-up under way while somebody is forgotten does not bring them back', async () => {
    const { id } = await met(open(), 'raced-whole');
    const { vault, wasRead, arrive } = lateVault('subject_ref');
    const looking = vault.ensure([{ who: someone('raced-whole'), classes: [] }]);
    await wasRead;
    await open().destroy([order(id, { whole: true })], nothing);
    vault.drop(id);
    arrive();
    await looking;
    expect(vault.cached(someone('raced-whole'), [])!.id).not.toBe(id);
  });
});

describe('destroying', () => {
  test('opening tells destroyed, removed, missing and altered apart', async () => {
    const vault = open();
    const subject = await met(vault, 'told-apart', ['identity', 'contact']);
    const identity = vault.seal(subject, 'identity', context, personal);
    const contact = vault.seal(subject, 'contact', context, personal);
    await vault.destroy([order(subject.id, { keys: ['identity.1'] })], nothing);
    const empty = Buffer.alloc(0);
    expect(await vault.open(identity.part, empty, context)).toMatchObject({ status: 'destroyed' });
    expect(await vault.open(contact.part, empty, context)).toEqual({ status: 'removed' });
    expect(await vault.open(contact.part, undefined, context)).toEqual({ status: 'altered' });
    expect(await vault.open({ ...contact.part, key: 'contact.9' }, empty, context)).toEqual({ status: 'missing' });
  });

  test('nothing is destroyed when the journal cannot be written', async () => {
    const vault = open();
    const subject = await met(vault, 'no-journal');
    const { part, ciphertext } = vault.seal(subject, 'identity', context, personal);
    await expect(vault.destroy([order(subject.id, { whole: true })], () => Promise.reject(new Error('disk full')))).rejects.toThrow(
      'disk full',
    );
    expect(await vault.open(part, ciphertext, context)).toMatchObject({ status: 'open' });
    expect(await vault.find(someone('no-journal'))).toBe(subject.id);
  });

  test('the same order again destroys nothing more and answers the same', async () => {
    const vault = open();
    const { id } = await met(vault, 'twice', ['identity', 'contact']);
    const one = order(id, { keys: ['identity.1'] });
    const [first] = await vault.destroy([one], nothing);
    const journaled: unknown[] = [];
    const [again] = await vault.destroy([one], (fresh) => Promise.resolve(void journaled.push(...fresh)));
    expect(again).toEqual(first);
    expect(again!.destroyed).toEqual(new Set(['identity.1']));
    expect(journaled).toEqual([]);
  });

  test('people forgotten as a whole are numbered in the order in which they were', async () => {
    const vault = open();
    const people = await Promise.all(['n-1', 'n-2', 'n-3'].map((name) => met(vault, name)));
    const { last } = await vault.erasures(0, 1);
    await vault.destroy([order(people[0]!.id, { whole: true })], nothing);
    await vault.destroy([order(people[1]!.id, { keys: ['identity.1'] })], nothing);
    await vault.destroy([order(people[2]!.id, { whole: true }), order(people[1]!.id, { whole: true })], nothing);
    const { erasures, last: now } = await vault.erasures(last, 500);
    expect(erasures.map(({ subject }) => subject)).toEqual([people[0]!.id, people[2]!.id, people[1]!.id]);
    expect(now).toBe(erasures[2]!.n);
    expect(await vault.erasures(erasures[0]!.n, 1)).toEqual({ erasures: [erasures[1]], last: now });
    expect(await vault.erasures(now, 500)).toEqual({ erasures: [], last: now });
  });

  test('people met while others are forgotten get no key that outlives them', async () => {
    const vaults = [open(), open()];
    const { id } = await met(vaults[0]!, 'met-while');
    const classes = Array.from({ length: 30 }, (_, i) => `class-${i}`);
    const meeting = Promise.all(classes.map((name, i) => vaults[i % 2]!.ensure([{ who: id, classes: [name] }])));
    await vaults[0]!.destroy([order(id, { whole: true })], nothing);
    await meeting;
    const { rows } = await db.pool.query('select class from data_key where subject = $1 and wrapped is not null', [id]);
    expect(rows).toEqual([]);
  });
});

describe('a vault restored from a backup', () => {
  const destruction = (subject: string, change: Partial<Destruction> = {}): Destruction => ({
    ...{ id: randomUUID(), at: '2026-01-05T09:00:00.000Z', subject, keys: ['identity.1'], whole: false, reason: 'case 7', actor: null },
    ...change,
  });

  test('destroys again what lives, forgets again, and counts it once', async () => {
    const vault = open();
    const [class1, whole] = [await met(vault, 'again-1', ['identity', 'contact']), await met(vault, 'again-2', ['identity', 'contact'])];
    const erasures = [destruction(class1.id), destruction(whole.id, { whole: true })];
    const again = await destroyAgain(db.pool, erasures, false);
    expect(erasures.map(({ id }) => again.get(id))).toEqual([
      { people: 0, keys: 1 },
      { people: 1, keys: 2 },
    ]);
    expect(await vault.find(someone('again-2'))).toBeUndefined();
    expect(await destroyAgain(db.pool, erasures, false)).toEqual(new Map());
    expect((await vault.erasures(0, 500)).erasures.filter(({ subject }) => subject === whole.id)).toHaveLength(1);
  });

  test('somebody it never knew is destroyed and forgotten, not missing', async () => {
    const vault = open();
    const subject = randomUUID();
    expect(await destroyAgain(db.pool, [destruction(subject, { whole: true, keys: ['payment-card.3'] })], true)).toEqual(new Map());
    const part = { subject, key: 'payment-card.3', alg: 'A256GCM' as const, nonce: '', sha256: '' };
    expect(await vault.open(part, Buffer.alloc(0), context)).toMatchObject({ status: 'destroyed' });
    await vault.ensure([{ who: subject, classes: [] }]);
    expect(vault.cached(subject, [])!.forgotten).toBe(true);
  });

  test('a key it does not know is lost: missing, and its version is never given out again', async () => {
    const vault = open();
    const { id } = await met(vault, 'lost');
    const named = [
      { subject: id, key: 'identity.1' },
      { subject: id, key: 'identity.2' },
      { subject: id, key: 'contact.1' },
      { subject: randomUUID(), key: 'contact.1' },
    ];
    expect(await loseUnknown(db.pool, named)).toBe(3);
    expect(await loseUnknown(db.pool, named)).toBe(0);
    const part = { subject: id, key: 'identity.2', alg: 'A256GCM' as const, nonce: '', sha256: '' };
    expect(await vault.open(part, Buffer.alloc(0), context)).toEqual({ status: 'missing' });
    await vault.close([{ by: randomUUID(), subject: id }]);
    vault.drop(id);
    const keys = (await met(vault, 'lost', ['identity', 'contact'])).keys;
    expect([...keys.values()].map(({ name }) => name).sort()).toEqual(['contact.2', 'identity.3']);
    await vault.destroy([order(id, { keys: ['identity.2'] })], nothing);
    expect(await vault.open(part, Buffer.alloc(0), context)).toMatchObject({ status: 'destroyed' });
  });
});

test('a vault of before takes the change with what it holds', async () => {
  const old = await testDatabase();
  await old.pool.query(vaultTables);
  const subjects = [randomUUID(), randomUUID()];
  await old.pool.query('insert into subject (id) select unnest($1::uuid[])', [subjects]);
  await old.pool.query(`insert into data_key (subject, class, version, kek, destroyed_at) values ($1, 'identity', 1, 'kek-1', now())`, [
    subjects[0],
  ]);
  for (const subject of subjects) {
    await old.pool.query('insert into destruction (id, subject, keys, whole, reason) values ($1, $2, $3, true, $4)', [
      randomUUID(),
      subject,
      [],
      'x',
    ]);
  }
  await old.pool.query(vaultDisposals);
  const vault = new Vault({ pool: old.pool, provider: keyring });
  expect(await vault.erasures(0, 10)).toEqual({ erasures: subjects.map((subject, i) => ({ n: i + 1, subject })), last: 2 });
  const part = { subject: subjects[0]!, key: 'identity.1', alg: 'A256GCM' as const, nonce: '', sha256: '' };
  expect(await vault.open(part, Buffer.alloc(0), context)).toMatchObject({ status: 'destroyed' });
  await old.drop();
});

import { testDatabase, type TestDatabase } from '@attesta/testing';
import type pg from 'pg';
import type { Erasures } from './directory/directory.js';
import { erasureTables, forgottenAmong, noteForgotten, replayErasures, type ErasureReplay } from './erasures.js';
import { useJsonLogs } from './logging/json-logger.js';

useJsonLogs({ service: 'test', level: 'off' });

const person = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

/** The ledger's directory, which erased everybody up to a number. */
class TestErasures {
  erased = 0;
  away = 0;
  readonly asked: number[] = [];

  erasures = (after: number, limit: number): Promise<Erasures> => {
    this.asked.push(after);
    if (this.away-- > 0) return Promise.reject(new Error('away'));
    const count = Math.max(0, Math.min(limit, this.erased - after));
    const erasures = Array.from({ length: count }, (_, i) => ({ n: after + i + 1, subject: person(after + i + 1) }));
    return Promise.resolve({ erasures, last: this.erased });
  };
}

let db: TestDatabase;
let directory: TestErasures;
let said: object[];
beforeEach(async () => {
  db = await testDatabase();
  await db.pool.query(`${erasureTables} create table feed_cursor (consumer text); create table note (subject uuid)`);
  directory = new TestErasures();
  said = [];
});
afterEach(() => db.drop());

async function transact<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  const tx = await db.pool.connect();
  try {
    await tx.query('begin');
    const result = await work(tx);
    await tx.query('commit');
    return result;
  } catch (error) {
    await tx.query('rollback');
    throw error;
  } finally {
    tx.release();
  }
}

const replay = (options: Partial<ErasureReplay> = {}) =>
  replayErasures({
    service: 'notes',
    transact,
    directory,
    async forget(tx, people) {
      await noteForgotten(tx, people);
      const subjects = people.map(({ subject }) => subject);
      return (await tx.query('delete from note where subject = any($1::uuid[])', [subjects])).rowCount ?? 0;
    },
    say: (_tx, event) => Promise.resolve(said.push(event)),
    now: () => new Date('2026-03-01T09:00:00Z'),
    ...options,
  });
const follow = () => db.pool.query(`insert into feed_cursor values ('notes')`);
const note = (...people: number[]) => db.pool.query('insert into note select unnest($1::uuid[])', [people.map(person)]);
const noted = async () => (await db.pool.query<{ subject: string }>('select subject from note')).rows.map(({ subject }) => subject);

describe('a database that is opened', () => {
  it('and was restored forgets whoever was erased since, says how many there still were, and once', async () => {
    await follow();
    await note(1, 2, 1_200, 1_300);
    directory.erased = 1_250;
    expect(await replay()).toBe(3);
    expect(await noted()).toEqual([person(1_300)]);
    expect(said).toMatchObject([
      {
        type: 'attesta.erasures.replayed.v1',
        time: '2026-03-01T09:00:00.000Z',
        data: { database: 'notes', people: 3, keys: 0, ciphertexts: 0 },
      },
    ]);
    expect(await replay()).toBe(0);
    expect(said).toHaveLength(1);
    expect(directory.asked).toEqual([0, 500, 1_000, 1_250, 1_250]);
  });

  it('keeps in mind who is not to come back', async () => {
    await follow();
    directory.erased = 2;
    await replay();
    expect(await forgottenAmong(db.pool, [person(2), person(3)])).toEqual(new Map([[person(2), undefined]]));
  });

  it('with nothing in it yet begins with the newest erasure', async () => {
    directory.erased = 1_000_000;
    expect(await replay()).toBe(0);
    directory.erased++;
    await follow();
    await note(1_000_001);
    expect(await replay()).toBe(1);
    expect(directory.asked).toEqual([0, 1_000_000, 1_000_000, 1_000_001]);
  });

  it('goes on where it was stopped, and what was forgotten before that is counted', async () => {
    await follow();
    await note(1, 700);
    directory.erased = 800;
    let stopped = false;
    const once = (after: number, limit: number) => {
      stopped ||= after > 0;
      return stopped ? Promise.reject(new Error('stopped')) : directory.erasures(after, limit);
    };
    await expect(replay({ directory: { erasures: once }, tries: 1 })).rejects.toThrow('does not tell who was erased');
    expect(await noted()).toEqual([person(700)]);
    expect(said).toEqual([]);
    expect(await replay()).toBe(2);
  });

  it('of two processes each person is counted by one', async () => {
    await follow();
    await note(...Array.from({ length: 900 }, (_, i) => i + 1));
    directory.erased = 900;
    const counted = await Promise.all([replay(), replay()]);
    expect(counted[0]! + counted[1]!).toBe(900);
    expect(await noted()).toEqual([]);
  });

  it('waits for the ledger, and is not served when it stays away', async () => {
    await follow();
    await note(1);
    directory.erased = 1;
    directory.away = 2;
    expect(await replay({ tries: 3 })).toBe(1);
    directory.away = 2;
    await expect(replay({ tries: 2 })).rejects.toThrow('nothing may be served');
  });
});

it('the first entry that says so is the one that counts', async () => {
  const position = async () => (await forgottenAmong(db.pool, [person(1)])).get(person(1));
  const told = (...positions: (number | undefined)[]) =>
    noteForgotten(
      db.pool,
      positions.map((at) => ({ subject: person(1), position: at })),
    );
  await told(undefined);
  expect(await position()).toBeUndefined();
  await told(12, 9, undefined);
  await told(11);
  await told(undefined);
  expect(await position()).toBe(9);
});

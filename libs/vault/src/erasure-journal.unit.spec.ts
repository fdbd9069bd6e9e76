import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ErasureJournal, type Erasure, type Remembered } from './erasure-journal.js';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-journal-'));
  file = path.join(directory, 'erasures.jsonl');
});
afterEach(() => fs.rm(directory, { recursive: true }));

const erasure = (id: string, at = '2026-01-05T09:00:00.000Z'): Erasure => ({
  ...{ v: 1, id, at, subject: 's-1', keys: ['identity.1'], scope: 'class', reason: 'case 7', parts: [[7, 0, 'nonce']] },
});

async function read(journal: ErasureJournal, from = 0) {
  const found: Remembered[] = [];
  const unreadable: number[] = [];
  const end = await journal.read(
    from,
    (batch) => Promise.resolve(void found.push(...batch)),
    (at) => unreadable.push(at),
  );
  return { found: found.map(({ erasure, told }) => `${erasure.id}${told ? ' told' : ''}`), unreadable, end };
}

test('holds what was appended, in order, and what the log was told of', async () => {
  const journal = new ErasureJournal(file);
  expect(await read(journal)).toEqual({ found: [], unreadable: [], end: 0 });
  await journal.append([erasure('a'), erasure('b')]);
  await journal.append([erasure('c')]);
  await journal.tell(['b', 'c'], '2026-01-05T09:00:01Z');
  const { found, end } = await read(journal);
  expect(found).toEqual(['a', 'b told', 'c told']);
  expect(end).toBe((await fs.stat(file)).size);
  await journal.append([erasure('d')]);
  expect((await read(journal, end)).found).toEqual(['d']);
  expect((await fs.stat(file)).mode & 0o777).toBe(0o600);
});

test('a line that a crash cut off counts for nothing, and spoils nobody else’s', async () => {
  const journal = new ErasureJournal(file);
  await journal.append([erasure('a')]);
  const whole = (await fs.stat(file)).size;
  await fs.appendFile(file, JSON.stringify(erasure('cut')).slice(0, 40));
  expect(await read(journal)).toEqual({ found: ['a'], unreadable: [], end: whole });
  await journal.append([erasure('b')]);
  expect(await read(journal)).toMatchObject({ found: ['a', 'b'], unreadable: [whole] });
});

test('two processes append at the same time, and both are read', async () => {
  const journals = [new ErasureJournal(file), new ErasureJournal(file)];
  await Promise.all(journals.flatMap((journal, j) => Array.from({ length: 50 }, (_, i) => journal.append([erasure(`${j}-${i}`)]))));
  const { found, unreadable } = await read(journals[0]!);
  expect(new Set(found).size).toBe(100);
  expect(unreadable).toEqual([]);
});

test('is read in batches of bounded size, each knowing what was told soon after', async () => {
  const journal = new ErasureJournal(file);
  const ids = Array.from({ length: 5_000 }, (_, i) => `e-${i}`);
  for (let i = 0; i < ids.length; i += 500) {
    await journal.append(ids.slice(i, i + 500).map((id) => erasure(id)));
    await journal.tell(ids.slice(i, i + 500), '2026-01-05T09:00:01Z');
  }
  const sizes: number[] = [];
  const found: Remembered[] = [];
  await journal.read(
    0,
    (batch) => {
      sizes.push(batch.length);
      found.push(...batch);
      return Promise.resolve();
    },
    () => undefined,
  );
  expect(found.map(({ erasure, told }) => [erasure.id, told])).toEqual(ids.map((id) => [id, true]));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
});

test('what no backup holds any more is dropped, and places after it are found again', async () => {
  const journal = new ErasureJournal(file);
  const isOver = (at: string) => at < '2026-02-01';
  await journal.append([erasure('old'), erasure('new', '2026-03-01T00:00:00Z')]);
  await journal.tell(['old'], '2026-01-06T00:00:00Z');
  const { end } = await read(journal);
  await journal.append([erasure('old too, but not gone through yet')]);
  const moved = await journal.prune(isOver, end);
  expect((await read(journal)).found).toEqual(['new', 'old too, but not gone through yet']);
  expect((await read(journal, moved)).found).toEqual(['old too, but not gone through yet']);
  const { ino } = await fs.stat(file);
  expect(await journal.prune(isOver, moved)).toBe(moved);
  expect((await fs.stat(file)).ino).toBe(ino);
  expect(await fs.readdir(directory)).toEqual(['erasures.jsonl']);
});

test('another journal is told from the one that was known', async () => {
  const journal = new ErasureJournal(file);
  expect(await journal.mark(0)).toBeUndefined();
  await journal.append([erasure('a')]);
  const { end } = await read(journal);
  const mark = await journal.mark(end);
  await journal.append([erasure('b')]);
  expect(await journal.mark(end)).toBe(mark);
  expect(await journal.mark(10_000)).toBeUndefined();
  await fs.rm(file);
  await journal.append([erasure('x')]);
  expect(await journal.mark(end)).not.toBe(mark);
});

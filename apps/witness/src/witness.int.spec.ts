import { parseWitnessKey, readCosignatures } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { keyOf, newLog, newWitnessKey, serveWitness, type SpecLog, type WitnessRig } from './witness-rig.js';

const NOW = new Date('2026-03-01T10:00:00.900Z');
const SECONDS = Date.parse('2026-03-01T10:00:00Z') / 1000;

let database: TestDatabase;
let rig: WitnessRig;
let log: SpecLog;
const privateKey = newWitnessKey();
const refused: { status: number; contradiction: boolean }[] = [];

beforeEach(async () => {
  database = await testDatabase();
  log = newLog();
  refused.length = 0;
  await start();
});
afterEach(async () => {
  await rig.close();
  await database.drop();
});

const start = async (logs = [keyOf(log)]) => {
  rig = await serveWitness({ privateKey, logs, databaseUrl: database.url, now: () => NOW }, { onRefused: (one) => refused.push(one) });
};
const add = async (from: number, to: number, of = log) => rig.post(await of.request(from, to));
const cosigned = async (note: string, lines: string) =>
  readCosignatures(nodePrimitives, note + lines, [parseWitnessKey(rig.witness.verifierKey)]);

it('cosigns a first checkpoint, then those that continue it, with the time', async () => {
  for (const [from, to] of [
    [0, 5],
    [5, 6],
    [6, 600],
    [600, 600],
  ] as const) {
    const answer = await add(from, to);
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/^\u2014 witness\.example\/w1 \S+\n$/);
    expect(await cosigned(await log.note(to), answer.text)).toMatchObject({ cosignatures: [{ time: SECONDS }], wrong: [] });
  }
  expect(refused).toEqual([]);
});

it('cosigns an empty log, and what it grows to', async () => {
  expect((await add(0, 0)).status).toBe(200);
  expect((await add(0, 3)).status).toBe(200);
});

it('answers another old size with the one it knows, as the specification has it', async () => {
  await add(0, 7);
  expect(await add(0, 9)).toEqual({ status: 409, type: 'text/x.tlog.size', text: '7\n' });
  expect(await add(5, 9)).toMatchObject({ status: 409, text: '7\n' });
  expect(await add(8, 9)).toMatchObject({ status: 409, text: '7\n' });
  expect((await add(7, 9)).status).toBe(200);
});

it('refuses a log that was rolled back, whatever it claims', async () => {
  await add(0, 9);
  expect(await add(0, 5)).toMatchObject({ status: 409, text: '9\n' });
  expect(await add(5, 5)).toMatchObject({ status: 409, text: '9\n' });
  expect(await rig.post(await log.request(9, 5))).toMatchObject({ status: 400 });
  expect(await add(9, 9)).toMatchObject({ status: 200 });
});

it('refuses a fork that grew larger', async () => {
  await add(0, 9);
  expect((await add(9, 20, log.forkedAt(8))).status).toBe(422);
  expect((await add(9, 20)).status).toBe(200);
});

it('refuses a fork of the same size, and keeps both notes, which prove it', async () => {
  await add(0, 9);
  expect(await add(9, 9, log.forkedAt(8))).toMatchObject({ status: 409, text: '9\n' });
  expect(refused).toMatchObject([{ status: 409, contradiction: true }]);
  const { rows } = await database.pool.query('select origin, cosigned, refused from contradiction');
  expect(rows).toEqual([{ origin: log.origin, cosigned: await log.note(9), refused: await log.forkedAt(8).note(9) }]);
});

it('knows nothing of other logs, and believes their own keys only', async () => {
  expect((await rig.post(await newLog('other.example').request(0, 3))).status).toBe(404);
  expect((await rig.post(await newLog().request(0, 3))).status).toBe(403);
  const note = await log.note(3);
  expect((await rig.post(await log.request(0, 3, note.replace('3\n', '4\n')))).status).toBe(403);
  expect((await database.pool.query('select * from witnessed')).rows).toEqual([]);
});

it('keeps logs apart, and takes a log under any of its keys', async () => {
  const other = newLog('other.example');
  const renewed = newLog();
  await rig.close();
  await start([keyOf(log), keyOf(other), keyOf(renewed)]);
  expect((await add(0, 9)).status).toBe(200);
  expect((await add(0, 3, other)).status).toBe(200);
  expect((await add(9, 12, renewed)).status).toBe(200);
  expect((await add(0, 12)).text).toBe('12\n');
});

it.each<[string, (request: string) => string | Uint8Array]>([
  ['nothing', () => ''],
  ['no old size', (request) => request.replace('old 0', 'new 0')],
  ['an old size with a leading zero', (request) => request.replace('old 0', 'old 00')],
  ['an old size beyond counting', (request) => request.replace('old 0', 'old 9999999999999999')],
  ['a proof that is no base64', (request) => request.replace('\n\n', '\nhello\n\n')],
  ['a hash that is too short', (request) => request.replace('\n\n', '\nAAAA\n\n')],
  ['64 lines of a proof', (request) => request.replace('\n\n', `\n${`${'A'.repeat(43)}=\n`.repeat(64)}\n`)],
  ['no note', (request) => request.slice(0, request.indexOf('\n\n') + 2)],
  ['a note without a signature', (request) => request.slice(0, request.lastIndexOf('\u2014'))],
  ['a note that is no checkpoint', (request) => request.replace('\n3\n', '\nthree\n')],
  ['a carriage return', (request) => request.replace('old 0\n', 'old 0\r\n')],
  ['bytes that are no text', () => Uint8Array.of(0xff, 0xfe, 0x0a, 0x0a)],
])('answers a request with %s with 400', async (_, change) => {
  expect((await rig.post(change(await log.request(0, 3)))).status).toBe(400);
});

it('answers a proof where none is due with 422', async () => {
  const hash = `${'A'.repeat(43)}=`;
  expect((await rig.post((await log.request(0, 3)).replace('\n\n', `\n${hash}\n\n`))).status).toBe(422);
});

it('stops reading what is too long', async () => {
  expect((await rig.post('x'.repeat(200_000))).status).toBe(413);
  expect((await fetch(`${rig.url}/add-checkpoint`)).status).toBe(404);
  expect(await (await fetch(rig.url)).text()).toBe(`${rig.witness.verifierKey}\n`);
  expect((await fetch(`${rig.url}/health/ready`)).status).toBe(200);
});

it('of two histories sent at once, to two processes, signs one', async () => {
  const second = await serveWitness({ privateKey, logs: [keyOf(log)], databaseUrl: database.url });
  try {
    await add(0, 8);
    for (let size = 8; size < 40; size += 4) {
      const fork = log.forkedAt(size);
      const mine = await log.request(size, size + 4);
      const theirs = await fork.request(size, size + 4);
      const answers = await Promise.all([mine, theirs, mine, theirs].map((body, i) => (i % 2 === 0 ? rig : second).post(body)));
      const won = answers.map(({ status }) => status === 200);
      expect((won[0] || won[2]) !== (won[1] || won[3])).toBe(true);
      expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
      if (!won[0] && !won[2]) log = fork;
    }
  } finally {
    await second.close();
  }
});

it('of many sizes sent at once, never signs a smaller one after a larger one', async () => {
  const sizes = Array.from({ length: 20 }, (_, i) => i + 1);
  const answers = await Promise.all(sizes.map((size) => add(0, size)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

it('what was signed cannot be taken back in the database either', async () => {
  await add(0, 9);
  await expect(database.pool.query('update witnessed set size = 5')).rejects.toThrow(/what was signed stays signed/);
  await expect(database.pool.query(`update witnessed set root = decode(repeat('00', 32), 'hex')`)).rejects.toThrow(/stays signed/);
  await expect(database.pool.query('delete from witnessed')).rejects.toThrow(/stays signed/);
  await expect(database.pool.query('truncate witnessed')).rejects.toThrow(/stays signed/);
});

it('goes on where it was after a restart, and says so when its database is away', async () => {
  await add(0, 9);
  await rig.close();
  await start();
  expect(await add(0, 12)).toMatchObject({ status: 409, text: '9\n' });
  expect((await add(9, 12)).status).toBe(200);
});

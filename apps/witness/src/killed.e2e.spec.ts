import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseWitnessKey, readCosignatures } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { NAME, newLog, type SpecLog } from './witness-rig.js';

const program = (name: string) => fileURLToPath(new URL(`../dist/${name}`, import.meta.url));

let database: TestDatabase;
let directory: string;
let environment: Record<string, string>;
let running: ChildProcess | undefined;
const log = newLog();

beforeAll(async () => {
  database = await testDatabase();
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'witness-'));
  fs.writeFileSync(path.join(directory, 'logs'), `# ours\n${log.key.verifierKey}\n`);
  environment = {
    PATH: process.env['PATH'] ?? '',
    HOST: '127.0.0.1',
    PORT: '0',
    WITNESS_NAME: NAME,
    WITNESS_KEY: path.join(directory, 'keys', 'witness.pem'),
    WITNESS_DATABASE_URL: database.url,
    WITNESS_LOGS: path.join(directory, 'logs'),
  };
});
afterAll(async () => {
  running?.kill('SIGKILL');
  await database.drop();
  fs.rmSync(directory, { recursive: true });
});

const key = (...args: string[]) => spawnSync(process.execPath, [program('key.main.js'), ...args], { encoding: 'utf8', env: environment });

async function start(): Promise<string> {
  running = spawn(process.execPath, [program('main.js')], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: running.stdout! })) {
    const { message, port } = JSON.parse(line) as { message: string; port?: number };
    if (message === 'listening') return `http://127.0.0.1:${port}/add-checkpoint`;
  }
  throw new Error('the witness ended before it listened');
}

function kill(): Promise<unknown> {
  const ended = new Promise((resolve) => running!.once('exit', resolve));
  running!.kill('SIGKILL');
  return ended;
}

it('has a key made by command, once, for its owner alone', () => {
  const made = key('new', NAME);
  expect(made).toMatchObject({ status: 0, stderr: '' });
  expect(parseWitnessKey(made.stdout)).toMatchObject({ name: NAME });
  expect(fs.statSync(environment['WITNESS_KEY']!).mode & 0o777).toBe(0o600);
  expect(key('show', NAME).stdout).toBe(made.stdout);
  expect(key('new', NAME)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('EEXIST') });
  expect(key()).toMatchObject({ status: 2, stderr: expect.stringContaining('usage') });
});

it('killed at any moment, it never signs two histories', async () => {
  const witness = parseWitnessKey(key('show', NAME).stdout);
  const post = async (url: string, body: string) => {
    const response = await fetch(url, { method: 'POST', body });
    return { status: response.status, text: await response.text() };
  };
  /** Every tree that a cosignature was received for. */
  const signed = new Map<number, string>();
  let histories: [SpecLog, SpecLog] = [log, log.forkedAt(0)];
  let known = 0;
  let asked = 0;
  for (let round = 0; round < 6; round++) {
    const url = await start();
    for (let alive = true; alive; asked++) {
      const to = known + 2;
      const sent = await Promise.all(histories.map(async (of) => ({ note: await of.note(to), body: await of.request(known, to) })));
      if (asked % 7 === 6) setImmediate(() => void kill());
      const got = await Promise.all(sent.map(({ body }) => post(url, body).catch(() => undefined)));
      got.forEach((answer, i) => {
        if (answer?.status !== 200) return;
        const { note } = sent[i]!;
        expect(readCosignatures(nodePrimitives, note + answer.text, [witness]).cosignatures).toHaveLength(1);
        expect(signed.get(to) ?? note).toBe(note);
        signed.set(to, note);
      });
      alive = got.some((answer) => answer !== undefined);
      // Waits for what the killed process may still have under way.
      const { rows } = await database.pool.query<{ size: string; note: string }>('select size, note from witnessed for update');
      if (!rows[0]) continue;
      known = Number(rows[0].size);
      if (signed.has(known)) expect(rows[0].note).toBe(signed.get(known));
      expect(known).toBeGreaterThanOrEqual(Math.max(0, ...signed.keys()));
      const notes = await Promise.all(histories.map((of) => of.note(known)));
      const winner = histories[notes.indexOf(rows[0].note)]!;
      histories = [winner, winner.forkedAt(known)];
    }
  }
  expect(signed.size).toBeGreaterThan(6);
});

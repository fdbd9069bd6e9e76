import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import { ErasureJournal } from '@attesta/vault';
import { collected, DisposalRig, entries, instructed, opened, said, seal } from './disposal-rig.js';
import type { Ledger } from './ledger.js';
import type { Replayed } from './replay.js';

let rig: DisposalRig;
let replayed: Replayed[];
beforeEach(async () => {
  rig = await DisposalRig.create();
  replayed = [];
});
afterEach(() => rig.close());

const open = (options = {}) => rig.ledger({ onReplayed: (one) => replayed.push(one), ...options });
const subjectAt = async (ledger: Ledger, position: number) => (await entries(ledger))[position]!.subject!.id;
const shred = (ledger: Ledger, subject: string, classes?: string[]) =>
  ledger.destroyer.shred(subject, { reason: 'case 7', actor: 'dpo-1', classes });

/** Three people, then a backup of both databases; afterwards the first is forgotten and a class of the second destroyed. */
async function erasedSinceTheBackup() {
  let ledger = await open();
  const positions = await seal(ledger, ...['a', 'b', 'c'].map((name) => collected(`account|${name}`, 'identity', 'contact')));
  const [a, b, c] = await Promise.all(positions.map((position) => subjectAt(ledger, position)));
  await rig.stop();
  const backups = { log: await rig.backup('log'), vault: await rig.backup('vault') };
  ledger = await open();
  await shred(ledger, a!);
  await shred(ledger, b!, ['identity']);
  const part = (await entries(ledger))[positions[2]!]!.sealed!.findIndex(({ key }) => key === 'contact.1');
  await seal(ledger, instructed(c!, { parts: [{ position: positions[2]!, part }] }));
  await said(ledger, 'attesta.ciphertext.removed.v1');
  await rig.stop();
  expect(replayed).toEqual([]);
  return { backups, positions, people: [a!, b!, c!] };
}

async function stillErased(ledger: Ledger, positions: readonly number[]) {
  expect(await opened(ledger, positions[0]!)).toEqual(['destroyed', 'destroyed']);
  expect((await opened(ledger, positions[1]!)).sort()).toEqual(['destroyed', 'open']);
  expect((await opened(ledger, positions[2]!)).sort()).toEqual(['open', 'removed']);
}

test('a restored vault destroys and forgets again before it serves, says so once, and numbers erasures as before', async () => {
  const { backups, positions, people } = await erasedSinceTheBackup();
  rig.restore({ vault: backups.vault });
  const ledger = await open();
  expect(replayed).toEqual([{ database: 'vault', people: 1, keys: 3, ciphertexts: 0, lost: 0 }]);
  await stillErased(ledger, positions);
  expect(await ledger.directory.refsOf([people[0]!])).toEqual({ [people[0]!]: [] });
  expect(await ledger.directory.erasures(0, 500)).toEqual({ erasures: [{ n: 1, subject: people[0] }], last: 1 });
  const [told] = await entries(ledger, 'attesta.erasures.replayed.v1');
  expect(told).toMatchObject({ source: '//attesta/ledger', data: { database: 'vault', people: 1, keys: 3, ciphertexts: 0 } });
  await rig.stop();
  await open();
  expect(replayed).toHaveLength(1);
});

test('a restored log loses its ciphertexts again, and is told again of what it has forgotten', async () => {
  const { backups, positions } = await erasedSinceTheBackup();
  rig.restore({ log: backups.log });
  const ledger = await open();
  expect(replayed).toEqual([{ database: 'ledger', people: 1, keys: 3, ciphertexts: 1, lost: 0 }]);
  await stillErased(ledger, positions);
  expect(await entries(ledger, 'attesta.key.destroyed.v1')).toHaveLength(2);
  expect(await entries(ledger, 'attesta.ciphertext.removed.v1')).toHaveLength(1);
  await rig.stop();
  await open();
  expect(replayed).toHaveLength(1);
});

test('both restored: by the journal alone', async () => {
  const { backups, positions } = await erasedSinceTheBackup();
  rig.restore(backups);
  const ledger = await open();
  expect(replayed).toEqual([
    { database: 'vault', people: 1, keys: 3, ciphertexts: 0, lost: 0 },
    { database: 'ledger', people: 1, keys: 3, ciphertexts: 1, lost: 0 },
  ]);
  await stillErased(ledger, positions);
});

test('a vault restored together with the journal of its day: by the log', async () => {
  const { backups, positions, people } = await erasedSinceTheBackup();
  await fs.rm(rig.journal);
  rig.restore({ vault: backups.vault });
  const ledger = await open();
  expect(replayed).toEqual([{ database: 'vault', people: 1, keys: 3, ciphertexts: 0, lost: 0 }]);
  await stillErased(ledger, positions);
  expect((await ledger.directory.erasures(0, 500)).erasures).toEqual([{ n: 1, subject: people[0] }]);
});

test('keys given out since the backup are lost with it: missing, and never given out again', async () => {
  let ledger = await open();
  await seal(ledger, collected('account|a', 'identity'));
  await rig.stop();
  const vault = await rig.backup('vault');
  ledger = await open();
  const [contact, somebody] = await seal(ledger, collected('account|a', 'contact'), collected('account|new', 'identity'));
  await rig.stop();
  rig.restore({ vault });
  ledger = await open();
  expect(replayed).toEqual([{ database: 'vault', people: 0, keys: 0, ciphertexts: 0, lost: 2 }]);
  expect([...(await opened(ledger, contact!)), ...(await opened(ledger, somebody!))]).toEqual(['missing', 'missing']);
  const [again] = await seal(ledger, collected('account|a', 'contact'));
  expect((await entries(ledger))[again!]!.sealed).toMatchObject([{ key: 'contact.2' }]);
  expect(await opened(ledger, again!)).toEqual(['open']);
});

test('another entry at the position of an erased one keeps its ciphertext', async () => {
  const { backups, positions } = await erasedSinceTheBackup();
  rig.restore(backups);
  await fs.rename(rig.journal, `${rig.journal}.away`);
  let ledger = await open();
  // Publishers send again, in another order: the positions after the backup hold something else now.
  const again = await seal(ledger, ...Array.from({ length: 6 }, () => collected('account|c', 'contact')));
  await rig.stop();
  const lines = (await fs.readFile(`${rig.journal}.away`, 'utf8')).replace(new RegExp(`\\[${positions[2]},\\d,`, 'g'), `[${again[0]},0,`);
  expect(lines).toContain(`[${again[0]},0,`);
  await fs.writeFile(rig.journal, lines);
  ledger = await open();
  expect(await opened(ledger, again[0]!)).toEqual(['open']);
  expect((await opened(ledger, positions[2]!)).sort()).toEqual(['open', 'open']);
});

test('what a crash interrupted after the journal’s line is finished, and not called a restore', async () => {
  let ledger = await open();
  const [position] = await seal(ledger, collected('account|a', 'identity'));
  const subject = await subjectAt(ledger, position!);
  await rig.stop();
  const id = randomUUID();
  const at = new Date().toISOString();
  await new ErasureJournal(rig.journal).append([{ v: 1, id, at, subject, keys: ['identity.1'], scope: 'subject', reason: 'case 7' }]);
  ledger = await open();
  expect(await opened(ledger, position!)).toEqual(['destroyed']);
  expect(await entries(ledger, 'attesta.key.destroyed.v1')).toMatchObject([{ id }]);
  expect(replayed).toEqual([]);
});

test('a line that cannot be read is reported, and keeps nobody from starting', async () => {
  await open();
  await rig.stop();
  await fs.appendFile(rig.journal, '{"v":1,"id":"cut of\n');
  const errors: unknown[] = [];
  await open({ onError: (error: unknown) => errors.push(error) });
  expect(errors.map(String)).toEqual([expect.stringMatching(/journal of erasures.*byte 0/)]);
});

test('the journal keeps what backups may still hold', async () => {
  const { positions } = await erasedSinceTheBackup();
  const day = 86_400_000;
  const size = async () => (await fs.stat(rig.journal)).size;
  const before = await size();
  await open({ now: () => new Date(Date.now() + 34 * day) });
  await rig.stop();
  expect(await size()).toBe(before);
  const ledger = await open({ now: () => new Date(Date.now() + 36 * day) });
  expect(await size()).toBe(0);
  await stillErased(ledger, positions);
  expect(replayed).toEqual([]);
});

test('two processes that start at once replay once', async () => {
  const { backups } = await erasedSinceTheBackup();
  rig.restore({ vault: backups.vault });
  const [ledger] = await Promise.all([open(), open(), open()]);
  expect(replayed).toHaveLength(1);
  expect(await entries(ledger, 'attesta.erasures.replayed.v1')).toHaveLength(1);
});

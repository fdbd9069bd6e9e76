import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import { uuidOf } from '@attesta/event-log';
import { collected, entries, instructed, opened, said, seal, started } from './disposal-rig.js';
import type { Ledger } from './ledger.js';
import { openLedgerRig, type LedgerRig } from './spec-rig.js';

let rig: LedgerRig;
let ledger: Ledger;
beforeAll(async () => {
  rig = await openLedgerRig();
  ledger = rig.ledger;
});
afterAll(() => rig.close());

let people = 0;
/** Somebody with values of identity and contact sealed in one entry. */
async function somebody() {
  const name = `account|d-${people++}`;
  const [position] = await seal(ledger, collected(name, 'identity', 'contact'));
  const { subject, sealed } = (await entries(ledger))[position!]!;
  const part = (retentionClass: string) => ({
    position: position!,
    part: sealed!.findIndex(({ key }) => key.startsWith(`${retentionClass}.`)),
  });
  return { name, id: subject!.id, position: position!, part };
}

const told = async (type: string, id: string) => (await entries(ledger, type)).find((entry) => entry.id === id);
const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
const destroyed = (instruction: string) => until(() => told('attesta.key.destroyed.v1', uuidOf(`destroyed\n${instruction}`)));
const removed = (instruction: string) => until(() => told('attesta.ciphertext.removed.v1', uuidOf(`removed\n${instruction}`)));
const idle = () => until(async () => ((await ledger.pool.query('select from instruction')).rowCount === 0 ? true : undefined));

test('a disposal: keys closed behind a fence, then destroyed; single ciphertexts removed; what came later stays', async () => {
  const person = await somebody();
  const disposal = randomUUID();
  await seal(ledger, started(person.id, ['identity'], disposal));
  const closed = await until(() => told('attesta.key.closed.v1', uuidOf(`closed\n${disposal}`)));
  expect(closed).toMatchObject({ source: '//attesta/ledger', subject: { id: person.id }, data: { disposal, keys: ['identity.1'] } });
  const [later] = await seal(ledger, collected(person.name, 'identity'));
  expect((closed.data as { fence: number }).fence).toBeLessThanOrEqual(closed.position);

  const instruction = instructed(person.id, {
    disposal,
    keys: ['identity.1'],
    parts: [person.part('identity'), person.part('contact')],
    basis: 'PDPA s.37(3)',
  });
  await seal(ledger, instruction);
  expect(await destroyed(instruction.id)).toMatchObject({
    subject: { id: person.id },
    data: { keys: [{ subject: person.id, key: 'identity.1' }], scope: 'class', basis: `disposal/${disposal}`, reason: 'PDPA s.37(3)' },
  });
  expect(await removed(instruction.id)).toMatchObject({ data: { disposal, parts: [person.part('contact')] } });
  expect((await opened(ledger, person.position)).sort()).toEqual(['destroyed', 'removed']);
  expect(await opened(ledger, later!)).toEqual(['open']);
  expect((await ledger.reader.entry(person.position))!.cipher.map(({ length }) => length)).toEqual([0, 0]);
});

test('with the scope of a person: every key, and nobody is known by their ref any more', async () => {
  const person = await somebody();
  const instruction = instructed(person.id, { scope: 'subject', keys: ['identity.1'] });
  await seal(ledger, instruction);
  const { data } = await destroyed(instruction.id);
  expect(data).toMatchObject({ scope: 'subject', keys: ['contact.1', 'identity.1'].map((key) => ({ subject: person.id, key })) });
  expect(await ledger.directory.refsOf([person.id])).toEqual({ [person.id]: [] });
  expect(await opened(ledger, person.position)).toEqual(['destroyed', 'destroyed']);
});

test('parts whose keys go with them are not told of by themselves; somebody without keys is forgotten too', async () => {
  const person = await somebody();
  const first = instructed(person.id, { scope: 'subject', keys: ['identity.1', 'contact.1'], parts: [person.part('identity')] });
  const second = instructed(person.id, { parts: [person.part('contact')] });
  await seal(ledger, first, second);
  await destroyed(first.id);
  await idle();
  expect(await told('attesta.ciphertext.removed.v1', uuidOf(`removed\n${second.id}`))).toBeUndefined();
  expect((await ledger.reader.entry(person.position))!.cipher.map(({ length }) => length)).toEqual([0, 0]);
});

test('what was done is done once, however often it is asked for', async () => {
  const person = await somebody();
  const [start, instruction] = [
    started(person.id, ['identity']),
    instructed(person.id, { keys: ['identity.1'], parts: [person.part('contact')] }),
  ];
  await seal(ledger, start, instruction);
  await removed(instruction.id);
  await idle();
  const size = await ledger.reader.size();
  for (let again = 0; again < 2; again++) {
    const receipts = await ledger.sealer.submit([start, instruction], { transport: 'internal' });
    expect(receipts.map(({ status }) => status)).toEqual(['duplicate', 'duplicate']);
    await idle();
  }
  expect(await ledger.reader.size()).toBe(size);
});

test('one that cannot be done does not keep the others, and is tried again', async () => {
  const [person, other] = [await somebody(), await somebody()];
  const wrong = instructed(person.id, { keys: ['identity.1'], parts: [other.part('identity')] });
  const right = instructed(other.id, { keys: ['identity.1'] });
  await seal(ledger, wrong, right);
  await destroyed(right.id);
  await until(async () => ((await ledger.pool.query('select from instruction where attempts > 0')).rowCount ? true : undefined));
  expect(await opened(ledger, person.position)).toEqual(['open', 'open']);
  expect(await opened(ledger, other.position)).toContain('destroyed');
  await until(async () => ((await ledger.pool.query('select from instruction where attempts > 1')).rowCount ? true : undefined));
  await ledger.pool.query('delete from instruction');
});

test('nobody but retention instructs', async () => {
  const person = await somebody();
  const forged = { ...instructed(person.id, { scope: 'subject' }), source: '//attesta/requests' };
  const [receipt] = await ledger.sealer.submit([forged], { transport: 'internal' });
  const { rowCount } = await ledger.pool.query('select from instruction');
  expect({ status: receipt!.status, rowCount }).toEqual({ status: 'sealed', rowCount: 0 });
  expect(await opened(ledger, person.position)).toEqual(['open', 'open']);
});

test('five hundred at once', async () => {
  const events = Array.from({ length: 500 }, (_, i) => collected(`account|many-${i}`, 'identity'));
  const positions = await seal(ledger, ...events);
  const all = await entries(ledger);
  const ids = positions.map((position) => all[position]!.subject!.id);
  const before = (await entries(ledger, 'attesta.key.closed.v1')).length;
  await seal(ledger, ...ids.map((id) => started(id, ['identity'])));
  await said(ledger, 'attesta.key.closed.v1', before + 500);
  const done = (await entries(ledger, 'attesta.key.destroyed.v1')).length;
  await seal(ledger, ...ids.map((id, i) => instructed(id, { keys: ['identity.1'], parts: [{ position: positions[i]!, part: 0 }] })));
  await said(ledger, 'attesta.key.destroyed.v1', done + 500);
  await idle();
  expect(await opened(ledger, positions[499]!)).toEqual(['destroyed']);
});

test('the journal names pseudonyms, keys and places, and nothing else', async () => {
  const text = await fs.readFile(`${ledger.options.keys}/erasures.jsonl`, 'utf8');
  expect(text).not.toMatch(/account|many-|ref1/);
  expect(text.split('\n').filter((line) => line.includes('"told"')).length).toBeGreaterThan(500);
});

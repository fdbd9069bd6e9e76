import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '@attesta/events';
import { collected, DisposalRig, entries, opened, said, seal, started } from './disposal-rig.js';
import type { Ledger } from './ledger.js';

let rig: DisposalRig;
beforeEach(async () => (rig = await DisposalRig.create()));
afterEach(() => rig.close());

const keyOf = async (ledger: Ledger, position: number) => (await entries(ledger))[position]!.sealed![0]!.key;

test('a ledger that has a key in memory seals nothing under it once another ledger has closed it', async () => {
  const [one, other] = [await rig.ledger(), await rig.ledger()];
  const [first] = await seal(one, collected('account|c-1', 'identity'));
  await seal(other, collected('account|c-1', 'identity'));
  const subject = (await entries(one))[first!]!.subject!.id;
  await seal(one, started(subject, ['identity']));
  const [closed] = await said(one, 'attesta.key.closed.v1');
  expect(closed!.data).toMatchObject({ keys: ['identity.1'] });
  for (const ledger of [one, other]) {
    const [position] = await seal(ledger, collected('account|c-1', 'identity'));
    expect(await keyOf(ledger, position!)).toBe('identity.2');
    expect(await opened(ledger, position!)).toEqual(['open']);
  }
  expect(await opened(one, first!)).toEqual(['open']);
});

test('an event sent again after its key was closed, or destroyed, is a duplicate; other content under its id is a conflict', async () => {
  const ledger = await rig.ledger();
  const event = collected('account|again', 'identity', 'contact');
  const other = { ...event, data: { ...event.data, personal: { identity: { note: 'other' }, contact: { note: 'other' } } } };
  const bare = { ...event, id: randomUUID(), data: { ...event.data, personal: undefined } };
  const [position, bareAt] = await seal(ledger, event, bare);
  const subject = (await entries(ledger))[position!]!.subject!.id;
  const answers = async () => {
    const receipts = await ledger.sealer.submit([event, other as CloudEvent], { transport: 'internal' });
    return receipts.map(({ status, position: at, problems }) => [status, at ?? problems?.map(({ code }) => code)]);
  };
  const both = [
    ['duplicate', position],
    ['rejected', ['id-conflict']],
  ];
  expect(await answers()).toEqual(both);
  await seal(ledger, started(subject, ['identity']));
  await said(ledger, 'attesta.key.closed.v1');
  expect(await answers()).toEqual(both);
  await ledger.destroyer.shred(subject, { reason: 'case 7', actor: 'dpo-1', classes: ['identity'] });
  expect(await answers()).toEqual(both);
  await ledger.destroyer.shred(subject, { reason: 'case 7', actor: 'dpo-1' });
  const again = await ledger.sealer.submit([event, bare], { transport: 'internal' });
  expect(again).toMatchObject([position, bareAt].map((at) => ({ status: 'duplicate', position: at })));
});

test('somebody who was forgotten while an event about them was on its way is refused, and nobody new is made of them', async () => {
  const [one, other] = [await rig.ledger(), await rig.ledger()];
  const [position] = await seal(other, collected('account|gone', 'identity'));
  const subject = (await entries(one))[position!]!.subject!.id;
  await other.vault.stop(); // it does not hear of it
  await one.destroyer.shred(subject, { reason: 'case 7', actor: 'dpo-1' });
  expect(other.vault.cached(subject, ['identity'])).toBeDefined();
  const receipts = await other.sealer.submit([collected('account|gone', 'identity'), collected('account|here', 'identity')], {
    transport: 'internal',
  });
  expect(receipts).toMatchObject([{ status: 'rejected', problems: [{ code: 'subject-forgotten' }] }, { status: 'sealed' }]);
  const [back] = await seal(other, collected('account|gone', 'identity'));
  expect((await entries(one))[back!]!.subject!.id).not.toBe(subject);
});

test('under the fire of closings nothing is sealed under a closed key, nothing is lost or doubled, and order is kept', async () => {
  const ledgers = [await rig.ledger(), await rig.ledger()];
  const names = Array.from({ length: 6 }, (_, i) => `account|p-${i}`);
  await seal(ledgers[0]!, ...names.map((name) => collected(name, 'identity')));
  const subjects = new Map((await entries(ledgers[0]!)).map(({ subject }, i) => [names[i]!, subject!.id]));
  const written: string[][] = [];
  let closing = true;

  const write = async (ledger: Ledger) => {
    const mine: string[] = [];
    written.push(mine);
    for (let round = 0; closing || round < 20; round++) {
      const events = names.flatMap((name) => [collected(name, 'identity'), collected(name, 'identity', 'contact')]);
      mine.push(...events.map(({ id }) => id));
      await seal(ledger, ...events);
    }
  };
  const close = async () => {
    for (let round = 1; round <= 10; round++) {
      const some = names.filter((_, i) => (i + round) % 2 === 0);
      const events: CloudEvent[] = some.map((name) => started(subjects.get(name)!, ['identity', 'contact'], randomUUID()));
      await seal(ledgers[round % 2]!, ...events);
      await said(ledgers[0]!, 'attesta.key.closed.v1', round * 3);
    }
    closing = false;
  };
  await Promise.all([close(), ...ledgers.flatMap((ledger) => [write(ledger), write(ledger), write(ledger)])]);

  const log = await entries(ledgers[0]!);
  const closedAt = new Map<string, number>();
  for (const { type, subject, data } of log) {
    if (type !== 'attesta.key.closed.v1') continue;
    const { keys, fence } = data as { keys: string[]; fence: number };
    for (const key of keys) closedAt.set(`${subject!.id} ${key}`, Math.min(fence, closedAt.get(`${subject!.id} ${key}`) ?? Infinity));
  }
  expect(closedAt.size).toBeGreaterThan(30);
  const late = log.filter(({ position, sealed = [] }) =>
    sealed.some(({ subject, key }) => position >= (closedAt.get(`${subject} ${key}`) ?? Infinity)),
  );
  expect(late).toEqual([]);

  const positions = new Map<string, number>();
  for (const { id, position } of log) {
    expect(positions.has(id)).toBe(false);
    positions.set(id, position);
  }
  for (const ids of written) {
    for (const [i, id] of ids.entries()) {
      expect(positions.has(id)).toBe(true);
      // The events of one writer about one person: two by two, round after round.
      const before = i % 2 === 1 ? ids[i - 1] : ids[i - names.length * 2 + 1];
      if (before !== undefined) expect(positions.get(before)!).toBeLessThan(positions.get(id)!);
    }
  }
  const seqs = new Map<string, number>();
  for (const { subject } of log) {
    if (!subject) continue;
    expect(subject.seq).toBe((seqs.get(subject.id) ?? 0) + 1);
    seqs.set(subject.id, subject.seq);
  }
});

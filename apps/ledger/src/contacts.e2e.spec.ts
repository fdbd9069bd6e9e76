import { randomUUID } from 'node:crypto';
import { httpDirectory, type ContactsWanted } from '@attesta/service-kit';
import request from 'supertest';
import { removeCiphertexts } from './ciphertexts.js';
import { collection, openLedgerRig, type LedgerRig } from './spec-rig.js';

type Client = Parameters<LedgerRig['token']>[0];
type Personal = Record<string, Record<string, unknown>>;
let rig: LedgerRig;
beforeAll(async () => (rig = await openLedgerRig()));
afterAll(() => rig.close());

const call = async (client: Client, body: unknown) =>
  request(rig.server)
    .post('/v1/directory/contacts')
    .auth(await rig.token(client), { type: 'bearer' })
    .send(body as object);
const contactsOf = async (...wanted: ContactsWanted[]) => (await call('consent', { wanted })).body.contacts as unknown;

let accounts = 0;
const somebody = () => `account|contact-${++accounts}`;

/** Seals what was collected of somebody. @returns the position */
async function told(subject: string, personal: Personal, time = '2026-01-05T09:00:00Z', related: object[] = []): Promise<number> {
  const data = { categories: ['identity', 'contact'], personal, ...(related.length > 0 && { related }) };
  const [receipt] = await rig.ledger.sealer.submit([collection({ subject, time }, data)], { transport: 'internal' });
  if (receipt?.position === undefined) throw new Error(JSON.stringify(receipt));
  return receipt.position;
}

async function idOf(subject: string): Promise<string> {
  const { body } = await request(rig.server)
    .post('/v1/subjects/lookup')
    .auth(await rig.token('dpo'), { type: 'bearer' })
    .send({ subject, reason: 'spec' });
  return body.subject as string;
}

/** As somebody who owns the database may do. */
async function alter(position: number): Promise<void> {
  const { pool } = rig.databases[0]!;
  await pool.query('alter table entry disable trigger entry_fixed');
  await pool.query('update entry set cipher = set_byte(cipher, 10, (get_byte(cipher, 10) + 1) % 256) where position = $1', [position]);
  await pool.query('alter table entry enable trigger entry_fixed');
}

const entryAt = async (position: number) =>
  JSON.parse((await rig.ledger.reader.entry(position))!.bytes.toString()) as Record<string, unknown>;

describe('where people are reached', () => {
  test('by e-mail and by text message, from their own sealed parts', async () => {
    const [ada, bob] = [somebody(), somebody()];
    const first = await told(ada, { identity: { name: 'อาดา' }, contact: { email: 'อาดา@ตัวอย่าง.ไทย', phone: '+66812345678' } });
    const second = await told(bob, { contact: { email: ' bob@example.com ' } });
    const [one, other] = [await idOf(ada), await idOf(bob)];
    expect(await contactsOf({ subject: one, positions: [first] }, { subject: other, positions: [second] })).toEqual({
      [one]: { email: 'อาดา@ตัวอย่าง.ไทย', sms: '+66812345678' },
      [other]: { email: 'bob@example.com' },
    });
  });

  test('is what was said last, whatever was sealed last', async () => {
    const ada = somebody();
    const old = await told(ada, { contact: { email: 'old@example.com', phone: '+66811111111' } }, '2026-01-01T00:00:00Z');
    const rectified = await told(ada, { contact: { email: 'new@example.com' } }, '2026-01-03T00:00:00Z');
    const late = await told(ada, { contact: { email: 'paper@example.com' } }, '2026-01-02T00:00:00Z');
    const subject = await idOf(ada);
    expect(await contactsOf({ subject, positions: [late, rectified, old] })).toEqual({
      [subject]: { email: 'new@example.com', sms: '+66811111111' },
    });
    const sameTime = await told(ada, { contact: { email: 'newer@example.com' } }, '2026-01-03T00:00:00Z');
    expect(await contactsOf({ subject, positions: [rectified, sameTime] })).toEqual({ [subject]: { email: 'newer@example.com' } });
  });

  test.each([
    ['empty', ''],
    ['blank', '  '],
    ['null', null],
    ['a number', 66812345678],
    ['too long', `${'a'.repeat(309)}@example.com`],
  ])('is nowhere once the newest value is %s', async (_what, email) => {
    const ada = somebody();
    const before = await told(ada, { contact: { email: 'ada@example.com' } }, '2026-01-01T00:00:00Z');
    const after = await told(ada, { contact: { email } }, '2026-01-02T00:00:00Z');
    const subject = await idOf(ada);
    expect(await contactsOf({ subject, positions: [after, before] })).toEqual({ [subject]: {} });
    expect(await contactsOf({ subject, positions: [before] })).toEqual({ [subject]: { email: 'ada@example.com' } });
  });

  test('may be as long as an address can be', async () => {
    const [ada, email] = [somebody(), `${'a'.repeat(308)}@example.com`];
    const position = await told(ada, { contact: { email } });
    const subject = await idOf(ada);
    expect(email).toHaveLength(320);
    expect(await contactsOf({ subject, positions: [position] })).toEqual({ [subject]: { email } });
  });

  test('is known of somebody whom an entry relates to, and not from what is said of others in it', async () => {
    const [ada, friend] = [somebody(), somebody()];
    const related = [{ subject: friend, role: 'friend', personal: { contact: { email: 'friend@example.com' } } }];
    const position = await told(ada, { contact: { phone: '+66812345678' } }, undefined, related);
    const [one, other] = [await idOf(ada), await idOf(friend)];
    expect(await contactsOf({ subject: other, positions: [position] }, { subject: one, positions: [position] })).toEqual({
      [other]: { email: 'friend@example.com' },
      [one]: { sms: '+66812345678' },
    });
  });

  test('is nowhere for who was forgotten, for strangers, and where nothing is sealed', async () => {
    const [ada, bob] = [somebody(), somebody()];
    const [gone, there] = [
      await told(ada, { contact: { email: 'ada@example.com' } }),
      await told(bob, { contact: { email: 'b@example.com' } }),
    ];
    const [forgotten, other, nobody] = [await idOf(ada), await idOf(bob), randomUUID()];
    await rig.ledger.destroyer.shred(forgotten, { reason: 'case 7', actor: 'dpo-1' });
    expect(
      await contactsOf(
        { subject: forgotten, positions: [gone, there] },
        { subject: nobody, positions: [there] },
        { subject: other, positions: [there, Number.MAX_SAFE_INTEGER] },
      ),
    ).toEqual({ [forgotten]: {}, [nobody]: {}, [other]: { email: 'b@example.com' } });
  });

  test('is what came after their contact data was destroyed', async () => {
    const ada = somebody();
    const before = await told(ada, { identity: { name: 'Ada' }, contact: { email: 'old@example.com', phone: '+66812345678' } });
    const subject = await idOf(ada);
    await rig.ledger.destroyer.shred(subject, { reason: 'case 7', actor: 'dpo-1', classes: ['contact'] });
    expect(await contactsOf({ subject, positions: [before] })).toEqual({ [subject]: {} });
    const after = await told(ada, { contact: { email: 'new@example.com' } });
    expect(await contactsOf({ subject, positions: [after, before] })).toEqual({ [subject]: { email: 'new@example.com' } });
  });

  test('is what can be opened still, where a ciphertext was removed or altered', async () => {
    const ada = somebody();
    const kept = await told(ada, { contact: { email: 'ada@example.com' } }, '2026-01-01T00:00:00Z');
    const removed = await told(ada, { contact: { email: 'second@example.com' } }, '2026-01-02T00:00:00Z');
    const altered = await told(ada, { contact: { email: 'third@example.com' } }, '2026-01-03T00:00:00Z');
    await removeCiphertexts(rig.ledger.pool, [[removed, 0, '']]);
    await alter(altered);
    const subject = await idOf(ada);
    expect(await contactsOf({ subject, positions: [altered, removed, kept] })).toEqual({ [subject]: { email: 'ada@example.com' } });
    expect(await contactsOf({ subject, positions: [altered, removed] })).toEqual({ [subject]: {} });
  });

  test('is found for 200 people in less than 100 milliseconds', async () => {
    const people = Array.from({ length: 200 }, somebody);
    const events = people.flatMap((subject, i) =>
      [1, 2, 3].map((n) =>
        collection({ subject, time: `2026-01-0${n}T00:00:00Z` }, { personal: { contact: { email: `p${i}-${n}@example.com` } } }),
      ),
    );
    const receipts = await rig.ledger.sealer.submit(events, { transport: 'internal' });
    const ids = await Promise.all(people.map(idOf));
    const wanted = ids.map((subject, i) => ({ subject, positions: receipts.slice(i * 3, i * 3 + 3).map(({ position }) => position!) }));
    const took: number[] = [];
    for (let n = 0; n < 5; n++) {
      const start = performance.now();
      const found = await rig.ledger.directory.contactsOf(wanted);
      took.push(performance.now() - start);
      expect(found).toEqual(Object.fromEntries(ids.map((subject, i) => [subject, { email: `p${i}-3@example.com` }])));
    }
    expect(Math.min(...took)).toBeLessThan(100);
  });

  test('is told of as many people, with as many entries each, as may be asked about', async () => {
    const positions = Array.from({ length: 16 }, (_, n) => n);
    const wanted = Array.from({ length: 200 }, () => ({ subject: randomUUID(), positions }));
    expect((await call('consent', { wanted })).status).toBe(200);
  });
});

describe('a question', () => {
  test('is recorded once, with who asked, how much was shown and why, before it is answered', async () => {
    const ada = somebody();
    const position = await told(ada, { contact: { email: 'ada@example.com', phone: '+66812345678' } });
    const subject = await idOf(ada);
    const size = await rig.ledger.reader.size();
    await contactsOf({ subject, positions: [position] }, { subject: randomUUID(), positions: [] });
    expect(await rig.ledger.reader.size()).toBe(size + 1);
    const recorded = await entryAt(size);
    expect(recorded).toMatchObject({
      type: 'attesta.access.recorded.v1',
      source: '//attesta/ledger',
      actor: 'consent',
      data: {
        action: 'contacts.read',
        resource: 'POST /v1/directory/contacts',
        reason: 'to send a message',
        outcome: 'allowed',
        role: 'publisher',
        positions: [position],
        rows: 2,
      },
    });
    expect(JSON.stringify(recorded)).not.toMatch(/ada@|6681/);
  });

  test('asked within one process is the notification service’s', async () => {
    const size = await rig.ledger.reader.size();
    await rig.ledger.directory.contactsOf([{ subject: randomUUID(), positions: [0] }]);
    expect(await entryAt(size)).toMatchObject({ actor: 'attesta-notification', data: { action: 'contacts.read', rows: 0, positions: [] } });
  });

  test('over HTTP is answered as within one process', async () => {
    const ada = somebody();
    const wanted = [{ positions: [await told(ada, { contact: { email: 'ada@example.com' } })], subject: await idOf(ada) }];
    const address = rig.server.address();
    if (address === null || typeof address === 'string') throw new Error('the rig does not listen');
    const directory = httpDirectory(`http://127.0.0.1:${address.port}`, () => rig.token('consent'));
    expect(await directory.contactsOf(wanted)).toEqual(await rig.ledger.directory.contactsOf(wanted));
  });

  test.each([
    ['consent', 200],
    ['publisher', 200],
    ['audit', 403],
    ['storefront', 403],
    ['auditor', 403],
    ['dpo', 403],
    ['operator', 403],
    ['subject', 403],
  ] as const)('of %s gets %i', async (client, status) => {
    expect((await call(client, { wanted: [{ subject: randomUUID(), positions: [0] }] })).status).toBe(status);
  });

  const one = { subject: randomUUID(), positions: [0] };
  test.each([
    ['nothing', {}, '/wanted'],
    ['nobody', { wanted: [] }, '/wanted'],
    ['too many people', { wanted: Array.from({ length: 201 }, () => one) }, '/wanted'],
    ['too many positions', { wanted: [{ ...one, positions: Array.from({ length: 17 }, (_, n) => n) }] }, '/wanted/0/positions'],
    ['an identifier in clear', { wanted: [one, { ...one, subject: 'account|c-1001' }] }, '/wanted/1/subject'],
    ['a ref', { wanted: [{ ...one, subject: `ref1.${'A'.repeat(43)}` }] }, '/wanted/0/subject'],
    ['no positions', { wanted: [{ subject: one.subject }] }, '/wanted/0/positions'],
    ['a negative position', { wanted: [{ ...one, positions: [-1] }] }, '/wanted/0/positions'],
    ['half a position', { wanted: [{ ...one, positions: [0.5] }] }, '/wanted/0/positions'],
    ['a position too large', { wanted: [{ ...one, positions: [2 ** 60] }] }, '/wanted/0/positions'],
    ['a position as text', { wanted: [{ ...one, positions: ['0'] }] }, '/wanted/0/positions'],
    ['a field nobody knows', { wanted: [{ ...one, reason: 'x' }] }, '/wanted/0/reason'],
    ['people who are no list', { wanted: one }, '/wanted'],
    ['people who are no objects', { wanted: [1] }, '/wanted/0'],
  ])('about %s is answered with the field and the fix', async (_what, body, field) => {
    const answer = await call('consent', body);
    expect(answer.status).toBe(400);
    const problems = answer.body.errors as { field: string; fix: string }[];
    expect(problems.find((problem) => problem.field.startsWith(field))?.fix).toEqual(expect.stringMatching(/./));
    expect(answer.text).not.toContain('c-1001');
  });
});

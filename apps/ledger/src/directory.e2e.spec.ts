import { randomBytes, randomUUID } from 'node:crypto';
import request from 'supertest';
import { collection, openLedgerRig, type LedgerRig } from './spec-rig.js';

type Client = Parameters<LedgerRig['token']>[0];
let rig: LedgerRig;
beforeAll(async () => (rig = await openLedgerRig()));
afterAll(() => rig.close());

const call = async (client: Client, path: 'subjects' | 'refs' | 'erasures', body: unknown) =>
  request(rig.server)
    .post(`/v1/directory/${path}`)
    .auth(await rig.token(client), { type: 'bearer' })
    .send(body as object);
const newRef = () => `ref1.${randomBytes(32).toString('base64url')}`;

test('a ref becomes a subject when it is enrolled, and once', async () => {
  const [ada, bob] = [newRef(), newRef()];
  expect((await call('consent', 'subjects', { refs: [ada, bob] })).body).toEqual({ subjects: { [ada]: null, [bob]: null } });
  const { status, body } = await call('consent', 'subjects', { refs: [ada], enrol: true });
  expect(status).toBe(200);
  const subject = body.subjects[ada] as string;
  expect(subject).toMatch(/^[0-9a-f-]{36}$/);
  expect((await call('audit', 'subjects', { refs: [bob, ada, ada], enrol: false })).body).toEqual({
    subjects: { [bob]: null, [ada]: subject },
  });
  expect((await call('consent', 'refs', { subjects: [subject] })).body).toEqual({ refs: { [subject]: [ada] } });
  const [receipt] = await rig.ledger.sealer.submit([collection({ subject: ada })], { transport: 'internal' });
  const entry = await rig.ledger.reader.entry(receipt!.position!);
  expect(JSON.parse(entry!.bytes.toString())).toMatchObject({ subject: { id: subject, seq: 1 } });
});

test('somebody forgotten is nobody, and enrolled again somebody else', async () => {
  const ref = newRef();
  const { [ref]: first } = await rig.ledger.directory.subjectsOf([ref], true);
  await rig.ledger.destroyer.shred(first!, { reason: 'case 7', actor: 'dpo-1' });
  expect(await rig.ledger.directory.subjectsOf([ref])).toEqual({ [ref]: null });
  expect(await rig.ledger.directory.refsOf([first!])).toEqual({ [first!]: [] });
  const { [ref]: second } = await rig.ledger.directory.subjectsOf([ref], true);
  expect(second).toEqual(expect.not.stringMatching(first!));
});

test('who was forgotten is listed in order, from wherever one is', async () => {
  const forget = async () => {
    const ref = newRef();
    const { [ref]: id } = await rig.ledger.directory.subjectsOf([ref], true);
    await rig.ledger.destroyer.shred(id!, { reason: 'case 7', actor: 'dpo-1' });
    return id;
  };
  const { last } = (await call('audit', 'erasures', { after: 0 })).body;
  const [first, second] = [await forget(), await forget()];
  const all = (await call('audit', 'erasures', { after: last })).body;
  expect(all).toMatchObject({ erasures: [{ subject: first }, { subject: second }], last: last + 2 });
  expect((await call('consent', 'erasures', { after: last, limit: 1 })).body).toEqual({ erasures: [all.erasures[0]], last: all.last });
  expect((await call('audit', 'erasures', { after: all.last })).body).toEqual({ erasures: [], last: all.last });
  expect((await call('audit', 'erasures', { after: -1, limit: 501 })).status).toBe(400);
});

test('unknown subjects have no refs', async () => {
  const nobody = randomUUID();
  expect((await call('audit', 'refs', { subjects: [nobody] })).body).toEqual({ refs: { [nobody]: [] } });
});

test.each([
  ['consent', 200],
  ['audit', 200],
  ['publisher', 200],
  ['storefront', 403],
  ['auditor', 403],
  ['dpo', 403],
  ['operator', 403],
  ['subject', 403],
] as const)('%s gets %i', async (client, status) => {
  for (const [path, body] of [
    ['subjects', { refs: [newRef()] }],
    ['refs', { subjects: [randomUUID()] }],
  ] as const)
    expect((await call(client, path, body)).status).toBe(status);
});

test('a look is not recorded, a refusal is', async () => {
  await rig.ledger.directory.subjectsOf([newRef()]);
  const size = await rig.ledger.reader.size();
  await call('consent', 'subjects', { refs: [newRef()], enrol: true });
  expect(await rig.ledger.reader.size()).toBe(size);
  await call('storefront', 'subjects', { refs: [newRef()] });
  let entries = await rig.ledger.reader.read(size - 1, 10);
  while (entries.length === 0) entries = await rig.ledger.reader.read(size - 1, 10);
  expect(JSON.parse(entries[0]!.bytes.toString())).toMatchObject({
    type: 'attesta.access.recorded.v1',
    data: { outcome: 'denied', action: 'source-not-allowed', resource: 'POST /v1/directory/subjects' },
  });
});

describe('bad input is answered with the field and the fix', () => {
  const many = Array.from({ length: 501 }, newRef);
  test.each([
    ['an identifier in clear', 'subjects', { refs: ['account|c-1001'] }, '/refs'],
    ['a subject id among refs', 'subjects', { refs: [newRef(), randomUUID()] }, '/refs'],
    ['no refs', 'subjects', { refs: [] }, '/refs'],
    ['too many', 'subjects', { refs: many }, '/refs'],
    ['refs that are no list', 'subjects', { refs: newRef() }, '/refs'],
    ['refs that are no text', 'subjects', { refs: [1, null, {}] }, '/refs'],
    ['enrol as text', 'subjects', { refs: [newRef()], enrol: 'false' }, '/enrol'],
    ['a field nobody knows', 'subjects', { refs: [newRef()], reason: 'x' }, '/reason'],
    ['a ref among subjects', 'refs', { subjects: [newRef()] }, '/subjects'],
    ['nothing', 'refs', {}, '/subjects'],
  ] as const)('%s', async (_name, path, body, field) => {
    const answer = await call('consent', path, body);
    expect(answer.status).toBe(400);
    const problem = (answer.body.errors as { field: string; fix: string }[]).find((one) => one.field === field);
    expect(problem?.fix).toEqual(expect.stringMatching(/./));
    expect(answer.text).not.toContain('c-1001');
  });
});

import { randomUUID } from 'node:crypto';
import { httpReplyAddresses } from '@attesta/service-kit';
import request from 'supertest';
import type { Taken } from './intake.js';
import { refTo, RequestsRig } from './requests-rig.js';

let rig: RequestsRig;
let token: string;
beforeAll(async () => {
  rig = await RequestsRig.start();
  token = await rig.tokenFor('//attesta/notification');
});
afterAll(() => rig.stop());

let n = 0;
function somebody() {
  const [email, account] = [`reply-${++n}@example.co.th`, `account|reply-${n}`];
  return { email, account, id: rig.directory.same(`email|${email}`, account) };
}
async function made(body: object): Promise<string> {
  const { status, body: taken } = await rig.post<Taken>(undefined, '/v1/requests', { right: 'access', ...body });
  if (status !== 202) throw new Error(JSON.stringify(taken));
  return taken.request;
}
const call = (body: object, bearer = token) =>
  request(rig.app.getHttpServer()).post('/v1/requests/reply-addresses').auth(bearer, { type: 'bearer' }).send(body);
const addressesOf = async (...requests: string[]) => (await call({ requests }).expect(200)).body.addresses as unknown;
const accesses = async () => (await rig.requests.log.readStream('access')).filter(({ data }) => data.action === 'reply-addresses.read');

describe('who made a request is answered', () => {
  test('at the address that came with it, where it is the person’s own', async () => {
    const [ada, bob] = [somebody(), somebody()];
    const [first, second] = [await made({ email: ada.email }), await made({ subject: bob.account, email: bob.email })];
    expect(await addressesOf(first, second, randomUUID())).toEqual({ [first]: { email: ada.email }, [second]: { email: bob.email } });
  });

  test('not at another one, until they proved who they are', async () => {
    const ada = somebody();
    const id = await made({ subject: ada.account, email: 'somebody.else@example.com' });
    expect(await addressesOf(id)).toEqual({});
    // An address of a stranger does not become anybody's by being asked about.
    expect(rig.directory.subjects.has(refTo('email|nobody@example.com'))).toBe(false);
    await rig.post('dpo', `/v1/requests/${id}/identity/attest`, { outcome: 'verified', evidence: { kind: 'passport' } });
    expect(await addressesOf(id)).toEqual({ [id]: { email: 'somebody.else@example.com' } });
  });

  test('not at that of somebody else who is known', async () => {
    const [ada, eve] = [somebody(), somebody()];
    expect(await addressesOf(await made({ subject: ada.account, email: eve.email }))).toEqual({});
  });

  test('nowhere when they gave no address, or were forgotten', async () => {
    const [ada, gone] = [somebody(), somebody()];
    const [without, forgotten] = [await made({ subject: ada.account }), await made({ email: gone.email })];
    await rig.seal({
      type: 'attesta.key.destroyed.v1',
      source: '//attesta/ledger',
      subject: gone.id,
      data: { keys: [{ subject: gone.id, key: 'contact.1' }], scope: 'subject', reason: 'asked for', method: 'crypto-shredding' },
    });
    expect(await addressesOf(without, forgotten)).toEqual({});
  });

  test('over HTTP as within one process', async () => {
    const ada = somebody();
    const id = await made({ email: ada.email });
    const ask = httpReplyAddresses(rig.url, () => token);
    expect(await ask([id])).toEqual({ [id]: { email: ada.email } });
    expect(await rig.requests.replyAddresses([id])).toEqual({ [id]: { email: ada.email } });
  });
});

describe('the question', () => {
  test('is recorded once, with who asked, how much was shown and why', async () => {
    const [ada, bob] = [somebody(), somebody()];
    const requests = [await made({ email: ada.email }), await made({ subject: bob.account, email: ada.email })];
    const before = (await accesses()).length;
    await addressesOf(...requests);
    await rig.requests.replyAddresses(requests);
    const recorded = (await accesses()).slice(before);
    const data = { action: 'reply-addresses.read', resource: 'POST /v1/requests/reply-addresses', reason: 'to send a message' };
    expect(recorded).toMatchObject([
      { actor: 'svc-22', data: { ...data, outcome: 'allowed', role: 'publisher', rows: 1 } },
      { actor: 'attesta-notification', data: { ...data, rows: 1 } },
    ]);
    expect(JSON.stringify(recorded)).not.toContain('@');
  });

  test('is for Attesta’s own services', async () => {
    const body = { requests: [randomUUID()] };
    for (const other of Object.values(rig.tokens)) expect((await call(body, other)).status).toBe(403);
    expect((await call(body, await rig.tokenFor('//attesta.example'))).status).toBe(403);
    expect((await request(rig.app.getHttpServer()).post('/v1/requests/reply-addresses').send(body)).status).toBe(401);
    expect((await call(body)).status).toBe(200);
  });

  test.each([
    ['nothing', {}],
    ['no requests', { requests: [] }],
    ['too many', { requests: Array.from({ length: 201 }, () => randomUUID()) }],
    ['what is no id', { requests: ['1'] }],
    ['what is no list', { requests: randomUUID() }],
    ['more than requests', { requests: [randomUUID()], reason: 'x' }],
  ])('about %s is answered with the field and the fix', async (_what, body) => {
    const { status, body: problem } = await call(body);
    expect(status).toBe(400);
    expect((problem.errors as { fix: string }[])[0]?.fix).toEqual(expect.stringMatching(/./));
  });

  test('about as many as may be asked about is answered', async () => {
    expect(await addressesOf(...Array.from({ length: 200 }, () => randomUUID()))).toEqual({});
  });
});

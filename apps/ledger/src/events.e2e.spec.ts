import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { collection, openLedgerRig, type LedgerRig } from './spec-rig.js';

const STRUCTURED = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';
let rig: LedgerRig;
let publisher: string;
let auditor: string;
let dpo: string;
beforeAll(async () => {
  rig = await openLedgerRig();
  [publisher, auditor, dpo] = await Promise.all([rig.token('publisher'), rig.token('auditor'), rig.token('dpo')]);
});
afterAll(() => rig.close());

const post = (body: string | Buffer, type: string, token = publisher) =>
  request(rig.server)
    .post('/v1/events')
    .auth(token, { type: 'bearer' })
    .set('content-type', type)
    .serialize((sent: unknown) => sent as string)
    .send(body);
const publish = (event: unknown, token?: string) => post(JSON.stringify(event), STRUCTURED, token);
const rejections = async () =>
  (await request(rig.server).get('/v1/rejections?limit=500').auth(auditor, { type: 'bearer' })).body.data as {
    position: number;
    eventId: string;
    problems: { code: string }[];
  }[];

test('an event is sealed, and again is a duplicate with the same position and leaf', async () => {
  const event = collection({}, { personal: { identity: { name: 'Somchai Jaidee' } } });
  const first = await publish(event);
  expect(first.status).toBe(201);
  expect(first.body).toMatchObject({ id: event.id, source: event.source, status: 'sealed' });
  const second = await publish(event);
  expect(second.status).toBe(200);
  expect(second.body).toEqual({ ...first.body, status: 'duplicate' });
});

test('the same id with other content is a conflict that names the sealed position', async () => {
  const event = collection();
  const { body } = await publish(event);
  const other = await publish({ ...event, data: { ...event.data, channel: 'app' } });
  expect(other.status).toBe(409);
  expect(other.headers['content-type']).toMatch('application/problem+json');
  expect(other.body.errors[0]).toMatchObject({ field: '/id', code: 'id-conflict' });
  expect(other.body.errors[0].message).toContain(`position ${body.position}`);
  const secret = await publish({ ...event, data: { ...event.data, personal: { identity: { name: 'X' } } } });
  expect(secret.status).toBe(409);
});

test('binary mode: attributes in headers, data as the body; a person only by ref', async () => {
  const { data, ...attributes } = collection();
  const binary = (subject: string) => {
    let call = request(rig.server).post('/v1/events').auth(publisher, { type: 'bearer' }).set('content-type', 'application/json');
    for (const [name, value] of Object.entries({ ...attributes, subject, id: randomUUID() }))
      call = call.set(`ce-${name}`, encodeURIComponent(String(value)).replaceAll('%2F', '/'));
    return call.send(JSON.stringify(data));
  };
  expect((await binary(`ref1.${'A'.repeat(43)}`)).status).toBe(201);
  const clear = await binary('account|c-1001');
  expect(clear.status).toBe(422);
  expect(clear.body.errors[0].code).toBe('subject-in-clear');
});

test("a person's events of one batch keep their order, though one of them needs a key that is not there yet", async () => {
  const person = { subject: `account|c-${randomUUID()}` };
  await publish(collection(person));
  const personal = { personal: { identity: { name: 'Somchai Jaidee' } } };
  const { body } = await post(JSON.stringify([collection(person), collection(person, personal), collection(person)]), BATCH);
  const positions = (body.receipts as { position: number }[]).map(({ position }) => position);
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
});

test('one bad event does not sink the other 99', async () => {
  const events = Array.from({ length: 100 }, (_, i) => (i === 41 ? collection({}, { purposes: ['world-domination'] }) : collection()));
  const { status, body } = await post(JSON.stringify(events), BATCH);
  expect(status).toBe(200);
  expect(body.receipts).toHaveLength(100);
  expect(body.receipts.map((r: { status: string }) => r.status).filter((s: string) => s === 'sealed')).toHaveLength(99);
  expect(body.receipts[41]).toMatchObject({ id: events[41]!.id, status: 'rejected' });
  expect((await rejections())[0]).toMatchObject({ eventId: events[41]!.id });
});

const disclosure = (data: Record<string, unknown>) => ({
  ...collection(),
  type: 'attesta.disclosure.recorded.v1',
  data: {
    categories: ['address'],
    purposes: ['service-fulfilment'],
    basis: 'contract',
    recipient: 'logistics-provider',
    initiator: 'controller',
    ...data,
  },
});

describe('bad input is rejected with the field and the fix, and kept', () => {
  test.each([
    ['an unknown type', { ...collection(), type: 'attesta.collection.invented.v1' }, '/type'],
    ['an unknown version', { ...collection(), type: 'attesta.collection.recorded.v9' }, '/type'],
    ['a missing field', collection({}, { occasion: undefined }), '/data/occasion'],
    ['a field nobody declared', collection({}, { favourite: 'blue' }), '/data/favourite'],
    ['an unknown purpose', collection({}, { purposes: ['world-domination'] }), '/data/purposes/0'],
    ['an unknown category', collection({}, { categories: ['aura'] }), '/data/categories/0'],
    ['an unknown recipient', disclosure({ recipient: 'somebody' }), '/data/recipient'],
    ['no legal basis', collection({}, { basis: undefined }), '/data/basis'],
    ['a basis the law does not know', collection({}, { basis: 'because' }), '/data/basis'],
    ['a sensitive category on ordinary consent', collection({}, { categories: ['health'], basis: 'consent' }), '/data/basis'],
    [
      'a recipient abroad without ground',
      disclosure({ recipient: 'group-company-abroad', basis: 'legitimate-interest', purposes: ['fraud-prevention'] }),
      '/data/transferGround',
    ],
    ['a card number', collection({}, { personal: { identity: { note: '4111 1111 1111 1111' } } }), '/data/personal/identity/note'],
    ['a clock far in the future', collection({ time: '2199-01-01T00:00:00Z' }), '/time'],
    ['a third-party origin without the party', collection({}, { origin: 'third-party' }), '/data/originParty'],
    ['an e-mail address in clear', collection({}, { context: { page: 'somchai@example.com' } }), '/data'],
    ['a person who is none', collection({ subject: 'th-national-id|1101700230709' }), '/subject'],
    ['an unknown subject id', collection({ subject: randomUUID() }), '/subject'],
    ['a half surrogate pair', collection({}, { personal: { identity: { name: '\ud800' } } }), ''],
    ['not an event', 'hello', ''],
  ])('%s', async (_name, event, field) => {
    const before = (await rejections())[0]?.position ?? -1;
    const { status, body, headers } = await publish(event);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(headers['content-type']).toMatch('application/problem+json');
    const problem = (body.errors as { field: string; fix: string; message: string }[]).find((one) => one.field.startsWith(field));
    expect(problem).toBeDefined();
    expect(problem!.fix).not.toBe('');
    if (status === 422) expect((await rejections())[0]!.position).toBeGreaterThan(before);
    // Without ids, which are random and may hold four ones.
    const { receipt: _receipt, requestId: _requestId, ...said } = body;
    expect(JSON.stringify(said)).not.toContain('4111');
    expect(JSON.stringify(body)).not.toContain('somchai@');
  });

  test.each([
    ['a wrong content type', Buffer.from('<event/>'), 'text/xml', 415],
    ['broken JSON', Buffer.from('{"specversion":'), STRUCTURED, 400],
    ['invalid UTF-8', Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]), STRUCTURED, 400],
    [
      'a prototype-polluting key',
      Buffer.from('{"specversion":"1.0","id":"a","source":"//x","type":"t","__proto__":{"polluted":true},"data":{}}'),
      STRUCTURED,
      422,
    ],
    ['a batch that is no array', Buffer.from('{}'), BATCH, 400],
    ['an oversized batch', Buffer.from(JSON.stringify(Array.from({ length: 1001 }, () => 1))), BATCH, 413],
    ['an oversized event', Buffer.from(JSON.stringify(collection({}, { context: { page: 'x'.repeat(300_000) } }))), STRUCTURED, 413],
    ['an oversized body', Buffer.alloc(5 * 1024 * 1024, 32), BATCH, 413],
    ['nothing at all', Buffer.alloc(0), STRUCTURED, 400],
    ['deep nesting', Buffer.from(`${'['.repeat(20_000)}${']'.repeat(20_000)}`), STRUCTURED, 422],
  ])('%s', async (_name, body, type, status) => {
    const answer = await post(body, type);
    expect(answer.headers['content-type']).toMatch('application/problem+json');
    expect([answer.status, answer.body.title, answer.body.fix === undefined]).toEqual([status, expect.any(String), false]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('a source the token does not name', async () => {
    const { status, body } = await publish(collection({ source: '//storefront.m-med.example.evil/x' }), await rig.token('storefront'));
    expect(status).toBe(422);
    expect(body.errors[0]).toMatchObject({ field: '/source', code: 'source-not-allowed' });
  });

  test('what was sent can be read again, by the DPO alone, and that look is itself sealed', async () => {
    const sent = collection({}, { purposes: ['world-domination'], personal: { identity: { name: 'Somsri' } } });
    await publish(sent);
    const { position } = (await rejections())[0]!;
    const read = (token: string) => request(rig.server).get(`/v1/rejections/${position}`).auth(token, { type: 'bearer' });
    expect((await read(auditor)).body.original).toBeUndefined();
    const size = await rig.ledger.reader.size();
    expect(JSON.parse((await read(dpo)).body.original)).toEqual(sent);
    const entry = await rig.ledger.reader.entry(size);
    expect(JSON.parse(entry!.bytes.toString())).toMatchObject({
      type: 'attesta.access.recorded.v1',
      data: { outcome: 'allowed', action: 'rejection.read' },
    });
  });
});

import request from 'supertest';
import { collection, openLedgerRig, PERSON, type LedgerRig } from './spec-rig.js';

const ROLES = ['publisher', 'subject', 'dpo', 'auditor', 'operator'] as const;
let rig: LedgerRig;
beforeAll(async () => {
  rig = await openLedgerRig();
  const token = await rig.token('publisher');
  await request(rig.server)
    .post('/v1/events')
    .auth(token, { type: 'bearer' })
    .set('content-type', 'application/cloudevents+json')
    .send(JSON.stringify(collection()));
  await rig.ledger.integrator.integrate();
});
afterAll(() => rig.close());

const nobody = '00000000-0000-4000-8000-000000000000';
const look = JSON.stringify({ reason: 'spec' });

/** Every route and who may: the status each role gets, in the order of ROLES, then without a token. */
const CELLS: [method: 'get' | 'post', path: string, body: string | undefined, expected: number[]][] = [
  ['post', '/v1/events', undefined, [415, 403, 403, 403, 403, 401]],
  ['get', '/v1/events/0', undefined, [403, 403, 200, 200, 403, 401]],
  ['get', '/v1/rejections', undefined, [200, 403, 200, 200, 200, 401]],
  ['get', '/v1/rejections/999', undefined, [404, 403, 404, 404, 404, 401]],
  ['get', '/v1/intake-key', undefined, [200, 403, 403, 200, 200, 401]],
  ['post', '/v1/subjects/lookup', JSON.stringify({ subject: 'account|c-1001', reason: 'spec' }), [403, 403, 200, 200, 403, 401]],
  ['post', '/v1/entries/0/open', look, [403, 403, 200, 403, 403, 401]],
  ['post', `/v1/subjects/${nobody}/shred`, look, [403, 403, 404, 403, 403, 401]],
  ['post', '/v1/directory/subjects', JSON.stringify({ refs: [`ref1.${'A'.repeat(43)}`] }), [200, 403, 403, 403, 403, 401]],
  ['post', '/v1/directory/refs', JSON.stringify({ subjects: [nobody] }), [200, 403, 403, 403, 403, 401]],
  ['get', '/v1/proofs/inclusion?position=0', undefined, [200, 200, 200, 200, 200, 200]],
  ['get', '/v1/proofs/consistency?from=0', undefined, [200, 200, 200, 200, 200, 200]],
  ['get', '/log/checkpoint', undefined, [200, 200, 200, 200, 200, 200]],
  ['get', '/log/key', undefined, [200, 200, 200, 200, 200, 200]],
  ['get', '/log/key/changes', undefined, [200, 200, 200, 200, 200, 200]],
  ['get', '/log/tile/0/000.p/1', undefined, [200, 200, 200, 200, 200, 200]],
  ['get', '/log/tile/entries/000.p/1', undefined, [403, 403, 403, 200, 403, 401]],
];

describe.each(CELLS)('%s %s', (method, path, body, expected) => {
  test.each([...ROLES.map((role, i) => [role, expected[i]!] as const), ['nobody', expected[ROLES.length]!] as const])(
    '%s gets %i',
    async (role, status) => {
      let call = request(rig.server)[method](path);
      if (role !== 'nobody') call = call.auth(await rig.token(role), { type: 'bearer' });
      const answer = body === undefined ? await call : await call.set('content-type', 'application/json').send(body);
      expect(answer.status).toBe(status);
    },
  );
});

test('a refused look is itself an entry', async () => {
  const size = await rig.ledger.reader.size();
  await request(rig.server)
    .post('/v1/entries/0/open')
    .auth(await rig.token('publisher'), { type: 'bearer' })
    .send({ reason: 'curious' });
  let entries = await rig.ledger.reader.read(size - 1, 10);
  while (entries.length === 0) entries = await rig.ledger.reader.read(size - 1, 10);
  expect(JSON.parse(entries[0]!.bytes.toString())).toMatchObject({
    type: 'attesta.access.recorded.v1',
    data: { outcome: 'denied', resource: 'POST /v1/entries/:position/open' },
  });
});

test('a caller whose sub holds a personal value publishes and looks, under a pseudonym', async () => {
  const token = await rig.token(PERSON);
  const published = await request(rig.server)
    .post('/v1/events')
    .auth(token, { type: 'bearer' })
    .set('content-type', 'application/cloudevents+json')
    .send(JSON.stringify(collection()));
  expect(published.status).toBe(201);
  const looked = await request(rig.server)
    .post('/v1/subjects/lookup')
    .auth(token, { type: 'bearer' })
    .send({ subject: 'account|c-1001', reason: 'case 7' });
  expect(looked.status).toBe(200);
  const sealed = (await rig.ledger.reader.read(published.body.position - 1, 2)).map(({ bytes }) => bytes.toString());
  const [actor, ...others] = new Set(sealed.map((bytes) => (JSON.parse(bytes) as { actor: string }).actor));
  expect(actor).toMatch(/^usr_[0-9a-f]{32}$/);
  expect(others).toEqual([]);
  expect(sealed.join()).not.toContain(PERSON);
});

test.each([
  ['get', '/v1/events/-1', 404],
  ['get', '/v1/events/abc', 400],
  ['get', '/v1/events/99999999999999999999', 404],
  ['get', '/v1/rejections?limit=100000', 400],
  ['get', '/v1/rejections?cursor=-5', 400],
  ['get', "/v1/rejections?source=';drop table entry;--", 200],
  ['get', '/v1/proofs/inclusion?position=1e3', 404],
  ['get', '/v1/proofs/inclusion?position=x', 400],
  ['get', '/v1/proofs/consistency?from=5&to=2', 404],
  ['get', '/log/tile/0/x000/000', 404],
  ['get', '/log/tile/64/000', 404],
  ['get', '/log/tile/0/000.p/0', 404],
  ['get', '/log/tile/0/000.p/256', 404],
  ['get', '/log/tile/0/../../../etc/passwd', 404],
  ['get', '/log/tile/entries/000', 404],
  ['get', '/nowhere', 404],
  ['delete', '/v1/events', 405],
] as const)('%s %s answers %i with a problem document', async (method, path, status) => {
  const agent = request(rig.server);
  const answer = await agent[method](path).auth(await rig.token('auditor'), { type: 'bearer' });
  expect(answer.status).toBe(status);
  if (status >= 400) expect(answer.headers['content-type']).toMatch('application/problem+json');
});

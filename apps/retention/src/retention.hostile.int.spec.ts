import { randomUUID } from 'node:crypto';
import type { Role } from '@attesta/service-kit';
import type { HoldView, Placed } from './holds.js';
import { RetentionRig } from './retention-rig.js';

let rig: RetentionRig;
let self: string;
let other: string;
beforeAll(async () => {
  rig = await RetentionRig.start();
  [self, other] = [rig.person('account|self'), rig.person('account|other')];
  rig.collect(self, ['contact']);
  rig.collect(other, ['contact']);
  await rig.later(0);
});
afterAll(() => rig.stop());

const ALL: (Role | undefined)[] = ['dpo', 'auditor', 'operator', 'publisher', 'subject', undefined];
const hold = (changes: object = {}) => ({ matter: 'case-7/2569', reason: 'A claim was announced.', ...changes });
const place = (body: unknown) => rig.post<Placed & { errors?: object[] }>('dpo', '/v1/holds', body);
const accesses = async () =>
  (await rig.retention.log.read(-1, 10_000))
    .filter(({ type }) => type === 'attesta.access.recorded.v1')
    .map(({ subject, data }): { subject: string | undefined; action?: unknown; role?: unknown; resource?: unknown } => ({
      subject,
      ...data,
    }));

describe('nobody does what they may not', () => {
  it.each<[method: 'get' | 'post', path: string, who: Role[]]>([
    ['post', '/v1/holds', ['dpo']],
    ['get', '/v1/holds', ['dpo', 'auditor']],
    ['post', `/v1/holds/${randomUUID()}/release`, ['dpo']],
    ['get', '/v1/disposals', ['dpo', 'auditor']],
    ['get', `/v1/disposals/${randomUUID()}`, ['dpo', 'auditor']],
    ['get', `/v1/disposals/${randomUUID()}/certificate`, ['dpo', 'auditor']],
    ['get', `/v1/disposals/${randomUUID()}/certificate.pdf`, ['dpo', 'auditor']],
    ['get', '/v1/reviews', ['dpo']],
    ['post', '/v1/reviews', ['dpo']],
    ['get', '/v1/retention/backlog', ['dpo', 'auditor', 'operator']],
    ['get', '/v1/retention/forecast', ['dpo', 'auditor', 'operator']],
    ['get', '/v1/retention/plan', ['dpo', 'auditor', 'operator']],
    ['get', `/v1/subjects/${randomUUID()}/holdings`, ['dpo', 'auditor', 'subject']],
    ['get', '/ops/retention/progress', ['operator', 'auditor']],
    ['get', '/ops/retention/dlq', ['operator']],
  ])('%s %s', async (method, path, who) => {
    for (const role of ALL) {
      const { status } = method === 'get' ? await rig.get(role, path) : await rig.post(role, path, {});
      if (role === undefined) expect(status).toBe(401);
      else if (!who.includes(role)) expect([role, status]).toEqual([role, 403]);
      else expect([role, [401, 403].includes(status) && role !== 'subject']).toEqual([role, false]);
    }
  });

  it('a person reads what is held of them, without a reason, and of nobody else', async () => {
    expect(await rig.get('subject', `/v1/subjects/${self}/holdings`)).toMatchObject({
      status: 200,
      body: { subject: self, data: [{ category: 'contact' }] },
    });
    expect(await rig.get('subject', `/v1/subjects/${self.toUpperCase()}/holdings`)).toMatchObject({ status: 200, body: { subject: self } });
    for (const id of [other, randomUUID()]) expect((await rig.get('subject', `/v1/subjects/${id}/holdings`)).status).toBe(403);
    expect((await rig.get('subject', `/v1/subjects/${encodeURIComponent("' or 1=1 --")}/holdings`)).status).toBe(400);
  });

  it('every look at a person is recorded, and every refusal', async () => {
    expect((await rig.get('auditor', `/v1/subjects/${other}/holdings`)).status).toBe(400);
    await rig.get('auditor', `/v1/subjects/${other}/holdings?reason=case-7`);
    await rig.get('auditor', `/v1/disposals?subject=${other}`);
    await rig.get('operator', `/v1/subjects/${other}/holdings`);
    const expected = [
      expect.objectContaining({ subject: other, action: 'holdings.read', role: 'auditor', outcome: 'allowed', reason: 'case-7', rows: 1 }),
      expect.objectContaining({ subject: other, action: 'disposals.read', role: 'auditor', outcome: 'allowed' }),
      expect.objectContaining({ role: 'operator', outcome: 'denied', resource: 'GET /v1/subjects/:id/holdings' }),
    ];
    const isLate = (all: { role?: unknown; resource?: unknown }[]) =>
      !all.some(({ role, resource }) => role === 'operator' && resource === 'GET /v1/subjects/:id/holdings');
    let found = await accesses();
    while (isLate(found)) found = await accesses(); // a refusal is recorded beside its answer
    expect(found).toEqual(expect.arrayContaining(expected));
    expect(found.filter(({ subject, action }) => subject === other && action === 'holdings.read')).toHaveLength(1);
  });
});

describe('a hold', () => {
  it.each<[string, unknown]>([
    ['no object', []],
    ['nothing', {}],
    ['no reason', hold({ reason: undefined })],
    ['a reason of one letter', hold({ reason: 'x' })],
    ['a reason that is none', hold({ reason: { $ne: 1 } })],
    ['a phone number in its reason', hold({ reason: 'Call 081-234-5678 about it.' })],
    ['an address in its reason', hold({ reason: 'Ask ann@example.com about it.' })],
    ['a national id in its reason', hold({ reason: 'It is about 1-1017-00230-70-8 again' })],
    ['a name as its matter', hold({ matter: 'สมชาย ใจดี' })],
    ['an address as its matter', hold({ matter: 'ann@example.com' })],
    ['a national id as its matter', hold({ matter: '1101700230708' })],
    ['a matter that is too long', hold({ matter: 'a'.repeat(201) })],
    ['an id that is none', hold({ id: "1'; drop table hold; --" })],
    ['nobody as its person', hold({ subject: 'somebody' })],
    ['a number as its person', hold({ subject: 7 })],
    ['categories that are no list', hold({ categories: 'contact' })],
    ['no categories at all', hold({ categories: [] })],
    ['a category twice', hold({ categories: ['contact', 'contact'] })],
    ['too many categories', hold({ categories: Array.from({ length: 65 }, (_, i) => `c-${i}`) })],
    ['members that nobody knows', hold({ releasedAt: '2026-01-01T00:00:00Z' })],
    ['a prototype', JSON.parse('{"matter":"case-7","reason":"A claim.","__proto__":{"x":1}}')],
  ])('is not placed with %s', async (_, body) => {
    const before = (await rig.get<{ data: HoldView[] }>('dpo', '/v1/holds')).body.data.length;
    expect((await place(body)).status).toBe(400);
    expect((await rig.get<{ data: HoldView[] }>('dpo', '/v1/holds')).body.data).toHaveLength(before);
  });

  it('is not placed on what the policy does not know', async () => {
    for (const body of [hold({ categories: ['fax'] }), hold({ purposes: ['gossip'] })]) {
      const { status, body: answer } = await place(body);
      expect([status, answer.errors?.length]).toEqual([422, 1]);
    }
  });

  it('is not placed by a megabyte', async () => {
    expect((await place(hold({ reason: 'a'.repeat(1 << 20) }))).status).toBe(413);
    expect((await place(hold({ reason: 'a'.repeat(200_000) }))).status).toBe(400);
  });

  it('is placed once, however often it is asked for, and is another one with other content', async () => {
    const id = randomUUID();
    const all = await Promise.all(Array.from({ length: 8 }, () => place(hold({ id, subject: 'account|other' }))));
    for (const { status, body } of all) expect([status, body.hold.id, body.covered, body.tooLate]).toEqual([201, id, 1, 0]);
    expect((await place(hold({ id: id.toUpperCase(), subject: 'account|other' }))).status).toBe(201);
    for (const changes of [
      { matter: 'case-8' },
      { subject: 'account|self' },
      { categories: ['contact'] },
      { law: 'Civil Procedure Code s.88' },
    ])
      expect((await place(hold({ id, subject: 'account|other', ...changes }))).status).toBe(409);
    await rig.later(0);
    expect(rig.said('hold.placed').filter(({ data }) => data.hold === id)).toHaveLength(1);
    const release = (reason: string) => rig.post<HoldView>('dpo', `/v1/holds/${id}/release`, { reason });
    const released = await Promise.all([release('The case was settled.'), release('The case was dropped.')]);
    expect(new Set(released.map(({ body }) => body.releaseReason)).size).toBe(1);
    expect((await release('Again.')).body).toEqual(released[0]!.body);
    await rig.later(0);
    expect(rig.said('hold.released').filter(({ data }) => data.hold === id)).toHaveLength(1);
  });

  it('that is not there is not released', async () => {
    expect((await rig.post('dpo', `/v1/holds/${randomUUID()}/release`, { reason: 'The case was settled.' })).status).toBe(404);
    expect((await rig.post('dpo', '/v1/holds/1/release', { reason: 'The case was settled.' })).status).toBe(400);
  });
});

describe('lists', () => {
  it.each([
    '/v1/holds?limit=501',
    '/v1/holds?limit=0',
    '/v1/holds?limit=1e9',
    '/v1/holds?limit=1;drop',
    '/v1/holds?active=maybe',
    `/v1/holds?cursor=${encodeURIComponent("' union select 1 --")}`,
    '/v1/holds?order=placed_at',
    '/v1/disposals?status=gone',
    '/v1/disposals?limit=-1',
    `/v1/disposals?cursor=${encodeURIComponent("1' or '1'='1")}`,
    '/v1/disposals?subject=account|self',
    '/v1/disposals?subject=1&subject=2',
    '/v1/disposals/1',
    '/v1/reviews?class=%27%3B--',
    '/v1/reviews?limit=501',
    '/v1/retention/forecast?months=121',
    '/v1/retention/forecast?months=0',
    `/v1/subjects/${randomUUID()}/holdings?reason=${'a'.repeat(2000)}`,
  ])('%s is refused', async (path) => expect((await rig.get('dpo', path)).status).toBe(400));

  it('go on from a cursor, and end at one that nobody has', async () => {
    for (let n = 0; n < 3; n++) await place(hold({ matter: `pages/${n}` }));
    const page = (query: string) =>
      rig.get<{ data: HoldView[]; next_cursor: string | null; has_more: boolean }>('auditor', `/v1/holds?${query}`);
    const seen: string[] = [];
    for (let cursor: string | null = '', pages = 0; cursor !== null && pages < 20; pages++) {
      const { body } = await page(`active=true&limit=1${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.data.map(({ matter }) => matter));
      expect(body.has_more).toBe(body.next_cursor !== null);
      cursor = body.next_cursor;
    }
    expect(seen.filter((matter) => matter.startsWith('pages/')).sort()).toEqual(['pages/0', 'pages/1', 'pages/2']);
    expect(new Set(seen).size).toBe(seen.length);
    expect((await page(`cursor=${randomUUID()}`)).body).toEqual({ data: [], next_cursor: null, has_more: false });
  });
});

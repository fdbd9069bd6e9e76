import { auditRig, collection, disclosure, person, type AuditRig } from './audit-rig.js';
import { buildAll, serveAudit, type Http } from './search-rig.js';

const ANNA = person(1);
const BEN = person(2);
let rig: AuditRig;
let http: Http;
beforeAll(async () => {
  rig = await auditRig();
  http = await serveAudit(rig);
  await rig.report(collection(ANNA));
  await rig.report(disclosure(ANNA, 'bank'));
  await rig.report(collection(BEN, { related: [{ subject: ANNA, role: 'friend' }] }));
  await buildAll(rig.db.pool);
});
afterAll(() => http.close());

const search = (q: string, more = '') => http.get(`/v1/search?q=${encodeURIComponent(q)}${more}`);
const accesses = async () => (await rig.audit.log.readStream('access')).map(({ subject, actor, data }) => ({ subject, actor, ...data }));

describe('a search', () => {
  it('answers entries, newest first, with what vouches for them', async () => {
    const { body } = await search('type:collection.*').expect(200);
    expect(body).toMatchObject({
      data: [
        {
          position: 2,
          subject: BEN,
          type: 'attesta.collection.recorded.v1',
          title: expect.any(String) as string,
          time: '2026-03-01T09:00:00.000Z',
          recordedAt: '2026-03-01T09:00:00.000Z',
          source: '//storefront.test',
          actor: 'svc-1',
          data: { purposes: ['service-fulfilment'] },
          leafHash: rig.ledger.stored[2]!.leafHash.toString('base64'),
          reduced: false,
        },
        { position: 0 },
      ],
      next_cursor: null,
      has_more: false,
      looked_to: null,
      query: 'type:collection.*',
      asOf: { position: 2, size: 3, lag: { events: 0 } },
    });
  });

  it('goes on from its cursor, and only from its own', async () => {
    const { body: first } = await search('type:collection.recorded', '&limit=1').expect(200);
    expect(first).toMatchObject({ data: [{ position: 2 }], has_more: true, looked_to: 2 });
    const { body: second } = await search(' type:collection.recorded ', `&limit=1&cursor=${first.next_cursor}`).expect(200);
    expect(second).toMatchObject({ data: [{ position: 0 }], has_more: false, next_cursor: null });
    const { body } = await search('recipient:bank', `&cursor=${first.next_cursor}`).expect(400);
    expect(body).toMatchObject({ type: 'https://attesta.dev/problems/cursor-of-another-query' });
    await search('type:collection.recorded', '&cursor=2').expect(400);
  });

  it('shows the log as it stood, and not what is not reached', async () => {
    expect((await search('', '&as_of=0').expect(200)).body).toMatchObject({ data: [{ position: 0 }], asOf: { position: 0 } });
    await search('', '&as_of=999').expect(409);
  });

  it('of a person needs a reason, and is recorded with it, for each who is named', async () => {
    const { body } = await search(`subject:${ANNA}`).expect(400);
    expect(body).toMatchObject({ type: 'https://attesta.dev/problems/reason-required', errors: [{ field: '/reason' }] });
    await search(`-subject:${ANNA}`).expect(400);
    const { body: found } = await search(`subject:${ANNA},${BEN},${person(99)} basis:contract`, '&reason=case%2012').expect(200);
    expect(found.data.map(({ position }: { position: number }) => position)).toEqual([2, 1, 0]);
    const said = {
      action: 'search.run',
      resource: 'GET /v1/search basis,subject',
      reason: 'case 12',
      rows: 3,
      asOf: 2,
      actor: 'auditor-7',
      outcome: 'allowed',
    };
    expect((await accesses()).slice(-3)).toMatchObject([
      { subject: ANNA, ...said },
      { subject: BEN, ...said },
      { subject: undefined, ...said },
    ]);
  });

  it('of nobody is recorded by which qualifiers it has, not what they are', async () => {
    await search('recipient:bank -purpose:marketing secretword').expect(200);
    const last = (await accesses()).at(-1)!;
    expect(last).toMatchObject({ action: 'search.run', resource: 'GET /v1/search -purpose,recipient,word' });
    expect(last).not.toHaveProperty('reason');
    expect(JSON.stringify(await accesses())).not.toMatch(/bank|marketing|secretword/);
  });

  it.each([
    'somchai@mail.example',
    'actor:somchai@mail.example',
    'source:"//x/somchai@host"',
    '081 234 5678',
    '"081-234-5678"',
    'finding:0812345678',
    '1-1017-00230-70-8',
  ])('of a value that leads to a person, such as %s, is refused and says what to do', async (q) => {
    const { body, text } = await search(q).expect(400);
    expect(body).toMatchObject({
      type: 'https://attesta.dev/problems/personal-value-in-query',
      fix: expect.stringContaining('/v1/subjects/lookup') as string,
    });
    expect(text).not.toMatch(/somchai|081|1017/);
  });

  it.each([
    ['x'.repeat(2_000)],
    ['type:"open'],
    [`recipient:bank'; drop table timeline; --`],
    [`actor:"' or '1'='1"`],
    ['recipient:bank) or (1=1'],
    ['%'],
    ['\\'],
    ['"\\'],
    ['__proto__:x constructor:y'],
    ['toString:x'],
    ['position:1e9'],
    ['position:999999999999999..999999999999999'],
    ['created:2999-12-31 occurred:>2999-12-31T23:59:59.999999999Z'],
    ['created:<1900-01-01'],
    ['-'.repeat(900)],
    ['"'.repeat(999)],
    [','.repeat(999)],
    [`purpose:${'a,'.repeat(400)}a`],
    ['\u202e\u{1f600} \ud83d'.slice(0, 4)],
  ])('hostile: %#', async (q) => {
    const { status, body } = await search(q);
    expect([200, 400]).toContain(status);
    if (status === 400)
      expect(body).toMatchObject({ type: 'https://attesta.dev/problems/query-not-understood', columns: expect.any(Array) as unknown });
    else expect(body.has_more).toBe(false);
    expect((await rig.db.pool.query('select 1 from timeline')).rowCount).toBe(rig.ledger.stored.length);
  });

  it('hostile: as a URL', async () => {
    await http.get('/v1/search?q=%00').expect(400);
    await http.get(`/v1/search?q=${'x'.repeat(10_000)}`).expect(414);
    await http.get('/v1/search?q=a&q=b').expect(400);
    await http.get('/v1/search?q[x]=a').expect(400);
    await http.get('/v1/search?q=a&limit=501').expect(400);
    await http.get('/v1/search?q=a&nonsense=1').expect(400);
    await http.post('/v1/exports', { q: 'x'.repeat(10_000), format: 'csv', reason: 'case 1' }).expect(400);
    await http.post('/v1/views', { name: 'x', query: 'a\u0000b' }).expect(400);
  });
});

describe('saved views', () => {
  const ID = person(700);

  it('are one’s own, or shared; once for the same id', async () => {
    const mine = { id: ID, name: '  Marketing   of late ', query: 'purpose:marketing   created:>=2026-01-01' };
    const { body } = await http.post('/v1/views', mine).expect(201);
    expect(body).toEqual({
      id: ID,
      name: 'Marketing of late',
      query: 'purpose:marketing created:>=2026-01-01',
      shared: false,
      mine: true,
      createdAt: expect.any(String) as string,
    });
    const before = (await accesses()).length;
    expect((await http.post('/v1/views', mine).expect(201)).body).toEqual(body);
    expect((await accesses()).length).toBe(before);
    await http.post('/v1/views', { ...mine, name: 'Another' }).expect(409);
    await http.post('/v1/views', mine, 'second-auditor').expect(409);
    const { body: shared } = await http.post('/v1/views', { name: 'Banks', query: 'recipient:bank', shared: true }).expect(201);
    const named = async (role: 'auditor' | 'second-auditor' | 'dpo') =>
      (await http.get('/v1/views', role).expect(200)).body.data.map(({ name, mine: own }: { name: string; mine: boolean }) => [name, own]);
    expect(await named('auditor')).toEqual([
      ['Banks', true],
      ['Marketing of late', true],
    ]);
    expect(await named('second-auditor')).toEqual([['Banks', false]]);
    await http.remove(`/v1/views/${ID}`, 'second-auditor').expect(404);
    await http.remove(`/v1/views/${shared.id}`, 'second-auditor').expect(404);
    await http.remove(`/v1/views/${ID}`, 'dpo').expect(404);
    await http.remove(`/v1/views/${shared.id}`, 'dpo').expect(204);
    await http.remove(`/v1/views/${ID}`).expect(204);
    await http.remove(`/v1/views/${ID}`).expect(404);
    expect(await named('auditor')).toEqual([]);
    expect((await accesses()).slice(-2)).toMatchObject([
      { action: 'view.removed', actor: 'dpo-7' },
      { action: 'view.removed', actor: 'auditor-7', resource: 'DELETE /v1/views/:id' },
    ]);
  });

  it.each([
    [{ name: 'anna@mail.example', query: 'type:a' }, 'personal-value-in-name'],
    [{ name: 'call 081-234-5678', query: 'type:a' }, 'personal-value-in-name'],
    [{ name: ' \t', query: 'type:a' }, 'view-name'],
    [{ name: 'a\u0001', query: 'type:a' }, 'view-name'],
    [{ name: 'a\u0000', query: 'type:a' }, 'invalid-fields'],
    [{ name: 'a', query: `subject:${ANNA}` }, 'view-names-a-person'],
    [{ name: 'a', query: 'bogus:1' }, 'query-not-understood'],
    [{ name: 'a', query: 'x@y.example' }, 'personal-value-in-query'],
    [{ name: 'x'.repeat(81), query: 'type:a' }, 'invalid-fields'],
    [{ name: 'a', query: 'type:a', id: 'nobody' }, 'invalid-fields'],
    [{ name: 'a', query: 'type:a', owner: 'auditor-8' }, 'invalid-fields'],
  ])('are refused: %j', async (body, slug) => {
    const { body: problem } = await http.post('/v1/views', body).expect(400);
    expect(problem.type).toBe(`https://attesta.dev/problems/${slug}`);
  });
});

describe('exports are refused', () => {
  it.each([
    [{ format: 'csv', reason: 'case' }, 'query-or-register'],
    [{ q: '', register: 'consents', format: 'csv', reason: 'case' }, 'query-or-register'],
    [{ register: 'pg_shadow', format: 'csv', reason: 'case' }, 'no-such-register'],
    [{ register: 'consents', format: 'evidence', reason: 'case' }, 'evidence-of-register'],
    [{ q: 'a', format: 'pdf', reason: 'case' }, 'invalid-fields'],
    [{ q: 'a', format: 'csv' }, 'invalid-fields'],
    [{ q: 'a', format: 'csv', reason: 'for anna@mail.example' }, 'invalid-fields'],
    [{ q: 'anna@mail.example', format: 'csv', reason: 'case' }, 'personal-value-in-query'],
  ])('%j', async (body, slug) => {
    expect((await http.post('/v1/exports', body).expect(400)).body.type).toBe(`https://attesta.dev/problems/${slug}`);
  });
});

it.each([
  'GET /v1/search',
  'GET /v1/views',
  'POST /v1/views',
  `DELETE /v1/views/${person(5)}`,
  'POST /v1/exports',
  'GET /v1/exports',
  `GET /v1/exports/${person(5)}`,
  `GET /v1/exports/${person(5)}/file`,
  `DELETE /v1/exports/${person(5)}`,
])('%s is for auditors and dpos', async (route) => {
  const [method, url] = route.split(' ') as [string, string];
  const ask = (role: 'auditor' | 'dpo' | 'subject' | 'operator' | 'publisher') =>
    method === 'GET' ? http.get(url, role) : method === 'POST' ? http.post(url, {}, role) : http.remove(url, role);
  for (const role of ['subject', 'operator', 'publisher'] as const) expect((await ask(role)).status).toBe(403);
  for (const role of ['auditor', 'dpo'] as const) expect([200, 400, 404]).toContain((await ask(role)).status);
});

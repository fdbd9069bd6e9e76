import { randomUUID } from 'node:crypto';
import type { ProblemDocument } from '@attesta/events';
import { ROLES, type Role } from '@attesta/service-kit';
import { BreachesRig } from './breaches-rig.js';
import { assessed, DISCOVERED, facts, words } from './breach-rig.js';
import type { BreachView } from './breach-views.js';

const body = { ...facts, discoveredAt: DISCOVERED };

describe('the breach register over HTTP', () => {
  let rig: BreachesRig;
  beforeAll(async () => (rig = await BreachesRig.start()));
  afterAll(() => rig.stop());
  const record = async (more: object = {}) => (await rig.post<BreachView>('dpo', '/v1/breaches', { ...body, ...more })).body.breach;

  it('takes a breach from its discovery to its end', async () => {
    const id = randomUUID();
    const first = await rig.post<BreachView>('dpo', '/v1/breaches', { ...body, id: id.toUpperCase() });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ breach: id, status: 'open', clocks: [{ state: 'running', remainingSeconds: 71 * 3600 }] });
    const person = rig.person('account|c-1');
    const at = rig.time.toISOString();
    const story: [path: string, command: object, then: object][] = [
      ['update', { ...facts, people: 900 }, { facts: { people: 900 } }],
      ['assess', assessed('high'), { assessment: { risk: 'high' }, people: { required: true } }],
      ['authority-notified', { jurisdiction: 'th-pdpa', at, phase: 'initial' }, { clocks: [{ state: 'notified' }] }],
      ['people', { subjects: ['account|c-1', person, 'account|c-404'] }, { added: 1, known: 0, strangers: [2] }],
      ['notice', { words }, { people: { orders: [{ people: 1, told: null }] } }],
    ];
    for (const [path, command, then] of story) {
      const answer = await rig.post('dpo', `/v1/breaches/${id}/${path}`, command);
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.body).toMatchObject(then);
    }
    expect(rig.tellings.at(-1)).toMatchObject({ breach: id, subjects: [person], words });
    await rig.breaches.host.transact((tx) => rig.breaches.noteTold(tx, id, 0, { told: 1, unreachable: 0, failed: 0 }));
    const closed = await rig.post<BreachView>('dpo', `/v1/breaches/${id}/close`, { reason: 'All is done.' });
    expect(closed.body).toMatchObject({ status: 'closed', closing: { reason: 'All is done.' } });
    expect((await rig.get<BreachView>('auditor', `/v1/breaches/${id}`)).body).toEqual(closed.body);
  });

  it('ends without telling anybody where nobody is at risk', async () => {
    const id = await record();
    await rig.post('dpo', `/v1/breaches/${id}/assess`, assessed('none'));
    const answer = await rig.post<BreachView>('dpo', `/v1/breaches/${id}/not-notified`, { reason: 'It was encrypted.' });
    expect(answer.body).toMatchObject({ clocks: [{ state: 'not-required', due: expect.any(String) }] });
    expect((await rig.post('dpo', `/v1/breaches/${id}/close`, { reason: 'All is done.' })).status).toBe(200);
  });

  it('gives every problem of a body at once', async () => {
    const { status, body: problem } = await rig.post<ProblemDocument>('dpo', '/v1/breaches', {
      id: 'one',
      discoveredAt: 'yesterday',
      nature: ['confidence'],
      categories: [],
      people: -1,
      description: 'Write to somchai@example.com',
      cause: 'no',
      colour: 'red',
    });
    expect(status).toBe(400);
    expect(new Set(problem.errors?.map(({ field }) => field))).toEqual(
      new Set(['/id', '/discoveredAt', '/nature', '/categories', '/people', '/description', '/cause', '/jurisdictions', '/colour']),
    );
    const id = await record();
    const notice = await rig.post<ProblemDocument>('dpo', `/v1/breaches/${id}/notice`, { words: { en: { what: 'It was 0812345678.' } } });
    expect(notice.body.errors?.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['/words/en/what', '/words/en/likely', '/words/en/advice', '/words/th']),
    );
  });

  it('says what is wrong with a command, and what to do', async () => {
    const id = await record();
    const at = rig.time.toISOString();
    const late = await rig.post<ProblemDocument>('dpo', `/v1/breaches/${id}/authority-notified`, {
      jurisdiction: 'eu-gdpr',
      at,
      phase: 'initial',
    });
    expect(late).toMatchObject({ status: 422, body: { errors: [{ field: '/jurisdiction', code: 'no-such-jurisdiction' }] } });
    const early = await rig.post<ProblemDocument>('dpo', `/v1/breaches/${id}/close`, { reason: 'All is done.' });
    expect(early).toMatchObject({ status: 409, body: { type: expect.stringMatching(/not-assessed$/), fix: expect.any(String) } });
    const vague = await rig.post('dpo', `/v1/breaches/${id}/notice`, { words, collectedFrom: DISCOVERED });
    expect(vague).toMatchObject({ status: 400, body: { errors: [{ field: '/categories' }] } });
    expect((await rig.get('dpo', `/v1/breaches/${randomUUID()}`)).status).toBe(404);
    expect((await rig.post('dpo', `/v1/breaches/${randomUUID()}/close`, { reason: 'All is done.' })).status).toBe(404);
    expect((await rig.post('dpo', '/v1/breaches', { ...body, id, people: 1 })).status).toBe(409);
  });

  it('lists breaches page by page, the newest first', async () => {
    const own = await BreachesRig.start();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      own.time = new Date(own.time.getTime() + 1000);
      ids.unshift((await own.post<BreachView>('dpo', '/v1/breaches', body)).body.breach);
    }
    type Page = { data: BreachView[]; next_cursor: string | null; has_more: boolean };
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body: page }: { body: Page } = await own.get<Page>(
        'auditor',
        `/v1/breaches?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...page.data.map(({ breach }) => breach));
      expect(page.has_more).toBe(page.next_cursor !== null);
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(ids);
    expect((await own.get<Page>('dpo', '/v1/breaches?status=closed')).body.data).toEqual([]);
    expect((await own.get<Page>('dpo', '/v1/breaches?status=open')).body.data).toHaveLength(5);
    await own.stop();
  });

  it('takes as many people in a body as it says, and no more', async () => {
    const id = await record();
    const refs = (n: number) => Array.from({ length: n }, () => `ref1.${randomUUID()}${randomUUID()}`.slice(0, 48).replaceAll('-', '_'));
    const most = await rig.post('dpo', `/v1/breaches/${id}/people`, { subjects: refs(4_000) });
    expect(most).toMatchObject({ status: 200, body: { added: 0 } });
    expect((await rig.post('dpo', `/v1/breaches/${id}/people`, { subjects: refs(4_001) })).status).toBe(400);
  });

  it('gives the report in each form', async () => {
    const id = await record();
    const json = await rig.get<{ breach: string }>('auditor', `/v1/breaches/${id}/report`);
    expect(json.body).toMatchObject({ breach: id, jurisdiction: { id: 'th-pdpa' }, authority: { id: 'pdpc' } });
    for (const [format, type] of [
      ['html', 'text/html; charset=utf-8'],
      ['pdf', 'application/pdf'],
    ]) {
      expect(await rig.get('dpo', `/v1/breaches/${id}/report?format=${format}`)).toMatchObject({ status: 200, type });
    }
    expect((await rig.get('dpo', `/v1/breaches/${id}/report?jurisdiction=eu-gdpr`)).status).toBe(400);
    expect((await rig.get('dpo', `/v1/breaches/${id}/report?format=doc`)).status).toBe(400);
  });

  describe('is for', () => {
    const READS = ['', '/:id', '/:id/report'];
    const WRITES = [
      '',
      ...['update', 'assess', 'authority-notified', 'not-notified', 'people', 'notice', 'close'].map((one) => `/:id/${one}`),
    ];
    const rows: [Role | undefined, 'get' | 'post', string, boolean][] = [undefined, ...ROLES].flatMap((role) => [
      ...READS.map((path) => [role, 'get', path, role === 'dpo' || role === 'auditor'] as [Role | undefined, 'get', string, boolean]),
      ...WRITES.map((path) => [role, 'post', path, role === 'dpo'] as [Role | undefined, 'post', string, boolean]),
    ]);

    it.each(rows)('%s %s %s: %s', async (role, method, path, allowed) => {
      const url = `/v1/breaches${path.replace(':id', randomUUID())}`;
      const { status } = method === 'get' ? await rig.get(role, url) : await rig.post(role, url, {});
      if (allowed) expect([200, 400, 404]).toContain(status);
      else expect(status).toBe(role === undefined ? 401 : 403);
    });
  });
});

import { strFromU8, unzipSync } from 'fflate';
import request from 'supertest';
import type { Taken } from './intake.js';
import type { PackageLink } from './packages.js';
import { RequestsRig } from './requests-rig.js';

const DAY = 86_400_000;
let rig: RequestsRig;

beforeAll(async () => {
  rig = await RequestsRig.start();
});
afterAll(() => rig.stop());

let n = 0;
/** Somebody nobody else in this file is. */
function somebody() {
  const [email, account] = [`p${++n}@example.co.th`, `account|p-${n}`];
  return { email, account, id: rig.directory.same(`email|${email}`, account) };
}

const ask = (body: object, role?: 'dpo' | 'subject') => rig.post<Taken>(role, '/v1/requests', body);
const codeFor = async (id: string): Promise<string> => {
  await rig.requests.tick();
  const letter = rig.letters.filter((one) => one.request === id && one.kind === 'code').at(-1);
  if (letter?.kind !== 'code') throw new Error('no code was sent');
  return letter.code;
};

describe('who asks without an account', () => {
  test('proves by a code who they are, and gets a package that opens once', async () => {
    const { email, id } = somebody();
    await rig.seal({
      type: 'attesta.collection.recorded.v1',
      subject: id,
      data: {
        categories: ['contact'],
        purposes: ['service-fulfilment'],
        basis: 'contract',
        occasion: 'registration',
        method: 'online-form',
        channel: 'web',
        origin: 'subject',
        noticeVersion: '2022-08-10',
      },
    });
    const { status, body } = await ask({ right: 'access', email, language: 'th' });
    expect(status).toBe(202);
    expect(body).toMatchObject({ status: 'requires-action', needs: ['identity-verification'], due: '2026-03-31T17:00:00Z' });
    const at = `/v1/requests/${body.request}`;

    // Nothing before that: not to a stranger, and not to the holder of the receipt.
    expect((await rig.post(undefined, `${at}/package`, { receipt: body.receipt })).status).toBe(404);
    expect((await rig.post('dpo', `${at}/accept`)).status).toBe(409);

    const code = await codeFor(body.request);
    const proved = await rig.post(undefined, `${at}/identity`, { receipt: body.receipt, code });
    expect([proved.status, proved.body.identity, proved.body.status]).toEqual([200, 'verified', 'action-performed']);
    expect((await rig.post('dpo', `${at}/accept`)).body.status).toBe('accepted');
    await rig.requests.tick();
    expect((await rig.get('dpo', at)).body).toMatchObject({ status: 'fulfilled', overdue: false });

    const letter = rig.letters.find((one) => one.request === body.request && one.kind === 'package');
    const link = letter?.kind === 'package' ? letter.link.replace('https://privacy.example', '') : '';
    expect((await request(rig.app.getHttpServer()).get(link)).text).toContain('ดาวน์โหลด');
    const download = await request(rig.app.getHttpServer())
      .post(link)
      .buffer(true)
      .parse((response, done) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => done(null, Buffer.concat(chunks)));
      });
    expect(download.status).toBe(200);
    const files = unzipSync(download.body as Buffer);
    expect(JSON.parse(strFromU8(files['package.json']!))).toMatchObject({ collections: [{ categories: ['contact'] }] });
    expect((await request(rig.app.getHttpServer()).post(link)).status).toBe(404);
    expect((await rig.said(body.request)).map(({ type }) => type)).toEqual([
      'request.received',
      'request.acknowledged',
      'request.message-due',
      'request.action-required',
      'request.message-due',
      'request.identity-verified',
      'request.action-performed',
      'request.accepted',
      'request.message-due',
      'request.package-made',
      'request.fulfilled',
      'request.message-due',
      'request.package-downloaded',
    ]);
  });

  test('is shut out after five wrong codes, and only documents help', async () => {
    const { email } = somebody();
    const { body } = await ask({ right: 'access', email });
    const at = `/v1/requests/${body.request}`;
    const wrong = String((Number(await codeFor(body.request)) + 1) % 1_000_000).padStart(6, '0');
    for (const left of [4, 3, 2, 1]) {
      const answer = await rig.post<{ triesLeft: number }>(undefined, `${at}/identity`, { receipt: body.receipt, code: wrong });
      expect([answer.status, answer.body.triesLeft]).toEqual([422, left]);
    }
    expect((await rig.post(undefined, `${at}/identity`, { receipt: body.receipt, code: wrong })).status).toBe(409);
    expect((await rig.post(undefined, `${at}/identity`, { receipt: body.receipt, code: await codeFor(body.request) })).status).toBe(409);
    const attested = await rig.post('dpo', `${at}/identity/attest`, { outcome: 'verified', evidence: { kind: 'passport' } });
    expect(attested.body).toMatchObject({ identity: 'verified', status: 'action-performed' });
  });

  test('cannot ask for somebody else, and does not learn whether they exist', async () => {
    const { account } = somebody();
    const letters = rig.letters.length;
    const other = await ask({ right: 'access', subject: account, email: 'thief@example.com' });
    const nobody = await ask({ right: 'access', subject: 'account|never-heard-of', email: 'thief@example.com' });
    const shape = ({ body: { request: _request, receipt: _receipt, ...rest } }: { body: Taken }) => rest;
    expect(shape(other)).toEqual(shape(nobody));
    await rig.requests.tick();
    expect(rig.letters).toHaveLength(letters);
    const guess = { receipt: other.body.receipt, code: '123456' };
    expect((await rig.post(undefined, `/v1/requests/${other.body.request}/identity`, guess)).body).toMatchObject({ triesLeft: 4 });
  });

  test('cannot fill a mailbox by asking in its name', async () => {
    const { email } = somebody();
    const asked = await Promise.all(Array.from({ length: 8 }, () => ask({ right: 'access', email })));
    await rig.requests.tick();
    const sent = () => rig.letters.filter(({ request: id }) => asked.some(({ body }) => body.request === id)).length;
    expect(sent()).toBe(5);
    await rig.later(3_600_001);
    await rig.post(undefined, `/v1/requests/${asked[7]!.body.request}/code`, { receipt: asked[7]!.body.receipt });
    await rig.requests.tick();
    expect(sent()).toBe(6);
  });

  test('needs the receipt', async () => {
    const { body } = await ask({ right: 'erasure', email: somebody().email });
    for (const receipt of [undefined, 'A'.repeat(32)]) {
      expect((await rig.post(undefined, `/v1/requests/${body.request}/status`, { receipt })).status).toBe(404);
    }
    const told = await rig.post<object>(undefined, `/v1/requests/${body.request}/status`, { receipt: body.receipt });
    expect(told.body).toMatchObject({ right: 'erasure' });
    // The pseudonym is nobody's before they have proved to be the person.
    expect(Object.keys(told.body)).not.toContain('subject');
  });
});

describe('a request', () => {
  test('sent twice under one id is one; two of one kind know of each other', async () => {
    const { email } = somebody();
    const first = await ask({ id: 'r-1', right: 'access', email });
    expect((await ask({ id: 'r-1', right: 'access', email })).body).toMatchObject({ request: first.body.request, taken: 'duplicate' });
    expect((await ask({ id: 'r-1', right: 'erasure', email })).status).toBe(409);
    expect((await ask({ right: 'access', email })).body.duplicateOf).toBe(first.body.request);
  });

  test('that makes no sense is refused with all that is wrong', async () => {
    const { email } = somebody();
    expect((await ask({ right: 'telepathy', email })).body).toMatchObject({ errors: [{ field: '/right', code: 'unknown-right' }] });
    expect((await ask({ right: 'rectification', email })).body).toMatchObject({ errors: [{ field: '/changes' }] });
    expect((await ask({ right: 'restriction', email })).body).toMatchObject({ errors: [{ field: '/ground' }] });
    expect((await ask({ right: 'objection', email, purposes: ['marketing', 'legal-compliance'] })).body).toMatchObject({
      errors: [{ field: '/purposes/1', code: 'not-objectable' }],
    });
    expect((await ask({ right: 'consent-withdrawal', email, purposes: ['legal-compliance'] })).body).toMatchObject({
      errors: [{ field: '/purposes/0', code: 'no-consent-basis' }],
    });
    expect((await ask({ right: 'access', email, channel: 'letter' })).status).toBe(403);
    expect((await ask({ right: 'access' })).body).toMatchObject({ errors: [{ field: '/subject' }] });
  });

  test('to withdraw consent, by letter, tells the consequences and is carried out once the person is known', async () => {
    const { account } = somebody();
    const { body } = await ask(
      {
        right: 'consent-withdrawal',
        subject: account,
        channel: 'letter',
        purposes: ['marketing'],
        channels: ['email'],
        evidence: { kind: 'letter' },
      },
      'dpo',
    );
    expect(body).toMatchObject({ status: 'requires-action', consequences: [{ service: 'promotions', effect: 'ends' }] });
    await rig.post('dpo', `/v1/requests/${body.request}/identity/attest`, { outcome: 'verified', evidence: { kind: 'passport' } });
    const said = await rig.said(body.request);
    expect(said.find(({ type }) => type === 'consent.captured')?.data).toMatchObject({
      purposes: ['marketing'],
      status: 'withdrawn',
      method: 'letter',
      channelPreferences: ['email'],
      evidence: { kind: 'letter' },
    });
    expect(said.at(-2)).toMatchObject({ type: 'request.fulfilled', data: { outcome: 'complete', inTime: true } });
  });

  test('to object blocks at once, and what is absolute needs nobody', async () => {
    const { body } = await ask({ right: 'objection', subject: 'account|self', purposes: ['marketing'] }, 'subject');
    expect(body.status).toBe('fulfilled');
    const other = await ask({ right: 'objection', subject: 'account|self', purposes: ['fraud-prevention'] }, 'subject');
    expect(other.body.status).toBe('acknowledged');
    expect((await rig.said(other.body.request)).map(({ type }) => type)).toContain('objection.raised');
    const at = `/v1/requests/${other.body.request}`;
    expect((await rig.post('dpo', `${at}/reject`, { reason: 'We need it.' })).status).toBe(422);
    expect((await rig.post('dpo', `${at}/reject`, { ground: 'accurate-already', reason: 'We need it.' })).status).toBe(422);
    expect((await rig.post('dpo', `${at}/reject`, { ground: 'compelling-grounds', reason: 'Fraud was attempted.' })).body.status).toBe(
      'rejected',
    );
    const said = await rig.said(other.body.request);
    expect(said.find(({ type }) => type === 'objection.decided')?.data).toMatchObject({ outcome: 'rejected', law: 'PDPA s.32(1)(a)' });
    expect(said.at(-1)?.data).toMatchObject({ template: 'refused', authority: 'pdpc', law: 'PDPA s.32(1)(a)' });
  });

  test('unclear is asked about, and goes on with the answer', async () => {
    const { email } = somebody();
    const { body } = await ask({ right: 'erasure', email, text: 'the old one' });
    const at = `/v1/requests/${body.request}`;
    await rig.post('dpo', `${at}/identity/attest`, { outcome: 'verified' });
    const asked = await rig.post('dpo', `${at}/clarification`, { question: 'Which of your accounts?' });
    expect(asked.body).toMatchObject({ status: 'requires-action', needs: ['information'] });
    expect((await rig.post('dpo', `${at}/accept`)).status).toBe(409);
    const answered = await rig.post(undefined, `${at}/answer`, { receipt: body.receipt, text: 'The one of 2019.' });
    expect(answered.body).toMatchObject({ status: 'action-performed', needs: [] });
    const details = await rig.post<{ texts: string[] }>('dpo', `${at}/details`, { reason: 'To handle it' });
    expect(details.body.texts).toEqual(['the old one', 'The one of 2019.']);
  });
});

describe('the clock', () => {
  test('of a rectification runs thirty days from sufficient information; extended it is announced, missed it is said', async () => {
    const { email } = somebody();
    const { body } = await ask({ right: 'rectification', email, changes: [{ category: 'contact', field: 'phone', value: '0812345678' }] });
    const at = `/v1/requests/${body.request}`;
    expect(body.due).toBeNull();
    await rig.later(3 * DAY);
    await rig.post('dpo', `${at}/identity/attest`, { outcome: 'verified' });
    const begun = (await rig.get('dpo', at)).body;
    expect(begun.lastDay).toBe('2026-04-03');
    await rig.later(29 * DAY);
    expect((await rig.said(body.request)).filter(({ type }) => type === 'request.warned').map(({ data }) => data['before'])).toEqual([
      'P7D',
    ]);
    expect((await rig.post('dpo', `${at}/extend`, { until: '2026-04-01T00:00:00Z', reason: 'The archive is on paper.' })).status).toBe(422);
    const extended = await rig.post('dpo', `${at}/extend`, { until: '2026-04-20T00:00:00Z', reason: 'The archive is on paper.' });
    expect(extended.body).toMatchObject({ lastDay: '2026-04-20', overdue: false });
    await rig.later(19 * DAY);
    const late = await rig.get<{ data: { request: string }[] }>('dpo', '/v1/requests?overdue=true');
    expect(late.body.data.map((one) => one.request)).toContain(body.request);
    const said = await rig.said(body.request);
    expect(said.filter(({ type }) => type === 'request.overdue')).toHaveLength(1);
    expect(said.filter(({ type, data }) => type === 'request.message-due' && data['template'] === 'deadline-missed')).toHaveLength(1);
  });
});

test('a purpose registered while it runs can be objected to', async () => {
  const objection = { right: 'objection', subject: 'account|self', purposes: ['fitness-study'] };
  expect((await ask(objection, 'subject')).body).toMatchObject({ errors: [{ field: '/purposes/0', code: 'unknown-purpose' }] });
  await rig.seal({
    type: 'attesta.purpose.registered.v1',
    data: {
      purpose: 'fitness-study',
      title: 'Fitness study',
      bases: [
        { jurisdiction: 'th-pdpa', bases: ['legitimate-interest'] },
        { jurisdiction: 'eu-gdpr', bases: ['legitimate-interest'] },
      ],
      citation: 'PDPA s.24(5)',
      separable: true,
      objection: 'decision',
    },
  });
  expect((await ask(objection, 'subject')).body.status).toBe('acknowledged');
});

test('details leave a trace, and only the officer sees them', async () => {
  const { email } = somebody();
  const { body } = await ask({ right: 'access', email });
  const at = `/v1/requests/${body.request}/details`;
  for (const role of ['auditor', 'publisher', 'operator', 'subject'] as const) {
    expect((await rig.post(role, at, { reason: 'Curious' })).status).toBe(403);
  }
  expect((await rig.post<object>('dpo', at, { reason: 'To handle it' })).body).toMatchObject({ email });
  const looks = await rig.requests.log.readStream('access');
  expect(looks.at(-1)).toMatchObject({ type: 'attesta.access.recorded.v1', data: { action: 'request.details', outcome: 'allowed' } });
});

test('a link is drawn once, by the officer for somebody without mail', async () => {
  const { account } = somebody();
  const { body } = await ask(
    { right: 'portability', subject: account, channel: 'in-person', identity: { evidence: { kind: 'passport' } } },
    'dpo',
  );
  await rig.post('dpo', `/v1/requests/${body.request}/accept`);
  await rig.requests.tick();
  const drawn = await rig.post<PackageLink>('dpo', `/v1/requests/${body.request}/package`);
  expect(drawn.body.link).toMatch(/^https:\/\/privacy\.example\/v1\/packages\/[A-Za-z0-9_-]{43}$/);
  expect((await rig.post('dpo', `/v1/requests/${body.request}/package`)).status).toBe(409);
  await rig.later(8 * DAY);
  const link = drawn.body.link.replace('https://privacy.example', '');
  expect((await rig.post(undefined, link)).status).toBe(404);
});

describe('the dossier', () => {
  const collected = (subject: string, categories: string[], purposes: string[], time: string) => ({
    type: 'attesta.collection.recorded.v1',
    subject,
    time,
    data: {
      categories,
      purposes,
      basis: 'contract',
      occasion: 'transaction',
      method: 'checkout',
      channel: 'web',
      origin: 'subject',
      noticeVersion: '2022-08-10',
    },
  });
  const inPerson = (subject: string, right: string) =>
    ask({ right, subject, channel: 'in-person', identity: { evidence: { kind: 'passport' } } }, 'dpo');

  test('names what survives an erasure by the rule that ends last, and nothing whose time has passed', async () => {
    const { account, id } = somebody();
    await rig.seal(
      collected(id, ['transaction'], ['service-fulfilment'], '2025-12-01T00:00:00Z'),
      collected(id, ['page-view'], ['analytics-cookies'], '2023-01-01T00:00:00Z'),
      collected(id, ['device'], ['analytics-cookies'], '2026-02-20T00:00:00Z'),
    );
    const { body } = await inPerson(account, 'erasure');
    await rig.post('dpo', `/v1/requests/${body.request}/accept`);
    const instructed = (await rig.said(body.request)).find(({ type }) => type === 'request.erasure-instructed');
    expect(instructed?.data).toEqual({
      request: body.request,
      categories: ['page-view'],
      survivors: [
        { category: 'device', ground: 'traffic-data', law: 'Computer Crime Act B.E. 2550 s.26' },
        { category: 'transaction', ground: 'tax-records', law: 'Revenue Code s.87/3' },
      ],
    });
  });

  test('holds what identities did that are tied to the person, as far as it is theirs', async () => {
    const { account, id } = somebody();
    const [cookie, other] = [rig.directory.same(`cookie|c-${n}`), rig.directory.same(`account|o-${n}`)];
    const tie = (person: string, linked: boolean) => ({
      type: `attesta.identifier.${linked ? 'linked' : 'unlinked'}.v1`,
      subject: person,
      data: { kind: 'visitor', rule: 'login', related: [{ subject: cookie, role: 'linked' }] },
    });
    await rig.seal(
      collected(cookie, ['page-view'], ['analytics-cookies'], '2026-02-01T00:00:00Z'),
      tie(other, true),
      tie(other, false),
      collected(cookie, ['device'], ['analytics-cookies'], '2026-02-02T00:00:00Z'),
      tie(id, true),
      collected(cookie, ['location'], ['location-features'], '2026-02-03T00:00:00Z'),
      tie(id, false),
      collected(cookie, ['preferences'], ['personalisation'], '2026-02-04T00:00:00Z'),
    );
    expect(await rig.requests.dossier.categories(rig.db.pool, id)).toEqual(['device', 'location']);
    const { body } = await inPerson(account, 'access');
    await rig.post('dpo', `/v1/requests/${body.request}/accept`);
    await rig.requests.tick();
    expect((await rig.get('dpo', `/v1/requests/${body.request}`)).body.status).toBe('fulfilled');
  });

  test('is decided from only once the ledger has given back what was said before', async () => {
    const { account } = somebody();
    const { body } = await inPerson(account, 'erasure');
    await expect(rig.requests.tasks.accept(body.request, 'dpo-7', { refused: [] })).rejects.toMatchObject({ slug: 'ledger-behind' });
    await rig.carry();
    expect((await rig.requests.tasks.accept(body.request, 'dpo-7', { refused: [] })).state.status).toBe('accepted');
  });
});

test('nobody proves to be the person: the request ends after thirty days, and no deadline is missed for it', async () => {
  const { email } = somebody();
  const { body } = await ask({ right: 'access', email });
  await rig.later(30 * DAY - 1_000);
  expect((await rig.get('dpo', `/v1/requests/${body.request}`)).body.status).toBe('requires-action');
  await rig.later(2_000);
  const said = await rig.said(body.request);
  expect(said.find(({ type }) => type === 'request.unfulfilled')?.data).toMatchObject({ reason: 'identity-not-verified' });
  await rig.later(DAY);
  expect((await rig.said(body.request)).map(({ type }) => type)).not.toContain('request.overdue');
});

import { randomUUID, X509Certificate } from 'node:crypto';
import { unzipSync } from 'fflate';
import { OpenDsrRig } from './opendsr-rig.js';

let rig: OpenDsrRig;
beforeAll(async () => {
  rig = await OpenDsrRig.start({ controllers: { 'partner-a': { customers: 'account' }, 'partner-b': { customers: 'partner-b' } } });
});
afterAll(() => rig.stop());

let n = 0;
const raw = (identity_type: string, identity_value: string) => ({ identity_type, identity_value, identity_format: 'raw' });
/** A request about somebody nobody else in this file is. */
const asked = (more: object = {}) => ({
  subject_request_id: randomUUID() as string,
  regulation: 'gdpr',
  subject_request_type: 'erasure',
  submitted_time: '2026-02-27T10:00:00Z',
  subject_identities: [raw('email', `p${++n}@example.com`)],
  api_version: '2.0',
  ...more,
});
const post = (body: string | object, sub = 'partner-a') => rig.call('post', '/requests', sub, body);
const officer = (at: string, body: object = {}) => rig.base.post('dpo', at, body);

describe('discovery', () => {
  test('says what is understood, and where the certificate is', async () => {
    const { status, body, text, headers } = await rig.call('get', '/discovery');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      api_version: '2.0',
      supported_subject_request_types: ['access', 'erasure', 'portability'],
      processor_certificate: 'https://privacy.example/opendsr/v2/certificate.pem',
    });
    expect((body as { supported_identities: object[] }).supported_identities).toContainEqual({
      identity_type: 'email',
      identity_format: 'raw',
    });
    expect(rig.isSigned({ headers }, text)).toBe(true);
    const certificate = await rig.call('get', '/certificate.pem').then((answer) => answer.text || String(answer.body));
    expect(new X509Certificate(certificate).checkHost('privacy.example')).toBe('privacy.example');
  });
});

describe('a request', () => {
  test('is taken, signed, and begins as that of a person whom the controller knows', async () => {
    const body = JSON.stringify(asked(), null, 2);
    const taken = await post(body);
    expect(taken.status).toBe(201);
    expect(taken.body).toEqual({
      controller_id: 'partner-a',
      // A month after the person asked, not after we heard of it; the first instant too late in Bangkok.
      expected_completion_time: '2026-03-27T17:00:00Z',
      received_time: '2026-03-01T09:00:00.000Z',
      subject_request_id: (JSON.parse(body) as { subject_request_id: string }).subject_request_id,
      encoded_request: Buffer.from(body).toString('base64'),
      api_version: '2.0',
    });
    expect(rig.isSigned(taken, taken.text)).toBe(true);
    expect(rig.isSigned(taken, taken.text.replace('partner-a', 'partner-b'))).toBe(false);
    const id = await rig.requestOf(taken);
    expect((await rig.base.get('dpo', `/v1/requests/${id}`)).body).toMatchObject({
      right: 'erasure',
      jurisdiction: 'eu-gdpr',
      channel: 'opendsr',
      identity: 'verified',
      status: 'acknowledged',
      receivedAt: '2026-02-27T10:00:00.000Z',
    });
    const said = await rig.base.said(id);
    expect(said.find(({ type }) => type === 'request.identity-verified')?.data).toMatchObject({ method: 'trusted-controller' });
    expect(JSON.stringify(said)).not.toContain('example.com');
  });

  test('finds whoever is known by one of the identities, and gives systems all of them', async () => {
    const [email, account] = [`known${n}@example.com`, `c-${n}`];
    const subject = rig.base.directory.same(`email|${email}`);
    const identities = [
      raw('ios_advertising_id', 'EA7583CD'),
      raw('email', email),
      raw('controller_customer_id', account),
      raw('phone', '+66 81 234 5678'),
    ];
    const id = await rig.requestOf(await post(asked({ subject_identities: identities, regulation: 'pdpa' })));
    expect((await rig.base.get('dpo', `/v1/requests/${id}`)).body).toMatchObject({ subject, jurisdiction: 'th-pdpa' });
    const details = await rig.base.post<{ identifiers: object[] }>('dpo', `/v1/requests/${id}/details`, { reason: 'To handle it' });
    expect(details.body.identifiers).toEqual([
      { scheme: 'account', value: account },
      { scheme: 'email', value: email },
      { scheme: 'phone', value: '+66 81 234 5678' },
      { scheme: 'ios-advertising-id', value: 'EA7583CD' },
    ]);
  });

  test("knows each controller's customers by a scheme of its own", async () => {
    const subject = rig.base.directory.same('account|c-7');
    const identities = { subject_identities: [raw('controller_customer_id', 'c-7')] };
    const subjectAskedBy = async (sub: string) => {
      const id = await rig.requestOf(await post(asked(identities), sub));
      return (await rig.base.get('dpo', `/v1/requests/${id}`)).body.subject;
    };
    expect(await subjectAskedBy('partner-a')).toBe(subject);
    expect(await subjectAskedBy('partner-b')).not.toBe(subject);
  });

  test('about several people is refused: one must not answer for the other', async () => {
    rig.base.directory.same(`email|one${n}@example.com`);
    rig.base.directory.same(`email|two${n}@example.com`);
    const answer = await post(asked({ subject_identities: [raw('email', `one${n}@example.com`), raw('email', `two${n}@example.com`)] }));
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ errors: [{ field: '/subject_identities', code: 'several-people' }] });
  });

  test('sent again is one; another under its id is refused', async () => {
    const body = asked({ status_callback_urls: ['https://partner.example/callbacks'] });
    const [first, second] = await Promise.all([post(body), post(body)]);
    expect([first.status, second.status]).toEqual([201, 201]);
    rig.base.time = new Date(rig.base.time.getTime() + 60_000);
    const third = await post({ ...body, unknown_member: 1 });
    expect((third.body as { received_time: string }).received_time).toBe((first.body as { received_time: string }).received_time);
    expect(await rig.requestOf(third)).toBe(await rig.requestOf(first));
    for (const other of [
      { subject_request_type: 'access' },
      { regulation: 'pdpa' },
      { submitted_time: '2026-02-28T10:00:00Z' },
      { status_callback_urls: ['https://thief.example/callbacks'] },
      { subject_identities: [raw('email', 'somebody.else@example.com')] },
    ]) {
      const answer = await post({ ...body, ...other });
      expect([answer.status, (answer.body as { error: object }).error]).toMatchObject([
        400,
        { code: 400, errors: [{ reason: 'id-conflict' }] },
      ]);
    }
    const { rows } = await rig.base.requests.pool.query(
      'select 1 from opendsr_callback c join opendsr_request o using (request) where o.id = $1',
      [body.subject_request_id],
    );
    expect(rows).toHaveLength(1);
  });

  test('whose answer was lost in a crash is brought in by sending it again', async () => {
    const body = asked({ status_callback_urls: ['https://partner.example/callbacks'] });
    const first = await post(body);
    const id = await rig.requestOf(first);
    for (const table of ['opendsr_callback', 'opendsr_request'])
      await rig.base.requests.pool.query(`delete from ${table} where request = $1`, [id]);
    expect((await rig.call('get', `/requests/${body.subject_request_id}`, 'partner-a')).status).toBe(404);
    expect((await post(body)).status).toBe(201);
    expect(await rig.requestOf(first)).toBe(id);
  });

  test('of another controller does not exist', async () => {
    const body = asked();
    await post(body);
    const at = `/requests/${body.subject_request_id}`;
    for (const method of ['get', 'delete'] as const) {
      const foreign = await rig.call(method, at, 'partner-b');
      const nobodys = await rig.call(method, `/requests/${randomUUID()}`, 'partner-b');
      const shape = (answer: object) => ({ ...answer, requestId: undefined, traceId: undefined });
      expect([foreign.status, shape(foreign.body as object)]).toEqual([404, shape(nobodys.body as object)]);
    }
    expect((await rig.call('get', at, 'partner-a')).body).toMatchObject({ request_status: 'pending' });
    // The other one may use the same id for a request of its own.
    expect((await post(asked({ subject_request_id: body.subject_request_id }), 'partner-b')).status).toBe(201);
    expect((await rig.call('get', at, 'partner-a')).body).toMatchObject({ controller_id: 'partner-a' });
  });
});

describe('nobody else', () => {
  test.each(['dpo', 'auditor', 'operator', 'subject'] as const)('as %s passes requests on', async (role) => {
    expect((await rig.call('post', '/requests', 'partner-a', asked(), role)).status).toBe(403);
  });

  test('passes requests on without a token, or with one that is not entered', async () => {
    expect((await rig.call('post', '/requests', undefined, asked())).status).toBe(401);
    expect((await rig.call('get', `/requests/${randomUUID()}`)).status).toBe(401);
    for (const sub of ['storefront', 'constructor', '__proto__']) {
      const answer = await post(asked(), sub);
      expect([answer.status, answer.body]).toMatchObject([403, { error: { code: 403 } }]);
    }
  });
});

describe('what makes no sense is refused with all that is wrong, and nothing of it is repeated', () => {
  const SECRET = 'sensitive-value';
  test.each<[string, object, object[]]>([
    ['nothing', { subject_request_id: undefined, regulation: undefined }, [{ field: '/subject_request_id' }, { field: '/regulation' }]],
    ['an id that is no GUID', { subject_request_id: SECRET }, [{ field: '/subject_request_id' }]],
    ['a GUID in capitals', { subject_request_id: randomUUID().toUpperCase() }, [{ field: '/subject_request_id' }]],
    [
      'wrong types',
      { subject_identities: SECRET, submitted_time: 5, api_version: 2 },
      [{ field: '/submitted_time' }, { field: '/subject_identities' }, { field: '/api_version' }],
    ],
    ['an older version', { api_version: '1.0' }, [{ field: '/api_version' }]],
    ['nobody', { subject_identities: [] }, [{ field: '/subject_identities' }]],
    [
      'identities without end',
      { subject_identities: Array.from({ length: 400 }, () => raw('email', 'a@b.example')) },
      [{ field: '/subject_identities' }],
    ],
    [
      'an unknown request type',
      { subject_request_type: 'rectification' },
      [{ field: '/subject_request_type', fix: 'send one of: access, erasure, portability' }],
    ],
    ['an unknown regulation', { regulation: 'ccpa' }, [{ field: '/regulation', fix: 'send one of: pdpa, gdpr' }]],
    ['the future', { submitted_time: '2027-01-01T00:00:00Z' }, [{ field: '/submitted_time', code: 'time-in-future' }]],
    ['no time', { submitted_time: 'yesterday' }, [{ field: '/submitted_time', code: 'bad-format' }]],
    [
      'a hash',
      { subject_identities: [{ ...raw('email', SECRET), identity_format: 'sha256' }] },
      [{ field: '/subject_identities/0/identity_format', code: 'hashed-identity' }],
    ],
    ['an unknown identity', { subject_identities: [raw('shoe_size', SECRET)] }, [{ field: '/subject_identities/0/identity_type' }]],
    [
      'no e-mail address',
      { subject_identities: [raw('email', SECRET)] },
      [{ field: '/subject_identities/0/identity_value', code: 'identifier-email' }],
    ],
    [
      'control characters',
      { subject_identities: [raw('android_id', `${SECRET}\u0007`)] },
      [{ field: '/subject_identities/0/identity_value' }],
    ],
    ['U+0000', { subject_identities: [raw('android_id', `${SECRET}\u0000`)] }, [{ code: 'invalid-text' }]],
    [
      'callbacks into our network',
      { status_callback_urls: [`https://169.254.169.254/${SECRET}`, 'http://partner.example/'] },
      [{ field: '/status_callback_urls/0' }, { field: '/status_callback_urls/1' }],
    ],
    [
      'callbacks without end',
      { status_callback_urls: Array.from({ length: 9 }, (_, i) => `https://partner.example/${i}`) },
      [{ field: '/status_callback_urls' }],
    ],
    ['an extension for us', { extensions: { 'privacy.example': { [SECRET]: 1 } } }, [{ field: '/extensions' }]],
  ])('%s', async (_what, more, errors) => {
    const answer = await post(asked(more));
    expect(answer.status).toBe(400);
    expect((answer.body as { errors: object[] }).errors).toMatchObject(errors);
    expect((answer.body as { error: object }).error).toMatchObject({ code: 400, errors: errors.map(() => ({ domain: 'Validation' })) });
    expect(answer.text).not.toContain(SECRET);
  });

  test.each([
    ['empty', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['text', '"x"'],
    ['half of one', '{'],
    ['a prototype', '{"__proto__":{}}'],
    ['too deep', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
  ])('a body that is %s', async (_what, body) => {
    expect((await post(body)).status).toBe(400);
  });

  test('more than a body may hold', async () => {
    expect((await post(asked({ extensions: { 'other.example': 'x'.repeat(70_000) } }))).status).toBe(413);
  });

  test('extensions for others are left alone', async () => {
    expect((await post(asked({ extensions: { 'opendsr.mparticle.com': { mpids: [1] } } }))).status).toBe(201);
  });
});

describe('the status', () => {
  test('of a request whose person asked long ago still says when we expect to be done', async () => {
    const body = asked({ submitted_time: '1970-01-01T00:00:00Z' });
    const { expected_completion_time: expected } = (await post(body)).body as { expected_completion_time: string };
    expect(Date.parse(expected)).toBe(rig.base.time.getTime() + 7 * 86_400_000);
  });

  test('of an access goes from pending to completed, and the copy is there until it expires', async () => {
    const body = asked({ subject_request_type: 'access' });
    const id = await rig.requestOf(await post(body));
    const at = `/requests/${body.subject_request_id}`;
    expect((await rig.call('get', `${at}/results`, 'partner-a')).status).toBe(404);
    await officer(`/v1/requests/${id}/accept`);
    await rig.base.requests.tick();
    const done = await rig.call('get', at, 'partner-a');
    expect(rig.isSigned(done, done.text)).toBe(true);
    expect(done.body).toEqual({
      controller_id: 'partner-a',
      expected_completion_time: rig.base.time.toISOString(),
      subject_request_id: body.subject_request_id,
      request_status: 'completed',
      api_version: '2.0',
      results_url: `https://privacy.example/opendsr/v2${at}/results`,
      extensions: { 'privacy.example': { request: id, status: 'fulfilled' } },
    });
    for (let i = 0; i < 2; i++) {
      const copy = await rig.call('get', `${at}/results`, 'partner-a');
      expect([copy.status, copy.headers['content-type']]).toEqual([200, 'application/zip']);
      expect(Object.keys(unzipSync(copy.body as Buffer))).toContain('package.json');
    }
    expect((await rig.call('get', `${at}/results`, 'partner-b')).status).toBe(404);
    const looks = await rig.base.requests.log.readStream('access');
    expect(looks.at(-1)).toMatchObject({ actor: 'partner-a', data: { action: 'request.results', outcome: 'allowed' } });
    await rig.base.later(8 * 86_400_000);
    expect((await rig.call('get', `${at}/results`, 'partner-a')).status).toBe(410);
    expect((await rig.call('get', at, 'partner-a')).body).not.toHaveProperty('results_url');
  });

  test('of a refused request is cancelled, and says that it was refused', async () => {
    const body = asked({ regulation: 'pdpa' });
    const id = await rig.requestOf(await post(body));
    const refused = await officer(`/v1/requests/${id}/reject`, { ground: 'kept-by-law', reason: 'The law demands it.' });
    const { body: view } = await rig.call('get', `/requests/${body.subject_request_id}`, 'partner-a');
    expect([refused.status, view]).toMatchObject([
      200,
      { request_status: 'cancelled', extensions: { 'privacy.example': { status: 'rejected' } } },
    ]);
  });

  test.each(['x', `${randomUUID()}' or 1=1`, randomUUID().toUpperCase(), '..%2fdiscovery'])("of %s is nobody's", async (id) => {
    expect((await rig.call('get', `/requests/${encodeURIComponent(id)}`, 'partner-a')).status).toBe(404);
  });
});

describe('cancelling', () => {
  test('is possible while the request is pending, and once', async () => {
    const body = asked();
    await post(body);
    const at = `/requests/${body.subject_request_id}`;
    const cancelled = await rig.call('delete', at, 'partner-a');
    expect([cancelled.status, cancelled.body]).toEqual([
      202,
      {
        controller_id: 'partner-a',
        subject_request_id: body.subject_request_id,
        received_time: rig.base.time.toISOString(),
        api_version: '2.0',
      },
    ]);
    expect(rig.isSigned(cancelled, cancelled.text)).toBe(true);
    expect((await rig.call('get', at, 'partner-a')).body).toMatchObject({ request_status: 'cancelled' });
    expect((await rig.call('delete', at, 'partner-a')).body).toEqual(cancelled.body);
  });

  test('is not possible afterwards', async () => {
    const body = asked();
    const id = await rig.requestOf(await post(body));
    await officer(`/v1/requests/${id}/accept`);
    const answer = await rig.call('delete', `/requests/${body.subject_request_id}`, 'partner-a');
    expect([answer.status, answer.body]).toMatchObject([400, { error: { code: 400, errors: [{ reason: 'not-pending' }] } }]);
  });
});

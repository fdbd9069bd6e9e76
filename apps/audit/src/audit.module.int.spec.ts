import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import type http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { verifyEvidence } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { bootstrap, JsonLogger, type Role } from '@attesta/service-kit';
import type { INestApplication } from '@nestjs/common';
import { unzipSync } from 'fflate';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import request from 'supertest';
import { auditRig, collection, disclosure, link, person, type AuditRig } from './audit-rig.js';
import { AuditModule } from './audit.module.js';

const ANNA = person(1);
const BEN = person(2);
const PHONE = person(3);
const TIMELINE = 'GET /v1/subjects/:id/timeline';
const ISSUER = 'https://issuer.example';

let rig: AuditRig;
let app: INestApplication<http.Server>;
let tokens: Record<Role, string>;

beforeAll(async () => {
  rig = await auditRig();
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
  const sign = (role: Role) =>
    new SignJWT({ roles: [role], ...(role === 'subject' && { subject: ANNA }) })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(ISSUER)
      .setAudience('attesta')
      .setSubject(`${role}-7`)
      .setExpirationTime('10m')
      .sign(privateKey);
  tokens = {
    auditor: await sign('auditor'),
    dpo: await sign('dpo'),
    subject: await sign('subject'),
    operator: await sign('operator'),
    publisher: await sign('publisher'),
  };
  app = await bootstrap(AuditModule.forRoot({ audit: rig.audit }), {
    service: 'audit',
    auth: { issuer: ISSUER, audience: 'attesta', keys: createLocalJWKSet({ keys: [jwk] }) },
    logger: new JsonLogger({ service: 'audit', level: 'off' }),
    shutdownSignals: false,
  });
  await rig.report(collection(ANNA));
  await rig.report(collection(PHONE));
  await rig.report(link(ANNA, PHONE));
  await rig.report(disclosure(ANNA, 'logistics-provider'));
  await rig.report(collection(BEN, { related: [{ subject: ANNA, role: 'friend' }] }));
});
afterAll(async () => {
  await app.close();
  await rig.db.drop();
});

const get = (url: string, role: Role = 'auditor') => request(app.getHttpServer()).get(url).set('authorization', `Bearer ${tokens[role]}`);
const post = (url: string, body: object, role: Role = 'auditor') =>
  request(app.getHttpServer()).post(url).set('authorization', `Bearer ${tokens[role]}`).send(body);
const lastAccess = async () => (await rig.audit.log.readStream('access')).at(-1);

describe('who may ask what', () => {
  const ROUTES: [string, Partial<Record<Role, number>>][] = [
    [`GET /v1/subjects/${ANNA}/timeline?reason=case`, { auditor: 200, dpo: 200, subject: 200 }],
    [`GET /v1/subjects/${BEN}/timeline?reason=case`, { auditor: 200, dpo: 200 }],
    [`GET /v1/subjects/${ANNA}/collections?reason=case`, { auditor: 200, dpo: 200, subject: 200 }],
    [`GET /v1/subjects/${BEN}/collections?reason=case`, { auditor: 200, dpo: 200 }],
    [`GET /v1/subjects/${ANNA}/disclosures?reason=case`, { auditor: 200, dpo: 200, subject: 200 }],
    [`GET /v1/subjects/${BEN}/disclosures?reason=case`, { auditor: 200, dpo: 200 }],
    ['GET /v1/collections', { auditor: 200, dpo: 200 }],
    ['GET /v1/disclosures', { auditor: 200, dpo: 200 }],
    ['GET /v1/recipients', { auditor: 200, dpo: 200 }],
    ['GET /v1/access-log', { auditor: 200, dpo: 200 }],
    ['GET /v1/findings', { auditor: 200, dpo: 200 }],
    ['GET /v1/register/messages', { auditor: 200, dpo: 200 }],
    ['GET /v1/register/breaches', { auditor: 200, dpo: 200 }],
    [`GET /v1/subjects/${ANNA}/data-map?reason=case`, { auditor: 200, dpo: 200, subject: 200 }],
    [`GET /v1/subjects/${BEN}/data-map?reason=case`, { auditor: 200, dpo: 200 }],
    [`GET /v1/subjects/${ANNA}/consent-states?reason=case`, { auditor: 200, dpo: 200, subject: 200 }],
    [`GET /v1/subjects/${BEN}/consent-states?reason=case`, { auditor: 200, dpo: 200 }],
    ['GET /v1/register/consents', { auditor: 200, dpo: 200 }],
    ['GET /v1/register/requests', { auditor: 200, dpo: 200 }],
    ['GET /v1/register/disposals', { auditor: 200, dpo: 200 }],
    ['GET /v1/register/holds', { auditor: 200, dpo: 200 }],
    ['GET /v1/register/processing-activities', { auditor: 200, dpo: 200 }],
    ['GET /v1/dashboard', { auditor: 200, dpo: 200 }],
    ['GET /v1/reports/third-party-sources', { auditor: 200, dpo: 200 }],
    [`POST /v1/evidence {"subject":"${ANNA}","reason":"case"}`, { auditor: 200, dpo: 200, subject: 200 }],
    [`POST /v1/evidence {"subject":"${BEN}","reason":"case"}`, { auditor: 200, dpo: 200 }],
    ['POST /v1/evidence {"positions":[0],"reason":"case"}', { auditor: 200, dpo: 200 }],
    ['GET /v1/integrity', { auditor: 200, dpo: 200, operator: 200 }],
    ['GET /v1/standing', { auditor: 200, dpo: 200, operator: 200 }],
    ['GET /ops/audit/progress', { operator: 200, auditor: 200 }],
    ['GET /ops/audit/rebuild', { operator: 200, auditor: 200 }],
    ['DELETE /ops/audit/rebuild', { operator: 409 }],
    ['GET /ops/audit/digest', { operator: 200, auditor: 200 }],
    ['GET /ops/audit/dlq', { operator: 200 }],
    ['GET /ops/audit/dlq/0', { operator: 404 }],
    ['POST /ops/audit/dlq/replay {"key":"nobody"}', { operator: 200 }],
    ['POST /ops/audit/dlq/0/discard {"reason":"case"}', { operator: 404 }],
  ];
  const ask = (route: string, role?: Role) => {
    const [method, url, body] = route.split(' ') as [string, string, string | undefined];
    const asked =
      method !== 'POST'
        ? request(app.getHttpServer())[method === 'GET' ? 'get' : 'delete'](url)
        : request(app.getHttpServer())
            .post(url)
            .send(JSON.parse(body!) as object);
    return role ? asked.set('authorization', `Bearer ${tokens[role]}`) : asked;
  };

  for (const [route, allowed] of ROUTES) {
    it(route.replaceAll(ANNA, 'anna').replaceAll(BEN, 'ben'), async () => {
      const roles = Object.keys(tokens) as Role[];
      const answers = await Promise.all(roles.map((role) => ask(route, role)));
      expect(Object.fromEntries(roles.map((role, i) => [role, answers[i]!.status]))).toEqual(
        Object.fromEntries(roles.map((role) => [role, allowed[role] ?? 403])),
      );
      expect((await ask(route)).status).toBe(401);
    });
  }

  it('only an operator may order a rebuild', async () => {
    const roles = (Object.keys(tokens) as Role[]).filter((role) => role !== 'operator');
    for (const role of roles) expect((await post('/ops/audit/rebuild', {}, role)).status).toBe(403);
    expect((await request(app.getHttpServer()).post('/ops/audit/rebuild').send({})).status).toBe(401);
    expect((await post('/ops/audit/rebuild', {}, 'operator')).status).toBe(202);
    expect((await post('/ops/audit/rebuild', { onDifference: 'drop' }, 'operator')).status).toBe(400);
    await rig.audit.rebuilding.ended();
    const { body } = await get('/ops/audit/rebuild', 'operator').expect(200);
    expect(body).toMatchObject({ state: 'done', onDifference: 'keep', position: null, percent: 100, compared: { differing: [] } });
  });

  it('a refusal is recorded with who was refused what, and without the id that was asked for', async () => {
    await get(`/v1/subjects/${BEN}/timeline?reason=curious`, 'subject').expect(403);
    const refusal = async () =>
      (await rig.audit.log.readStream('access')).find(({ data }) => data.action === 'not-your-record' && data.resource === TIMELINE);
    while (!(await refusal())) await new Promise(setImmediate);
    expect(await refusal()).toMatchObject({
      actor: 'subject-7',
      data: { outcome: 'denied', role: 'subject' },
    });
  });
});

describe('an answer', () => {
  it('says how far it reaches, with the signed checkpoint and the lag', async () => {
    const { body } = await get(`/v1/subjects/${ANNA}/timeline?reason=case%2012`).expect(200);
    expect(body).toMatchObject({
      has_more: false,
      next_cursor: null,
      asOf: { position: 4, size: 5, lag: { events: 0, seconds: 0, parked: 0 } },
    });
    expect(body.asOf.checkpoint).toMatch(/^ledger\.test\/log\n5\n/);
    expect(body.data.map(({ position }: { position: number }) => position)).toEqual([4, 3, 2, 1, 0]);
    expect(body.data.find(({ position }: { position: number }) => position === 1).through).toBe(PHONE);
  });

  it('was recorded before it was given, with person, reason and reach', async () => {
    await get(`/v1/subjects/${ANNA}/collections?reason=case%2012&limit=1`).expect(200);
    expect(await lastAccess()).toMatchObject({
      type: 'attesta.access.recorded.v1',
      subject: ANNA,
      actor: 'auditor-7',
      data: {
        action: 'collections.read',
        resource: 'GET /v1/subjects/:id/collections',
        reason: 'case 12',
        outcome: 'allowed',
        role: 'auditor',
        rows: 1,
        asOf: 4,
      },
    });
    const before = await rig.audit.log.size();
    await get('/v1/collections').expect(200);
    expect(await rig.audit.log.size()).toBe(before);
    await get(`/v1/collections?subject=${ANNA}`).expect(200);
    expect(await rig.audit.log.size()).toBe(before + 1);
    await get(`/v1/register/messages?subject=${ANNA}&template=newsletter&channel=email&outcome=handed-off&reason=case%2012`).expect(200);
    expect((await lastAccess())?.data).toMatchObject({ action: 'messages.read', resource: 'GET /v1/register/messages', reason: 'case 12' });
    await get(`/v1/register/breaches?subject=${ANNA}`).expect(200);
    expect((await lastAccess())?.data).toMatchObject({ action: 'breaches.read', resource: 'GET /v1/register/breaches' });
  });

  it('comes in pages, as of the position of the first', async () => {
    const first = (await get(`/v1/subjects/${ANNA}/timeline?reason=case&limit=2`).expect(200)).body;
    expect(first).toMatchObject({ has_more: true, next_cursor: '3' });
    const second = (await get(`/v1/subjects/${ANNA}/timeline?reason=case&limit=3&cursor=3&as_of=${first.asOf.position}`).expect(200)).body;
    expect(second.data.map(({ position }: { position: number }) => position)).toEqual([2, 1, 0]);
    const earlier = (await get(`/v1/subjects/${ANNA}/timeline?reason=case&as_of=1`).expect(200)).body;
    expect(earlier.data.map(({ position }: { position: number }) => position)).toEqual([0]);
    expect(earlier.asOf.position).toBe(1);
  });

  it('to a data subject names nobody else', async () => {
    const { body } = await get(`/v1/subjects/${ANNA}/timeline?reason=mine`, 'subject').expect(200);
    expect(body.data[0]).toMatchObject({ position: 4, subject: null, data: { related: [{ subject: ANNA }] } });
    expect(JSON.stringify(body.data)).not.toContain(BEN);
  });

  it('about somebody unknown is a 404 that is recorded all the same', async () => {
    const { body } = await get(`/v1/subjects/${person(99)}/timeline?reason=case`).expect(404);
    expect(body.type).toBe('https://attesta.dev/problems/unknown-subject');
    const access = await lastAccess();
    expect(access?.data).toMatchObject({ action: 'timeline.read', rows: 0 });
    expect(access?.subject).toBeUndefined();
  });
});

describe('evidence', () => {
  const bundle = async (body: object, role: Role = 'auditor') => {
    const { body: zip } = await post('/v1/evidence', body, role).responseType('blob').expect(200).expect('content-type', 'application/zip');
    return new Map(Object.entries(unzipSync(new Uint8Array(zip as Buffer))));
  };

  it('of a person holds all their own entries and those that relate to them, each proved', async () => {
    const files = await bundle({ subject: ANNA, reason: 'court' });
    const report = verifyEvidence(nodePrimitives, files, rig.ledger.key.verifierKey);
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({
      ok: true,
      keyFrom: 'caller',
      proved: [0, 1, 2, 3, 4],
      manifest: { subject: ANNA, complete: { subject: ANNA, from: 1, to: 3 } },
    });
    expect(await lastAccess()).toMatchObject({
      subject: ANNA,
      data: { action: 'evidence.created', positions: [0, 1, 2, 3, 4], reason: 'court' },
    });
  });

  it('checks itself with nothing but Node, and fails when one byte is changed', async () => {
    const files = await bundle({ positions: [3, 0], reason: 'court' });
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-evidence-'));
    for (const [name, content] of files) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), content);
    }
    const verify = () =>
      execFileSync(process.execPath, ['verify.mjs', '--key', rig.ledger.key.verifierKey], { cwd: folder, stdio: 'pipe' }).toString();
    expect(verify()).toMatch(/^VERIFIED\n/);
    const file = path.join(folder, 'entries/3.json');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('logistics-provider', 'logistics-provideR'));
    expect(verify).toThrow();
    fs.rmSync(folder, { recursive: true });
  });

  it('has a summary in which nothing of an entry is markup', async () => {
    const position = await rig.report(disclosure(ANNA, 'police', { legalReference: '<script>alert(1)</script> & "more"' }));
    const html = Buffer.from((await bundle({ positions: [position], reason: 'court' })).get('summary.html')!).toString();
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;');
  });

  it('for a data subject leaves out what only relates to them', async () => {
    const files = await bundle({ subject: ANNA, reason: 'mine' }, 'subject');
    expect([...files.keys()].some((name) => name === 'entries/4.json')).toBe(false);
    expect([...files.values()].some((content) => Buffer.from(content).includes(BEN))).toBe(false);
    expect(verifyEvidence(nodePrimitives, files).ok).toBe(true);
  });

  it('waits for the checkpoint that covers it', async () => {
    rig.ledger.covered = 2;
    const asked = bundle({ positions: [4], reason: 'court' });
    setTimeout(() => (rig.ledger.covered = undefined), 300);
    expect(verifyEvidence(nodePrimitives, await asked).ok).toBe(true);
  });

  it('is refused when the register holds other bytes than the log', async () => {
    await rig.db.pool.query(`update timeline set bytes = bytes || ' ' where position = 0`);
    expect((await post('/v1/evidence', { positions: [0], reason: 'court' })).status).toBe(500);
    await rig.db.pool.query(`update timeline set bytes = substring(bytes for length(bytes) - 1) where position = 0`);
  });

  it('of more than it can hold, of nobody, or of both a person and positions is a problem that says what to do', async () => {
    const slug = async (body: object) => ((await post('/v1/evidence', body)).body as { type: string }).type.replace(/.*\//, '');
    expect(await slug({ positions: Array.from({ length: 10_001 }, (_, i) => i), reason: 'court' })).toBe('invalid-fields');
    expect(await slug({ positions: [999_999], reason: 'court' })).toBe('no-such-entries');
    expect(await slug({ subject: person(98), reason: 'court' })).toBe('no-such-entries');
    expect(await slug({ subject: ANNA, positions: [0], reason: 'court' })).toBe('subject-or-positions');
    expect(await slug({ reason: 'court' })).toBe('subject-or-positions');
    expect(await slug({ positions: [0] })).toBe('invalid-fields');
  });
});

describe('hostile questions', () => {
  const BAD = [
    '/v1/subjects/not-a-uuid/timeline?reason=case',
    `/v1/subjects/${ANNA}/timeline`,
    `/v1/subjects/${ANNA}/timeline?reason=x`,
    `/v1/subjects/${ANNA}/timeline?reason=ask%20anna%40example.com`,
    `/v1/subjects/${ANNA}/timeline?reason=call%200812345678`,
    `/v1/subjects/${ANNA}/timeline?reason=case&type='%20or%201=1--`,
    `/v1/subjects/${ANNA}%27%3B--/timeline?reason=case`,
    '/v1/collections?limit=0',
    '/v1/collections?limit=100000000000000000000',
    '/v1/collections?limit=abc',
    '/v1/collections?cursor=-1',
    '/v1/collections?as_of=-5',
    '/v1/collections?as_of=1e400',
    '/v1/collections?as_of=0.5',
    "/v1/collections?category=contact'%3Bdrop%20table%20collection--",
    '/v1/collections?category=a&category=b',
    '/v1/collections?category[$ne]=a',
    '/v1/collections?from=yesterday',
    '/v1/collections?from=2026-02-31T00:00:00Z',
    '/v1/collections?subject=nobody',
    '/v1/collections?unknown=1',
    '/v1/disclosures?country=th',
    '/v1/disclosures?recipient=%00',
    '/v1/register/messages?outcome=lost',
    '/v1/register/messages?message=1',
    '/v1/register/breaches?event=x%27--',
    '/v1/findings?cursor=9',
    '/v1/findings?cursor=99999999999999999999:x',
    '/v1/findings?state=gone',
    '/v1/access-log?outcome=maybe',
    '/v1/reports/third-party-sources?at=2026-13-01',
    '/v1/recipients?as_of=x',
  ];
  it.each(BAD)('%s is answered by a problem document', async (url) => {
    const { status, body, headers } = await get(url);
    expect(status).toBe(400);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({ status: 400, title: expect.any(String) as string, type: expect.stringMatching(/^https:/) as string });
  });

  it('harmless words that look like SQL are only words', async () => {
    await get(`/v1/subjects/${ANNA}/timeline?reason=${encodeURIComponent(`'; drop table timeline; --`)}`).expect(200);
    await get(`/v1/access-log?actor=${encodeURIComponent(`' or '1'='1`)}`)
      .expect(200)
      .expect(({ body }) => expect(body.data).toEqual([]));
  });

  it('a position that the registers have not reached is a conflict', async () => {
    const { status, body } = await get('/v1/collections?as_of=9007199254740991');
    expect([status, body.type]).toEqual([409, 'https://attesta.dev/problems/not-reached']);
  });

  it('bodies of the wrong shape are problems too', async () => {
    for (const body of [
      { positions: ['0'], reason: 'court' },
      { positions: [-1], reason: 'court' },
      { positions: [], reason: 'court' },
      { positions: [0, 0], reason: 'court' },
      { subject: 'x', reason: 'court' },
      { positions: [0], reason: 7 },
      [],
    ]) {
      expect((await post('/v1/evidence', body)).status).toBe(400);
    }
    expect((await post('/ops/audit/dlq/x/discard', { reason: 'case' }, 'operator')).status).toBe(400);
    expect((await post('/ops/audit/dlq/-1/discard', { reason: 'case' }, 'operator')).status).toBe(404);
    expect((await get('/ops/audit/dlq?limit=9999', 'operator')).status).toBe(400);
  });
});

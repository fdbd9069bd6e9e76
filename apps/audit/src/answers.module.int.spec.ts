import type http from 'node:http';
import { bootstrap, JsonLogger, type Role } from '@attesta/service-kit';
import type { INestApplication } from '@nestjs/common';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import request from 'supertest';
import { asked, held } from './answers-rig.js';
import { auditRig, collection, consent, person, type AuditRig } from './audit-rig.js';
import { AuditModule } from './audit.module.js';

const ANNA = person(1);
const ISSUER = 'https://issuer.example';

let rig: AuditRig;
let app: INestApplication<http.Server>;
let sign: (role: Role) => Promise<string>;

beforeAll(async () => {
  rig = await auditRig({ now: () => new Date('2026-03-20T00:00:00.000Z') });
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  sign = (role) =>
    new SignJWT({ roles: [role], ...(role === 'subject' && { subject: ANNA }) })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(ISSUER)
      .setAudience('attesta')
      .setSubject(`${role}-7`)
      .setExpirationTime('10m')
      .sign(privateKey);
  app = await bootstrap(AuditModule.forRoot({ audit: rig.audit }), {
    service: 'audit',
    auth: {
      issuer: ISSUER,
      audience: 'attesta',
      keys: createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] }),
    },
    logger: new JsonLogger({ service: 'audit', level: 'off' }),
    shutdownSignals: false,
  });
  await rig.report(collection(ANNA));
  await rig.report(consent(ANNA, 'given', ['marketing'], { by: 'subject' }));
  await rig.report(asked(ANNA, 'received'));
  await rig.report(held(ANNA, true));
});
afterAll(async () => {
  await app.close();
  await rig.db.drop();
});

const get = async (url: string, role: Role = 'auditor') =>
  request(app.getHttpServer())
    .get(url)
    .set('authorization', `Bearer ${await sign(role)}`);
const lastAccess = async () => (await rig.audit.log.readStream('access')).at(-1);

describe('answers about one person', () => {
  it.each([
    [`/v1/subjects/${ANNA}/data-map?reason=case`, 'data-map.read', 'GET /v1/subjects/:id/data-map'],
    [`/v1/subjects/${ANNA}/consent-states?reason=case`, 'consent-states.read', 'GET /v1/subjects/:id/consent-states'],
    [`/v1/register/consents?subject=${ANNA}&reason=case`, 'consents.read', 'GET /v1/register/consents'],
    [`/v1/register/requests?subject=${ANNA}&reason=case`, 'requests.read', 'GET /v1/register/requests'],
    [`/v1/register/disposals?subject=${ANNA}&reason=case`, 'disposals.read', 'GET /v1/register/disposals'],
    [`/v1/register/holds?subject=${ANNA}&reason=case`, 'holds.read', 'GET /v1/register/holds'],
  ])('%s leaves an event of who looked and why', async (url, action, resource) => {
    expect((await get(url)).status).toBe(200);
    expect(await lastAccess()).toMatchObject({
      subject: ANNA,
      actor: 'auditor-7',
      data: { action, resource, reason: 'case', outcome: 'allowed' },
    });
  });

  it.each(['consents', 'requests', 'disposals', 'holds'])('the register of %s asks for a reason', async (register) => {
    const { status, body } = await get(`/v1/register/${register}?subject=${ANNA}`);
    expect([status, body.errors]).toMatchObject([400, [{ field: '/reason' }]]);
  });

  it('nobody who is not there is recorded as looked at', async () => {
    expect((await get(`/v1/subjects/${person(99)}/data-map?reason=case`)).status).toBe(404);
    expect((await lastAccess())?.subject).toBeFalsy();
  });

  it('the case that data is held for is told to the auditor, and not to the person', async () => {
    const url = `/v1/subjects/${ANNA}/data-map?reason=case`;
    expect((await get(url)).body).toMatchObject({
      subject: ANNA,
      at: '2026-03-20T00:00:00.000Z',
      data: [{ holds: [{ matter: 'case-12' }] }],
    });
    expect((await get(url, 'subject')).body.data).toMatchObject([{ holds: [{ matter: null, position: 3 }] }]);
  });
});

describe('answers over everybody', () => {
  it('are of a position that a checkpoint vouches for, and leave no event', async () => {
    const before = await lastAccess();
    for (const path of [
      'register/consents',
      'register/requests',
      'register/disposals',
      'register/holds',
      'register/processing-activities',
      'dashboard',
    ]) {
      const { status, body } = await get(`/v1/${path}`);
      expect([status, body.asOf]).toMatchObject([200, { position: 3, size: 4 }]);
    }
    expect(await lastAccess()).toEqual(before);
  });

  it('requests are late as of the instant that is asked for', async () => {
    const of = async (at: string) => (await get(`/v1/register/requests?at=${at}`)).body;
    expect(await of('2026-03-31T16:59:59Z')).toMatchObject({ at: '2026-03-31T16:59:59.000Z', data: [{ overdue: false, lateSeconds: 0 }] });
    expect(await of('2026-03-31T17:00:10Z')).toMatchObject({ data: [{ overdue: true, lateSeconds: 10 }] });
  });

  it.each([
    ['csv', 'text/csv; charset=utf-8'],
    ['html', 'text/html; charset=utf-8'],
    ['pdf', 'application/pdf'],
  ])('the record of processing comes as %s too', async (format, type) => {
    const { status, headers } = await get(`/v1/register/processing-activities?format=${format}`);
    expect([status, headers['content-type']]).toEqual([200, type]);
  });

  it.each(['from=2026-04-01T00:00:00Z&to=2026-03-01T00:00:00Z', 'from=1926-01-01T00:00:00Z&by=day', 'from=0001-01-01T00:00:00Z&by=month'])(
    'a dashboard of no sense or no end is refused: %s',
    async (query) => {
      expect((await get(`/v1/dashboard?${query}`)).status).toBe(400);
    },
  );

  it('a dashboard is of the last ninety days unless it is asked otherwise', async () => {
    expect((await get('/v1/dashboard')).body).toMatchObject({ from: '2025-12-20', until: '2026-03-20', by: 'day', requests: { open: 1 } });
    expect((await get('/v1/dashboard?by=month')).body.periods).toEqual(['2025-12-01', '2026-01-01', '2026-02-01', '2026-03-01']);
  });
});

import type http from 'node:http';
import { bootstrap, JsonLogger, type Role } from '@attesta/service-kit';
import type { INestApplication } from '@nestjs/common';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import request from 'supertest';
import { auditRig, disclosure, person, use, type AuditRig } from './audit-rig.js';
import { AuditModule } from './audit.module.js';

const ANNA = person(1);
const ISSUER = 'https://issuer.example';
const ROLES: Role[] = ['auditor', 'dpo', 'subject', 'operator', 'publisher'];

let rig: AuditRig;
let app: INestApplication<http.Server>;
let tokens: Record<string, string>;
let finding: string;
let impersonal: string;

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
  tokens = Object.fromEntries(await Promise.all(ROLES.map(async (role) => [role, await sign(role)])));
  app = await bootstrap(AuditModule.forRoot({ audit: rig.audit }), {
    service: 'audit',
    auth: { issuer: ISSUER, audience: 'attesta', keys: createLocalJWKSet({ keys: [jwk] }) },
    logger: new JsonLogger({ service: 'audit', level: 'off' }),
    shutdownSignals: false,
  });
  finding = `use-without-consent:${await rig.report(use(ANNA, { purposes: ['marketing'], basis: 'consent' }))}`;
  impersonal = `undeclared-recipient:${await rig.report(disclosure(undefined, 'other-user', { related: [{ subject: ANNA }] }))}`;
});
afterAll(async () => {
  await app.close();
  await rig.db.drop();
});

const get = (url: string, role: Role = 'auditor') => request(app.getHttpServer()).get(url).set('authorization', `Bearer ${tokens[role]}`);
const post = (url: string, body: object, role: Role = 'dpo') =>
  request(app.getHttpServer()).post(url).set('authorization', `Bearer ${tokens[role]}`).send(body);
const lastAccess = async () => (await rig.audit.log.readStream('access')).at(-1);

const REFUSED = 'POST /v1/findings/:finding/resolve';
const RESOLVE = { outcome: 'remedied', reason: 'The campaign was stopped.' };

it('routes and roles, cell by cell', async () => {
  const routes: [string, object | undefined, Partial<Record<Role, number>>][] = [
    ['', undefined, { auditor: 200, dpo: 200 }],
    [`/${finding}`, undefined, { auditor: 200, dpo: 200 }],
    [`/${finding}/assign`, { to: 'dpo-2' }, { auditor: 200, dpo: 200 }],
    [`/${finding}/resolve`, RESOLVE, { dpo: 200 }],
    [`/${finding}/reopen`, { reason: 'It goes on.' }, { auditor: 200, dpo: 200 }],
  ];
  for (const [path, body, allowed] of routes) {
    for (const role of ROLES) {
      const url = `/v1/findings${path}`;
      const { status } = body ? await post(url, body, role) : await get(url, role);
      expect([url, role, status]).toEqual([url, role, allowed[role] ?? 403]);
    }
    const nobody = request(app.getHttpServer());
    await (body ? nobody.post(`/v1/findings${path}`).send(body) : nobody.get(`/v1/findings${path}`)).expect(401);
  }
  expect(await rig.audit.log.readStream(`finding-${finding}`)).toMatchObject([
    { type: 'attesta.finding.assigned.v1', actor: 'auditor-7', subject: ANNA },
    { type: 'attesta.finding.resolved.v1', actor: 'dpo-7' },
    { type: 'attesta.finding.reopened.v1', actor: 'auditor-7' },
  ]);
});

it('a finding is answered with all that happened to it, and what is not sealed has no position', async () => {
  const { body } = await get(`/v1/findings/${finding}?reason=case-9`).expect(200);
  expect(body).toMatchObject({
    ...{ finding, subject: ANNA, state: 'assigned', assignee: 'dpo-2', outcome: null, resolution: null, version: 3, sealed: false },
    history: [
      { event: 'raised', actor: 'attesta-audit', position: null, positions: [0] },
      { event: 'assigned', assignee: 'dpo-2', position: null },
      { event: 'resolved', outcome: 'remedied', explanation: RESOLVE.reason },
      { event: 'reopened', explanation: 'It goes on.' },
    ],
    entry: { finding, rule: 'use-without-consent', clause: '5.3', position: 0, state: 'open' },
    asOf: { position: 1 },
  });
});

it('to look at a finding about a person is recorded, and at others is not', async () => {
  await get(`/v1/findings/${finding}?reason=case-9`).expect(200);
  expect(await lastAccess()).toMatchObject({
    actor: 'auditor-7',
    subject: ANNA,
    data: { action: 'findings.read', resource: 'GET /v1/findings/:finding', reason: 'case-9', outcome: 'allowed' },
  });
  const before = await rig.audit.log.size();
  await get(`/v1/findings/${impersonal}`).expect(200);
  expect(await rig.audit.log.size()).toBe(before);
  await post(`/v1/findings/${finding}/resolve`, RESOLVE, 'operator').expect(403);
  const refusal = async () => (await rig.audit.log.readStream('access')).find(({ data }) => data.resource === REFUSED);
  while (!(await refusal())) await new Promise(setImmediate);
  expect(await refusal()).toMatchObject({ data: { outcome: 'denied' } });
});

it.each<[string, object, number]>([
  ['assign', {}, 400],
  ['assign', { to: 'somchai@example.com' }, 400],
  ['assign', { to: 'dpo-2', note: 'call 081 234 5678' }, 400],
  ['assign', { to: 'dpo-2', extra: 1 }, 400],
  ['resolve', { outcome: 'gone', reason: 'Stopped.' }, 400],
  ['resolve', { outcome: 'remedied' }, 400],
  ['resolve', { ...RESOLVE, reason: 'somchai@example.com' }, 400],
  ['resolve', { ...RESOLVE, positions: [-1] }, 400],
  ['resolve', { ...RESOLVE, positions: [1, 1] }, 400],
  ['resolve', { ...RESOLVE, positions: [999] }, 422],
  ['resolve', { ...RESOLVE, version: 0 }, 409],
  ['reopen', { reason: 'x' }, 400],
  ['reopen', { reason: 'It grows.' }, 409],
])('%s with %j is refused', async (command, body, status) => {
  const before = await rig.audit.log.readStream(`finding-${finding}`);
  const answer = await post(`/v1/findings/${finding}/${command}`, body);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({ status, fix: expect.any(String) as string });
  expect(await rig.audit.log.readStream(`finding-${finding}`)).toEqual(before);
});

it('a finding that there is not is not found, and a name that is none is refused', async () => {
  await get('/v1/findings/use-without-consent:77').expect(404);
  await post('/v1/findings/use-without-consent:77/assign', { to: 'dpo-2' }).expect(404);
  await get('/v1/findings/%20x').expect(400);
});

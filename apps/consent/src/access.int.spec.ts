import { createHash, randomUUID } from 'node:crypto';
import type { Role } from '@attesta/service-kit';
import request from 'supertest';
import { captured, ConsentRig, NOTICE, person } from './consent-rig.js';
import type { HistoryRow } from './subject-consents.controller.js';

let rig: ConsentRig;
beforeAll(async () => {
  rig = await ConsentRig.start();
  await rig.report(captured(person(1), 'given', ['marketing']));
});
afterAll(async () => {
  await rig.close();
});

const ROLES: Role[] = ['publisher', 'subject', 'dpo', 'auditor', 'operator'];
const about = { subject: 'account|anna', purposes: ['marketing'], method: 'letter' };
const given = { ...about, status: 'given', noticeVersion: NOTICE };
const question = { subject: 'account|anna', operation: 'use', categories: ['contact'], purpose: 'marketing' };
const digest = createHash('sha256').update('text').digest('hex');

describe('who may do what', () => {
  /** 403 for every role that is not named. */
  const TABLE: [string, object | undefined, Partial<Record<Role, number>>][] = [
    ['POST /v1/consents', given, { publisher: 201, dpo: 201 }],
    ['POST /v1/consents', { ...given, subject: 'account|self' }, { publisher: 201, dpo: 201, subject: 201 }],
    ['POST /v1/consents/preview', { subject: 'account|anna', purposes: ['marketing'] }, { publisher: 200, dpo: 200 }],
    ['POST /v1/consents/query', { subject: 'account|anna' }, { publisher: 200, dpo: 200 }],
    ['POST /v1/consents/query', { subject: 'account|self' }, { publisher: 200, dpo: 200, subject: 200 }],
    // Without the header it is a bad request of whoever may send one.
    ['POST /v1/consents/gpc', { subject: 'account|anna' }, { publisher: 400, dpo: 400, subject: 400 }],
    ['POST /v1/decisions', question, { publisher: 200, dpo: 200 }],
    ['POST /v1/decisions/batch', { requests: [question] }, { publisher: 200, dpo: 200 }],
    ['POST /v1/objections', { ...about, status: 'raised' }, { publisher: 201, dpo: 201 }],
    ['POST /v1/objections/decisions', { ...about, method: undefined, outcome: 'upheld', reason: 'case 7' }, { dpo: 201 }],
    ['POST /v1/restrictions', { ...about, ground: 'accuracy-contested' }, { publisher: 201, dpo: 201 }],
    ['POST /v1/restrictions/lift', { ...about, method: undefined, reason: 'checked' }, { dpo: 200 }],
    ['POST /v1/ages', { subject: 'account|ben', birthDate: '1990-01-01', method: 'document' }, { publisher: 201, dpo: 201 }],
    [
      'POST /v1/guardians',
      { subject: 'account|ben', guardian: 'account|anna', status: 'recorded', method: 'document' },
      { publisher: 201, dpo: 201 },
    ],
    ['GET /v1/notices', undefined, { publisher: 200, subject: 200, dpo: 200, auditor: 200, operator: 200 }],
    ['POST /v1/notices', { version: 'v2', language: 'en', digest, effectiveAt: '2099-01-01T00:00:00Z' }, { dpo: 202 }],
    ['GET /v1/purposes', undefined, { publisher: 200, subject: 200, dpo: 200, auditor: 200, operator: 200 }],
    ['GET /v1/policy', undefined, { dpo: 200, auditor: 200 }],
    [
      'POST /v1/purposes',
      { purpose: 'loyalty', title: 'Loyalty', bases: [{ jurisdiction: 'th-pdpa', bases: ['consent'] }], citation: 'PDPA s.19' },
      { dpo: 202 },
    ],
    ['GET /v1/consent-state', undefined, { publisher: 200 }],
    ['POST /v1/consent-state/acknowledgements', { consumer: 'mailer', changed: 0 }, { publisher: 204 }],
    ['GET /v1/propagation', undefined, { dpo: 200, auditor: 200, operator: 200 }],
    [`GET /v1/subjects/${person(1)}/consents?reason=case`, undefined, { dpo: 200, auditor: 200 }],
    [`GET /v1/subjects/${person(1)}/consent-history?reason=case`, undefined, { dpo: 200, auditor: 200 }],
    [`GET /v1/receipts/${randomUUID()}?reason=case`, undefined, { publisher: 404, dpo: 404, auditor: 404, subject: 404 }],
    ['GET /ops/consent/progress', undefined, { auditor: 200, operator: 200 }],
    ['GET /ops/consent/dlq', undefined, { operator: 200 }],
    ['GET /ops/consent/dlq/0', undefined, { operator: 404 }],
    ['POST /ops/consent/dlq/replay', { key: 'nobody' }, { operator: 200 }],
    ['POST /ops/consent/dlq/0/discard', { reason: 'case' }, { operator: 404 }],
  ];
  it.each(TABLE)('%s', async (route, body, allowed) => {
    const [method, url] = route.split(' ') as [string, string];
    const ask = (role: Role | null) => (method === 'GET' ? rig.get(url, role) : rig.post(url, body!, role));
    rig.later(1_000);
    if (route.endsWith('/decisions') && route.includes('objections'))
      await rig.post('/v1/objections', { ...about, status: 'raised' }, 'publisher');
    rig.later(1_000);
    const found: Partial<Record<Role, number>> = {};
    for (const role of ROLES) found[role] = (await ask(role)).status;
    expect(found).toEqual(Object.fromEntries(ROLES.map((role) => [role, allowed[role] ?? 403])));
    expect((await ask(null)).status).toBe(401);
  });

  it('a refusal is recorded, by route and never by person', async () => {
    const denied = async () =>
      (await rig.said('access.recorded')).filter(
        ({ data }) => data.outcome === 'denied' && data.resource === 'GET /v1/subjects/:id/consents',
      );
    const before = (await denied()).length;
    await rig.get(`/v1/subjects/${person(1)}/consents?reason=case`, 'operator');
    while ((await denied()).length === before) await new Promise((resolve) => setImmediate(resolve)); // recorded beside the answer
    expect((await denied()).at(-1)).toMatchObject({ data: { role: 'operator' } });
  });

  it('a look is recorded with its reason before it is answered, and there is none without', async () => {
    const { status, body } = await rig.get<{ data: HistoryRow[] }>(`/v1/subjects/${person(1)}/consent-history?reason=case-9`, 'auditor');
    expect([status, body.data[0]]).toMatchObject([200, { kind: 'choice', status: 'given', happenedAt: expect.any(String) }]);
    expect((await rig.said('access.recorded')).at(-1)).toMatchObject({
      subject: person(1),
      data: { reason: 'case-9', action: 'consent-history.read' },
    });
    expect((await rig.get(`/v1/subjects/${person(1)}/consents`, 'auditor')).status).toBe(400);
  });
});

describe('hostile bodies', () => {
  it.each([
    ['nothing', {}],
    ['wrong types', { ...given, purposes: 'marketing', status: 7 }],
    ['an unknown field', { ...given, admin: true }],
    ['too many purposes', { ...given, purposes: Array.from({ length: 17 }, (_, i) => `p-${i}`) }],
    ['the same purpose twice', { ...given, purposes: ['marketing', 'marketing'] }],
    ['an address in the reason', { ...given, reason: 'asked by anna@mail.example' }],
    ['a phone number in the capacity', { ...given, capacity: 'call +66812345678' }],
    ['a time that is none', { ...given, time: '2026-02-30T00:00:00Z' }],
    ['a duration that is none', { ...given, validFor: 'a year' }],
    ['a subject with control characters', { ...given, subject: 'account|a\u0000b' }],
    ['an id that is none', { ...given, id: 'a b' }],
    ['a phone that is none', { ...given, subject: 'phone|12' }],
  ])('%s: a clear refusal, and nothing recorded', async (_what, body) => {
    const before = (await rig.said()).length;
    const answer = await rig.post<{ errors: { field: string; fix: string }[] }>('/v1/consents', body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.length).toBeGreaterThan(0);
    expect((await rig.said()).length).toBe(before);
  });

  it.each([
    ['a category nobody has', { categories: ['shoe-size'] }, 'unknown-category'],
    ['a party nobody has', { operation: 'disclose', recipient: 'nobody' }, 'unknown-party'],
    ['a disclosure to nobody', { operation: 'disclose' }, 'missing-field'],
    ['a basis nobody has', { basis: 'whim' }, 'unknown-basis'],
  ])('a decision about %s', async (_what, change, code) => {
    const { status, body } = await rig.post<{ errors: { code: string; field: string }[] }>('/v1/decisions/batch', {
      requests: [question, { ...question, ...change }],
    });
    expect([status, body.errors.map((error) => error.code)]).toEqual([400, [code]]);
    expect(body.errors[0]!.field).toMatch(/^\/requests\/1\//);
  });

  it('more decisions than one request holds', async () => {
    const requests = Array.from({ length: 501 }, () => question);
    expect((await rig.post('/v1/decisions/batch', { requests })).status).toBe(400);
  });

  it('a body of a megabyte and more', async () => {
    const { status } = await request(rig.app.getHttpServer())
      .post('/v1/decisions')
      .set('authorization', `Bearer ${rig.tokens.publisher}`)
      .send({ ...question, basisCitation: 'x'.repeat(3_000_000) });
    expect(status).toBe(413);
  });
});

describe('while the ledger is away', () => {
  it('people who are known are decided about, strangers are not guessed at', async () => {
    await rig.post('/v1/consents', { ...given, subject: 'account|known' });
    rig.directory.away = true;
    const ask = (subject: string) => rig.post('/v1/decisions', { ...question, subject });
    expect((await ask('account|known')).status).toBe(200);
    expect((await ask('account|stranger')).status).toBe(503);
    rig.directory.away = false;
    expect((await ask('account|stranger')).status).toBe(200);
    rig.errors.length = 0;
  });
});

import { randomUUID } from 'node:crypto';
import type { Express } from 'express';
import type { Role } from '@attesta/service-kit';
import request from 'supertest';
import { assessed, facts, words } from './breach-rig.js';
import { NotificationRig } from './notification-rig.js';

let rig: NotificationRig;
beforeAll(async () => {
  rig = await NotificationRig.start();
});
afterAll(() => rig.stop());

const ROLES: Role[] = ['publisher', 'subject', 'dpo', 'auditor', 'operator'];
const NOBODY = randomUUID();
const announcement = { subject: 'account|nok', template: 'announcement', channel: 'email', values: { heading: 'New', body: 'It opens.' } };
const send = (id: string, source = '//crm.test') => ({ source, messages: [{ id, ...announcement }] });
const breach = () => ({ ...facts, discoveredAt: rig.time.toISOString() });
const all = (status: number): Partial<Record<Role, number>> => ({ dpo: status, auditor: status, operator: status });

/** 403 for every role that is not named; where nobody is, it is open to the public. */
const TABLE: [route: string, body: object | (() => object) | undefined, allowed: Partial<Record<Role, number>>][] = [
  ['POST /v1/messages', () => send('1'), { publisher: 202 }],
  ['GET /v1/messages', undefined, { dpo: 200, auditor: 200 }],
  ['GET /v1/messages/lag', undefined, all(200)],
  [`GET /v1/messages/${NOBODY}`, undefined, { dpo: 404, auditor: 404 }],
  [`POST /v1/messages/${NOBODY}/retry`, {}, { dpo: 404, operator: 404 }],
  [`POST /v1/messages/${NOBODY}/delivery`, { outcome: 'delivered' }, { operator: 404 }],
  ['GET /v1/notice-changes', undefined, all(200)],
  ['GET /v1/notice-changes/2099', undefined, all(404)],
  ['POST /v1/notice-changes/2099/pause', {}, { dpo: 404, operator: 404 }],
  ['POST /v1/notice-changes/2099/resume', {}, { dpo: 404, operator: 404 }],
  ['POST /v1/notice-changes/2099/posting', { uri: 'https://m-med.example/privacy' }, { dpo: 404 }],
  ['GET /v1/alerts', undefined, all(200)],
  ['POST /v1/alert-endpoints', { url: 'https://alerts.example/hook' }, { operator: 201 }],
  ['GET /v1/alert-endpoints', undefined, { operator: 200, dpo: 200 }],
  [`DELETE /v1/alert-endpoints/${NOBODY}`, undefined, { operator: 404 }],
  ['POST /v1/breaches', breach, { dpo: 201 }],
  ['GET /v1/breaches', undefined, { dpo: 200, auditor: 200 }],
  [`GET /v1/breaches/${NOBODY}`, undefined, { dpo: 404, auditor: 404 }],
  [`POST /v1/breaches/${NOBODY}/update`, facts, { dpo: 404 }],
  [`POST /v1/breaches/${NOBODY}/assess`, assessed('high'), { dpo: 404 }],
  [
    `POST /v1/breaches/${NOBODY}/authority-notified`,
    { jurisdiction: 'th-pdpa', at: '2026-03-01T09:00:00Z', phase: 'initial' },
    { dpo: 404 },
  ],
  [`POST /v1/breaches/${NOBODY}/not-notified`, { reason: 'It was encrypted.' }, { dpo: 404 }],
  [`POST /v1/breaches/${NOBODY}/people`, { subjects: ['account|nok'] }, { dpo: 404 }],
  [`POST /v1/breaches/${NOBODY}/notice`, { words }, { dpo: 404 }],
  [`POST /v1/breaches/${NOBODY}/close`, { reason: 'All is done.' }, { dpo: 404 }],
  [`GET /v1/breaches/${NOBODY}/report?jurisdiction=th-pdpa&format=json`, undefined, { dpo: 404, auditor: 404 }],
  [`GET /u/${'A'.repeat(43)}`, undefined, {}],
  [`POST /u/${'A'.repeat(43)}`, { scope: 'channel' }, {}],
  ['GET /ops/notification/progress', undefined, { auditor: 200, operator: 200 }],
  ['GET /ops/notification/dlq', undefined, { operator: 200 }],
  ['GET /ops/notification/dlq/0', undefined, { operator: 404 }],
  ['POST /ops/notification/dlq/replay', { key: 'nobody' }, { operator: 200 }],
  ['POST /ops/notification/dlq/0/discard', { reason: 'case' }, { operator: 404 }],
];

/** What a route answers to a role, and to nobody. */
async function ask(role: Role | undefined, route: string, body?: object): Promise<number> {
  const [method, url] = route.split(' ') as [string, string];
  const call = request(rig.app.getHttpServer())[method.toLowerCase() as 'get' | 'post' | 'delete'](url);
  if (role) call.set('authorization', `Bearer ${rig.tokens[role]}`);
  return (await (body === undefined ? call : call.send(body))).status;
}

const accesses = async () =>
  (await rig.notification.log.read(-1, 10_000))
    .filter(({ type }) => type === 'attesta.access.recorded.v1')
    .map(({ subject, actor, data }): Record<string, unknown> => ({ subject, actor, ...data }));

describe('who may do what', () => {
  it.each(TABLE)('%s', async (route, body, allowed) => {
    const isPublic = route.includes(' /u/');
    const found: Record<string, number> = {};
    for (const role of [...ROLES, undefined]) found[role ?? 'nobody'] = await ask(role, route, typeof body === 'function' ? body() : body);
    const denied = (role: Role | undefined) => (role === undefined ? 401 : 403);
    // A form that is none of a link that is none.
    const open = route.startsWith('GET') ? 404 : 400;
    expect(found).toEqual(
      Object.fromEntries(
        [...ROLES, undefined].map((role) => [role ?? 'nobody', isPublic ? open : ((role && allowed[role]) ?? denied(role))]),
      ),
    );
  });

  it('is said of every route there is', () => {
    const { stack } = (rig.app.getHttpAdapter().getInstance() as Express).router as unknown as {
      stack: { route?: { path: string; methods: Record<string, boolean> } }[];
    };
    const routes = stack.flatMap(({ route }) =>
      route && /^\/(?:v1|u|ops)\//.test(route.path)
        ? Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path.replace(/:\w+/g, ':')}`)
        : [],
    );
    const told = TABLE.map(([route]) => route.replace(/\?.*/, '').replace(/\/(?:[0-9a-f]{8}-[0-9a-f-]{27}|2099|A{43}|0)(?=\/|$)/g, '/:'));
    expect(routes.length).toBeGreaterThan(25);
    expect([...new Set(told)].sort()).toEqual([...new Set(routes)].sort());
  });

  it('a token speaks for its own sources alone', async () => {
    for (const source of ['//other.test', '//crm.tes', '//crm.test.evil', '//attesta/notification', '//attesta'])
      expect([source, await ask('publisher', 'POST /v1/messages', send('2', source))]).toEqual([source, 403]);
    await rig.later();
    expect(rig.smtp.total).toBe(0);
    const { rows } = await rig.db.pool.query(`select 1 from message where cause_source <> '//crm.test'`);
    expect(rows).toEqual([]);
  });
});

describe('looks', () => {
  it('at a person are recorded before they are answered, and lists of no person in particular are none', async () => {
    const nok = rig.somebody('lek');
    rig.due(nok, 'accepted');
    await rig.later();
    const before = (await accesses()).length;
    const { body } = await rig.get<{ data: { id: string }[] }>('auditor', `/v1/messages?subject=${nok.toUpperCase()}`);
    expect(body.data).toHaveLength(1);
    await rig.get('dpo', `/v1/messages/${body.data[0]!.id.toUpperCase()}`);
    await rig.get('dpo', '/v1/messages');
    await rig.get('dpo', `/v1/messages/${NOBODY}`);
    const recorded = (await accesses()).slice(before);
    expect(recorded).toEqual([
      expect.objectContaining({
        ...{ subject: nok, actor: 'auditor-7', role: 'auditor', action: 'messages.read', resource: 'GET /v1/messages', rows: 1 },
        outcome: 'allowed',
      }),
      expect.objectContaining({
        ...{ subject: nok, actor: 'dpo-7', role: 'dpo', action: 'message.read', resource: 'GET /v1/messages/:id' },
        outcome: 'allowed',
      }),
    ]);
  });

  it('that are refused are recorded by route, and never by person', async () => {
    const nok = rig.person('account|lek');
    const refused = async () => (await accesses()).filter(({ outcome, role }) => outcome === 'denied' && role === 'subject');
    const before = (await refused()).length;
    expect(await ask('subject', `GET /v1/messages?subject=${nok}`)).toBe(403);
    expect(await ask('subject', `GET /v1/messages/${NOBODY}`)).toBe(403);
    while ((await refused()).length < before + 2) await new Promise((resolve) => setImmediate(resolve)); // recorded beside the answer
    const found = (await refused()).slice(before);
    expect(found.map(({ resource }) => resource).sort()).toEqual(['GET /v1/messages', 'GET /v1/messages/:id']);
    expect(JSON.stringify(found)).not.toContain(nok);
    expect(JSON.stringify(found)).not.toContain(NOBODY);
  });
});

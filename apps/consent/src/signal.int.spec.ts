import request from 'supertest';
import { ConsentRig, NOTICE } from './consent-rig.js';
import type { SignalAnswer } from './signal.controller.js';

let rig: ConsentRig;
beforeAll(async () => {
  rig = await ConsentRig.start();
});
afterAll(() => rig.close());

const signal = async (subject: string, header: string | undefined = '1', role: 'subject' | 'publisher' | 'auditor' = 'publisher') => {
  const call = request(rig.app.getHttpServer()).post('/v1/consents/gpc').set('authorization', `Bearer ${rig.tokens[role]}`);
  if (header !== undefined) call.set('sec-gpc', header);
  const { status, body } = await call.send({ subject });
  return { status, body: body as SignalAnswer };
};
const give = (subject: string, ...purposes: string[]) =>
  rig.post('/v1/consents', { subject, purposes, status: 'given', method: 'checkbox', noticeVersion: NOTICE });
const statusOf = async (subject: string, purpose: string) => {
  const { body } = await rig.post<{ purposes: { purpose: string; status: string }[] }>('/v1/consents/query', { subject });
  return body.purposes.find((one) => one.purpose === purpose)?.status;
};

it('ends what the policy says a signal is about, and nothing else, with the header as evidence', async () => {
  await give('account|a', 'analytics-cookies', 'marketing');
  rig.later();
  const { status, body } = await signal('account|a');
  expect([status, body.purposes]).toEqual([200, ['analytics-cookies']]);
  expect(body.withdrawal).toMatchObject({ status: 'recorded', changed: [{ purpose: 'analytics-cookies', status: 'withdrawn' }] });
  expect(await statusOf('account|a', 'analytics-cookies')).toBe('withdrawn');
  expect(await statusOf('account|a', 'marketing')).toBe('given');
  const captured = (await rig.said('consent.captured')).at(-1);
  expect(captured).toMatchObject({
    id: body.withdrawal!.id,
    data: { status: 'withdrawn', method: 'gpc', evidence: { kind: 'sec-gpc-header' }, acceptedAt: rig.time.toISOString() },
  });
});

it('changes nothing when it is sent again, and ends what was given since', async () => {
  await give('account|b', 'analytics-cookies');
  rig.later();
  await signal('account|b');
  const before = (await rig.said()).length;
  for (let i = 0; i < 3; i++) expect((await signal('account|b')).body.withdrawal).toBeNull();
  expect(await rig.said()).toHaveLength(before);
  rig.later();
  await give('account|b', 'analytics-cookies');
  rig.later();
  expect((await signal('account|b')).body.withdrawal).not.toBeNull();
});

it('gives nothing, refuses nothing, and makes nobody of a stranger', async () => {
  const [before, people] = [(await rig.said()).length, rig.directory.subjects.size];
  expect((await signal('account|stranger')).body).toEqual({ subject: null, purposes: ['analytics-cookies'], withdrawal: null });
  expect((await signal('account|self', '1', 'subject')).body).toMatchObject({ subject: null, withdrawal: null });
  expect([(await rig.said()).length, rig.directory.subjects.size]).toEqual([before, people]);
});

it.each([[undefined], ['0'], ['true'], ['1, 1'], ['']])('takes %j for no signal', async (header) => {
  await give('account|c', 'analytics-cookies');
  const call = request(rig.app.getHttpServer()).post('/v1/consents/gpc').set('authorization', `Bearer ${rig.tokens.publisher}`);
  if (header !== undefined) call.set('sec-gpc', header);
  expect((await call.send({ subject: 'account|c' })).status).toBe(400);
  expect(['given', 'renewed']).toContain(await statusOf('account|c', 'analytics-cookies'));
});

it('is for oneself alone, as a data subject, and not for whoever only reads', async () => {
  await give('account|d', 'analytics-cookies');
  expect((await signal('account|d', '1', 'subject')).status).toBe(403);
  expect((await signal('account|d', '1', 'auditor')).status).toBe(403);
  expect(await statusOf('account|d', 'analytics-cookies')).toBe('given');
});

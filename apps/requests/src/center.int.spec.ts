import type { Center } from './center.js';
import type { Taken } from './intake.js';
import type { OwnStep } from './own-steps.js';
import { RequestsRig } from './requests-rig.js';

let rig: RequestsRig;
beforeAll(async () => {
  rig = await RequestsRig.start();
});
afterAll(() => rig.stop());

describe('what anybody may know', () => {
  let center: Center;
  beforeAll(async () => {
    const { status, body } = await rig.get<Center>(undefined, '/v1/center');
    expect(status).toBe(200);
    center = body;
  });

  test('who the company and its data protection officer are (notice clause 1.7)', () => {
    expect(center.company).toEqual({
      name: 'M MED',
      officer: 'Data Protection Officer',
      address: '1 Example Road, Bangkok 10000',
      email: 'dpo@m-med.example',
      phone: '+66 2 000 0000',
      url: 'https://m-med.example/privacy',
    });
    expect(center.notice).toEqual({ version: '2022-08-10', effectiveFrom: '2022-08-09T17:00:00.000Z', languages: ['en'] });
  });

  test('each right of clause 7, with its time under each law', () => {
    expect(center.rights.map(({ right }) => right).sort()).toEqual([
      'access',
      'complaint',
      'consent-withdrawal',
      'erasure',
      'objection',
      'portability',
      'rectification',
      'restriction',
    ]);
    expect(center.rights.find(({ right }) => right === 'erasure')).toMatchObject({
      title: 'Erasure',
      titleTh: 'สิทธิขอลบ',
      clauses: ['7.7'],
      laws: [
        { jurisdiction: 'th-pdpa', citation: 'PDPA s.33', clock: { duration: 'P90D', starts: 'receipt', extendable: false } },
        { jurisdiction: 'eu-gdpr', citation: 'GDPR Art. 17', clock: { duration: 'P1M', starts: 'receipt', extendable: true } },
      ],
    });
  });

  test('the authority to complain to, and which purposes one may give and withdraw consent to', () => {
    expect(center.laws[0]).toMatchObject({
      jurisdiction: 'th-pdpa',
      authority: { title: 'Office of the Personal Data Protection Committee' },
    });
    const purposes = Object.fromEntries(center.purposes.map((purpose) => [purpose.purpose, purpose]));
    expect(purposes['marketing']).toMatchObject({ consent: true, separable: true, noticeVersion: '2022-08-10' });
    expect(purposes['fraud-prevention']).toMatchObject({ consent: false });
  });

  test('before the notice was announced nobody could be asked under it', async () => {
    rig.time = new Date('2022-08-01T00:00:00Z');
    const { body } = await rig.get<Center>(undefined, '/v1/center');
    rig.time = new Date('2026-03-01T09:00:00Z');
    expect([body.notice, body.purposes[0]!.noticeVersion]).toEqual([null, null]);
  });
});

describe('whoever holds the receipt of a request', () => {
  test('is told what happened, what is asked, and why it was refused', async () => {
    rig.directory.same('email|steps@example.co.th');
    const asked = await rig.post<Taken>(undefined, '/v1/requests', { right: 'erasure', email: 'steps@example.co.th' });
    const { request, receipt } = asked.body;
    const at = `/v1/requests/${request}`;
    const steps = async () => (await rig.post<{ history: OwnStep[] }>(undefined, `${at}/status`, { receipt })).body.history;
    expect(await steps()).toEqual([
      { at: expect.any(String), step: 'received' },
      { at: expect.any(String), step: 'acknowledged' },
      { at: expect.any(String), step: 'action-required', need: 'identity-verification' },
    ]);

    await rig.post('dpo', `${at}/identity/attest`, { outcome: 'verified' });
    await rig.post('dpo', `${at}/clarification`, { question: 'Which of the two accounts is meant?' });
    await rig.post(undefined, `${at}/answer`, { receipt, text: 'the older one' });
    await rig.post('dpo', `${at}/reject`, { ground: 'legal-claims', reason: 'A claim of the person is being defended.' });
    const all = await steps();
    expect(all.slice(3)).toMatchObject([
      { step: 'identity-verified' },
      { step: 'action-performed', need: 'identity-verification' },
      { step: 'action-required', need: 'information', reason: 'Which of the two accounts is meant?' },
      { step: 'action-performed', need: 'information' },
      {
        step: 'rejected',
        reason: 'A claim of the person is being defended.',
        law: expect.stringContaining('PDPA'),
        authority: { title: 'Office of the Personal Data Protection Committee' },
      },
    ]);
    expect(JSON.stringify(all)).not.toContain('the older one');
  });

  test('is not told which systems were asked', async () => {
    rig.directory.same('email|systems@example.co.th');
    await rig.post('dpo', '/v1/systems', { id: 'shop', title: 'Shop', source: '//shop.test', categories: ['contact'], kinds: ['access'] });
    const { request, receipt } = (await rig.post<Taken>(undefined, '/v1/requests', { right: 'access', email: 'systems@example.co.th' }))
      .body;
    await rig.post('dpo', `/v1/requests/${request}/identity/attest`, { outcome: 'verified' });
    await rig.post('dpo', `/v1/requests/${request}/accept`);
    expect((await rig.said(request)).map(({ type }) => type)).toContain('request.task-issued');
    const { body } = await rig.post<{ history: OwnStep[] }>(undefined, `/v1/requests/${request}/status`, { receipt });
    expect(body.history.at(-1)).toEqual({ at: expect.any(String), step: 'accepted' });
    expect(JSON.stringify(body)).not.toContain('shop');
  });
});

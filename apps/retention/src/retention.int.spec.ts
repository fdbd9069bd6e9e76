import type { Holding } from './holdings.js';
import type { Placed } from './holds.js';
import { RetentionRig } from './retention-rig.js';

const DAY = 86_400_000;
let rig: RetentionRig;

beforeAll(async () => {
  rig = await RetentionRig.start();
});
afterAll(() => rig.stop());

it('counts from the account’s closing, destroys what nothing keeps, and says why the rest stays (notice clause 5.1)', async () => {
  const ann = rig.person('account|ann');
  rig.collect(ann, ['preferences'], { purposes: ['personalisation'] });
  rig.collect(ann, ['transaction']);
  await rig.later(DAY);
  expect(rig.said('disposal.started')).toEqual([]);
  rig.trigger('account-closed', ann);
  await rig.later(89 * DAY);
  expect(rig.said('disposal.started')).toEqual([]);
  await rig.later(2 * DAY);
  const [completed] = rig.said('disposal.completed');
  expect(completed).toMatchObject({
    subject: ann,
    data: {
      cause: 'schedule',
      outcome: 'complete',
      scope: 'class',
      rules: [{ rule: 'account-data' }],
      categories: ['preferences'],
      keys: ['preferences.1'],
      parts: 1,
      survivors: [],
      methods: ['crypto-shredding'],
      priorNotice: 'not-required',
    },
  });
  const { body } = await rig.get<{ data: Holding[] }>('dpo', `/v1/subjects/${ann}/holdings?reason=case-1`);
  expect(body.data).toEqual([
    expect.objectContaining({
      category: 'transaction',
      purpose: 'service-fulfilment',
      keptBy: expect.arrayContaining([expect.objectContaining({ ground: 'law' })]),
    }),
  ]);
});

it('destroys by age what is rolling, a ciphertext at a time, and the key with the last', async () => {
  const bob = rig.person('account|bob');
  const first = rig.collect(bob, ['location'], { purposes: ['location-features'] });
  await rig.later(20 * DAY);
  rig.collect(bob, ['location'], { purposes: ['location-features'] });
  await rig.later(11 * DAY);
  expect(rig.said('disposal.completed', bob)).toMatchObject([
    { data: { outcome: 'complete', keys: [], parts: 1, methods: ['ciphertext-removal'] } },
  ]);
  expect(rig.said('ciphertext.removed', bob)).toMatchObject([{ data: { parts: [{ position: first, part: 0 }] } }]);
  await rig.later(30 * DAY);
  expect(rig.said('disposal.completed', bob)).toMatchObject([{}, { data: { outcome: 'complete', keys: ['location.1'], parts: 1 } }]);
});

it('erases what a request asks for but what a hold keeps, and goes on by itself when it is released (notice clause 7.7)', async () => {
  const cat = rig.person('account|cat');
  rig.collect(cat, ['preferences', 'contact'], { purposes: ['personalisation'] });
  const { body: placed } = await rig.post<Placed>('dpo', '/v1/holds', {
    subject: 'account|cat',
    matter: 'case-7/2569',
    reason: 'A claim was announced.',
    categories: ['contact'],
  });
  await rig.follow();
  const { body } = await rig.post<{ errors: object[] }>('dpo', '/v1/holds', {
    subject: 'account|cat',
    matter: 'case-7/2569',
    reason: 'x',
    categories: ['contact'],
  });
  expect(body.errors).toMatchObject([{ field: '/reason' }]);
  const asked = rig.askErasure(cat, undefined, ['contact', 'preferences']);
  await rig.later(DAY);
  expect(rig.said('disposal.completed', cat)).toMatchObject([
    {
      data: {
        cause: 'erasure-request',
        request: asked,
        outcome: 'partial',
        keys: ['preferences.1'],
        survivors: [{ category: 'contact', ground: 'legal-hold', hold: placed.hold.id }],
        priorNotice: 'requested-by-subject',
      },
    },
  ]);
  await rig.post('dpo', `/v1/holds/${placed.hold.id}/release`, { reason: 'The case was settled.' });
  await rig.later(0);
  expect(rig.said('disposal.completed', cat)).toMatchObject([
    {},
    { data: { cause: 'erasure-request', outcome: 'complete', keys: ['contact.1'] } },
  ]);
});

it('gives a certificate of what was destroyed', async () => {
  const [completed] = rig.said('disposal.completed');
  const { status, body } = await rig.get('auditor', `/v1/disposals/${completed!.data.disposal}/certificate`);
  expect(body).toMatchObject({ statement: { number: completed!.data.disposal, outcome: 'complete', keys: ['preferences.1'] } });
  expect(status).toBe(200);
});

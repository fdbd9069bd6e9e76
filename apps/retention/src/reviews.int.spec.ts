import { RetentionRig } from './retention-rig.js';
import type { DueReview } from './reviews.js';

const DAY = 86_400_000;
const YEAR = 366 * DAY;
let rig: RetentionRig;
const list = async (query = '') => (await rig.get<{ data: DueReview[]; has_more: boolean }>('dpo', `/v1/reviews${query}`)).body;
const decide = (subject: string, decision: object) =>
  rig.post<{ lines?: number; type?: string; errors?: object[] }>('dpo', '/v1/reviews', {
    subject,
    categories: ['feedback'],
    reason: 'The complaint may be reopened.',
    ...decision,
  });

beforeAll(async () => {
  rig = await RetentionRig.start((policy) => {
    for (const rule of policy.retention) if (rule.id === 'feedback-data') rule.action = 'review';
  });
});
afterAll(() => rig.stop());

/** Somebody whose feedback became due for review. */
async function waiting(name: string): Promise<string> {
  const person = rig.person(`account|${name}`);
  rig.collect(person, ['feedback']);
  rig.trigger('case-closed', person);
  await rig.later(2 * YEAR);
  return person;
}

describe('what a person decides about when its time has come', () => {
  it('waits until somebody has looked, and goes when they say so', async () => {
    const ann = await waiting('ann');
    expect(rig.said('disposal.started', ann)).toEqual([]);
    expect((await list()).data).toEqual([
      { subject: ann, class: 'feedback', categories: ['feedback'], since: '2028-03-01T09:00:00.000Z', lines: 1 },
    ]);
    const { body: backlog } = await rig.get<{ classes: object[] }>('operator', '/v1/retention/backlog');
    expect(backlog.classes).toEqual([expect.objectContaining({ class: 'feedback', due: 0, toReview: 1 })]);
    expect((await decide(ann, { outcome: 'dispose' })).body).toEqual({ lines: 1 });
    await rig.later(0);
    expect(rig.said('disposal.completed', ann)).toMatchObject([
      { data: { cause: 'review', outcome: 'complete', rules: [{ rule: 'feedback-data' }] } },
    ]);
    expect(rig.said('retention.reviewed', ann)).toMatchObject([{ data: { outcome: 'dispose', categories: ['feedback'] } }]);
    expect((await list()).data).toEqual([]);
  });

  it('is looked at again when it was kept until then', async () => {
    const bob = await waiting('bob');
    const until = new Date(rig.time.getTime() + 30 * DAY).toISOString();
    expect((await decide(bob, { outcome: 'keep', until })).status).toBe(200);
    expect((await list()).data).toEqual([]);
    await rig.later(29 * DAY);
    expect((await list()).data).toEqual([]);
    await rig.later(2 * DAY);
    expect((await list()).data).toMatchObject([{ subject: bob, since: until }]);
    await decide(bob, { outcome: 'dispose' });
    await rig.later(0);
    expect(rig.said('disposal.completed', bob)).toHaveLength(1);
  });

  it('under a hold it goes when that is released, and is not looked at again', async () => {
    const cat = await waiting('cat');
    const { body } = await rig.post<{ hold: { id: string } }>('dpo', '/v1/holds', {
      subject: cat,
      matter: 'case-7',
      reason: 'A claim was announced.',
    });
    await decide(cat, { outcome: 'dispose' });
    await rig.later(DAY);
    expect(rig.said('disposal.started', cat)).toEqual([]);
    await rig.post('dpo', `/v1/holds/${body.hold.id}/release`, { reason: 'The case was settled.' });
    await rig.later(0);
    expect(rig.said('disposal.completed', cat)).toMatchObject([{ data: { cause: 'review', outcome: 'complete' } }]);
  });

  it('is shown the oldest first, as much as is asked for, and of one class', async () => {
    const [dan, eve] = [await waiting('dan'), await waiting('eve')];
    expect((await list()).data.map(({ subject }) => subject)).toEqual([dan, eve]);
    expect(await list('?limit=1')).toMatchObject({ data: [{ subject: dan }], has_more: true });
    expect((await list('?class=contact')).data).toEqual([]);
    for (const one of [dan, eve]) await decide(one, { outcome: 'dispose' });
    await rig.later(0);
  });

  it('nothing that cannot be is decided, and nothing is recorded of it', async () => {
    const fay = await waiting('fay');
    const before = (await rig.retention.log.read(-1, 10_000)).length;
    const past = new Date(rig.time.getTime() - DAY).toISOString();
    for (const [decision, status] of [
      [{ outcome: 'keep' }, 400],
      [{ outcome: 'keep', until: past }, 400],
      [{ outcome: 'keep', until: 'soon' }, 400],
      [{ outcome: 'dispose', until: past }, 400],
      [{ outcome: 'burn' }, 400],
      [{ outcome: 'dispose', categories: [] }, 400],
      [{ outcome: 'dispose', categories: ['contact'] }, 409],
      [{ outcome: 'dispose', reason: 'Call 081-234-5678 first' }, 400],
      [{ outcome: 'dispose', subject: rig.person('account|nobody') }, 409],
    ] as const)
      expect([decision, (await decide(fay, decision)).status]).toEqual([decision, status]);
    expect(await rig.retention.log.read(-1, 10_000)).toHaveLength(before);
    expect((await list()).data).toMatchObject([{ subject: fay }]);
  });
});

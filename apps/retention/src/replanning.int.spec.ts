import { randomUUID } from 'node:crypto';
import type { ReplanningView } from './replanning.js';
import { RetentionRig } from './retention-rig.js';

const DAY = 86_400_000;
let rig: RetentionRig;
beforeEach(async () => {
  rig = await RetentionRig.start();
});
afterEach(() => rig.stop());

const plan = async () => (await rig.get<ReplanningView>('operator', '/v1/retention/plan')).body;
const change = (id: string, duration: string) => {
  for (const rule of rig.policy.retention) if (rule.id === id) rule.duration = duration;
};

it('a shorter rule is planned by when the service starts with it, and what is due by it goes', async () => {
  const [ann, bob] = [rig.person('account|ann'), rig.person('account|bob')];
  rig.collect(ann, ['location']);
  rig.collect(bob, ['location']);
  rig.collect(bob, ['contact']);
  await rig.later(5 * DAY);
  rig.collect(bob, ['location']);
  await rig.later(DAY);
  expect(rig.said('disposal.started')).toEqual([]);
  const { rules: before } = await plan();
  change('location-data', 'P5D');
  await rig.restart();
  expect(await plan()).toMatchObject({ done: false, holdings: 0 });
  await rig.later(0);
  const { rules, ...done } = await plan();
  expect(done).toEqual({ done: true, holdings: 4, earlier: 3, later: 0 });
  expect(rules).not.toBe(before);
  expect(rig.said('retention.replanned')).toMatchObject([{ data: { from: before, to: rules, holdings: 4, earlier: 3, later: 0 } }]);
  expect(
    rig
      .said('disposal.completed')
      .map(({ subject, data }) => [subject, data.parts])
      .sort(),
  ).toEqual(
    [
      [ann, 1],
      [bob, 1],
    ].sort(),
  );
});

it('a longer rule keeps what was due later', async () => {
  const ann = rig.person('account|ann');
  rig.collect(ann, ['location']);
  await rig.later(DAY);
  change('location-data', 'P60D');
  await rig.restart();
  await rig.later(40 * DAY);
  expect(rig.said('retention.replanned')).toMatchObject([{ data: { holdings: 1, earlier: 0, later: 1 } }]);
  expect(rig.said('disposal.started')).toEqual([]);
  await rig.later(20 * DAY);
  expect(rig.said('disposal.completed', ann)).toHaveLength(1);
});

it('the same rules are not planned by again', async () => {
  rig.collect(rig.person('account|ann'), ['location']);
  await rig.later(0);
  await rig.restart();
  await rig.later(0);
  expect(rig.said('retention.replanned')).toEqual([]);
});

it('goes on after a crash where it was, and tells of it once', async () => {
  for (let n = 0; n < 1_200; n++) rig.collect(randomUUID(), ['contact']);
  await rig.later(0);
  change('location-data', 'P5D');
  await rig.restart();
  const { retention } = rig;
  const transact = retention.transact.bind(retention);
  let steps = 0;
  retention.transact = (work) => (++steps === 2 ? Promise.reject(new Error('the process was killed here')) : transact(work));
  await rig.follow();
  await expect(retention.tick()).rejects.toThrow('killed');
  expect(await plan()).toMatchObject({ done: false, holdings: 500 });
  await rig.restart();
  await rig.later(0);
  expect(await plan()).toMatchObject({ done: true, holdings: 1_200, earlier: 0, later: 0 });
  expect(rig.said('retention.replanned')).toMatchObject([{ data: { holdings: 1_200 } }]);
});

it('what is about everybody is planned by for everybody, as far as it reaches', async () => {
  const [ann, bob] = [rig.person('account|ann'), rig.person('account|bob')];
  rig.collect(ann, ['transaction'], { purposes: ['statistics-and-records'] });
  const filed = new Date(rig.time.getTime() + DAY).toISOString();
  await rig.later(10 * DAY);
  rig.collect(bob, ['transaction'], { purposes: ['statistics-and-records'] });
  for (const person of [ann, bob]) rig.trigger('contract-end', person);
  rig.trigger('tax-filing', undefined, { collectedUntil: filed });
  rig.trigger('account-closing', undefined, { collectedUntil: filed });
  await rig.later(0);
  expect(rig.said('retention.replanned').at(-1)).toMatchObject({ data: { holdings: 2 } });
  await rig.later(5 * 366 * DAY);
  expect(rig.said('disposal.completed').map(({ subject }) => subject)).toEqual([ann]);
  rig.trigger('tax-filing', undefined);
  rig.trigger('account-closing', undefined);
  await rig.later(6 * 366 * DAY);
  expect(rig.said('disposal.completed').map(({ subject }) => subject)).toEqual([ann, bob]);
});

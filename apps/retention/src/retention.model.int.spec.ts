import { History, randomOf } from './retention-histories-rig.js';
import { Judge } from './retention-judge-rig.js';
import { RetentionRig } from './retention-rig.js';

const STEPS = 40;
const SEEDS = [1, 2, 3, 4, 5, 6];

let rig: RetentionRig;
afterEach(() => rig.stop());

describe('whatever happens, what is due and free goes, and what is kept stays', () => {
  it.each(SEEDS)('history %i', async (seed) => {
    rig = await RetentionRig.start((policy) => {
      for (const rule of policy.retention) if (rule.id === 'feedback-data') rule.action = 'review';
    });
    const history = new History(rig, randomOf(seed));
    const judge = new Judge(history);
    const faults = async () => (await judge.look()).map((fault) => `${fault}\n${history.told.join('\n')}`);
    for (let step = 0; step < STEPS; step++) {
      await history.step();
      expect(await faults()).toEqual([]);
    }
    await history.rest();
    expect(await faults()).toEqual([]);
  });
});

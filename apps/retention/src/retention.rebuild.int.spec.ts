import { History, randomOf } from './retention-histories-rig.js';
import { Judge } from './retention-judge-rig.js';
import { backUp, RetentionRig, type Backup } from './retention-rig.js';
import type { PolicySource } from '@attesta/policy';

const TABLES = ['part', 'hold', 'occurrence', 'activity', 'tie', 'erasure', 'disposal', 'forgotten'];
const rigs: RetentionRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});

const withReviews = (policy: PolicySource) => {
  for (const rule of policy.retention) if (rule.id === 'feedback-data') rule.action = 'review';
};

async function start(like: Parameters<typeof RetentionRig.start>[1] = {}): Promise<RetentionRig> {
  const rig = await RetentionRig.start(withReviews, like);
  rigs.push(rig);
  return rig;
}

/** A history of so many steps, with a backup of the database taken in its middle. */
async function live(seed: number, steps: number): Promise<{ history: History; judge: Judge; backup: Backup }> {
  const history = new History(await start(), randomOf(seed));
  const judge = new Judge(history);
  let backup: Backup | undefined;
  for (let step = 0; step < steps; step++) {
    if (step === steps >> 1) backup = await backUp(history.rig.db);
    await history.step();
    expect(await judge.look()).toEqual([]);
  }
  await history.rest();
  expect(await judge.look()).toEqual([]);
  return { history, judge, backup: backup! };
}

/** What a service remembers, for comparison. */
async function memoryOf({ db }: RetentionRig): Promise<Map<string, string[]>> {
  const backup = await backUp(db);
  return new Map(
    TABLES.map((name) => [
      name,
      backup
        .get(name)!
        .map((row) => JSON.stringify(row))
        .sort(),
    ]),
  );
}

const ofDisposals = async ({ retention }: RetentionRig) =>
  (await retention.log.read(-1, 10_000)).filter(({ type }) => type.startsWith('attesta.disposal.'));

describe('a database that is built anew from the log', () => {
  it.each([1, 7, 500])('holds what the old one holds, by %i entries at a time, and says nothing again', async (batchSize) => {
    const { history } = await live(batchSize, 30);
    const anew = await start({ like: history.rig, batchSize });
    await anew.follow();
    await anew.retention.tick();
    expect(anew.errors).toEqual([]);
    expect(await ofDisposals(anew)).toEqual([]);
    expect(await memoryOf(anew)).toEqual(await memoryOf(history.rig));
  });
});

describe('a database that was restored from a backup', () => {
  it.each([11, 12, 13])('learns from the log what was done since, and goes on from there: history %i', async (seed) => {
    const { history, judge, backup } = await live(seed, 30);
    const memory = await memoryOf(history.rig);
    const restored = await start({ like: history.rig, backup });
    await restored.later(0);
    expect(await memoryOf(restored)).toEqual(memory);
    expect(await judge.look()).toEqual([]);
    history.rig = restored;
    for (let step = 0; step < 10; step++) {
      await history.step();
      expect(await judge.look()).toEqual([]);
    }
    await history.rest();
    expect(await judge.look()).toEqual([]);
  });

  it('finishes disposals that were under way, and says no word of them twice', async () => {
    const rig = await start();
    const [ann, bob] = [rig.person('account|ann'), rig.person('account|bob')];
    rig.collect(ann, ['location']);
    rig.collect(bob, ['preferences'], { purposes: ['personalisation'] });
    rig.collect(bob, ['contact']);
    await rig.later(0);
    const backup = await backUp(rig.db);
    rig.ledger.obeys = false;
    const request = rig.askErasure(bob, undefined, ['preferences'], [{ category: 'contact', ground: 'contract-claims' }]);
    await rig.later(31 * 86_400_000);
    expect(rig.said('disposal.instructed')).toHaveLength(2);
    rig.ledger.obeys = true;
    rig.ledger.answer(rig.time);
    const restored = await start({ like: rig, backup });
    await restored.later(0);
    expect(restored.said('disposal.instructed')).toHaveLength(2);
    expect(restored.said('disposal.completed', ann)).toMatchObject([{ data: { outcome: 'complete', parts: 1, categories: ['location'] } }]);
    const own = restored.said('disposal.completed', bob).filter(({ data }) => data.request === request);
    expect(own).toMatchObject([
      { data: { outcome: 'partial', parts: 1, survivors: [{ category: 'contact', ground: 'contract-claims' }] } },
    ]);
  });
});

import { History, randomOf } from './notification-histories-rig.js';
import { Judge } from './notification-judge-rig.js';
import { NotificationRig } from './notification-rig.js';

const STEPS = 30;
const SEEDS = process.env.HISTORIES
  ? Array.from({ length: Number(process.env.HISTORIES) }, (_, i) => i + Number(process.env.FROM ?? 1))
  : [1, 2, 3, 4];

let rig: NotificationRig;
afterEach(() => rig.stop());

describe('whatever happens, people get what they have to, and nothing else', () => {
  it.each(SEEDS)('history %i', async (seed) => {
    rig = await NotificationRig.start();
    const random = randomOf(seed);
    cut(rig, 1 + Math.floor(random() * 6));
    const history = new History(rig, random);
    const judge = new Judge(history);
    const faults = async (atRest: boolean) => (await judge.look(atRest)).map((fault) => `${fault}\n${history.told.join('\n')}`);
    for (let step = 0; step < STEPS; step++) {
      await history.step();
      expect(await faults(false)).toEqual([]);
    }
    await history.rest();
    expect(await faults(true)).toEqual([]);
    const [sent, sealed] = [rig.smtp.total, rig.ledger.stored.length];
    const before = await states(rig);
    cut(rig, 1 + Math.floor(random() * 200));
    await rig.rebuild();
    await rig.later();
    expect([rig.smtp.total, rig.ledger.stored.length]).toEqual([sent, sealed]);
    expect(await states(rig)).toEqual(before);
  });
});

/** The feed has so many entries a batch at most. */
function cut({ ledger }: NotificationRig, most: number): void {
  ledger.read = (after, limit) => Promise.resolve(ledger.stored.slice(after + 1, after + 1 + Math.min(limit, most)));
}

/** What is known of messages, as far as it is in the log. */
async function states({ db }: NotificationRig): Promise<string[]> {
  const { rows } = await db.pool.query<{ row: string }>(
    `select concat_ws(' ', id, template, subject, case status when 'in-flight' then 'handed-off' else status end) as row
       from message where recipient = 'subject' and (wave is null or status <> 'suppressed') order by 1`,
  );
  return rows.map(({ row }) => row);
}

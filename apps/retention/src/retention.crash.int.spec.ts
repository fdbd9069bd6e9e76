import type pg from 'pg';
import { RetentionRig } from './retention-rig.js';

const DAY = 86_400_000;

class Crash extends Error {}
type Query = (...args: unknown[]) => unknown;

/** Makes statements of the service fail: in turns before the database has them, and when it has done them and the answer is lost. */
class Saboteur {
  private left = Infinity;
  private every = Infinity;
  private isDone = false;
  private readonly known = new WeakSet<pg.PoolClient>();

  constructor(pool: pg.Pool) {
    pool.on('acquire', (client) => this.watch(client));
  }

  /** From the next statement on. @param first which of them fails first, counted from 1 @param every how many later the next one does */
  arm(first: number, every: number): void {
    this.left = first;
    this.every = every;
  }

  private watch(client: pg.PoolClient): void {
    if (this.known.has(client)) return;
    this.known.add(client);
    const query = client.query.bind(client) as Query;
    client.query = ((...args: unknown[]) => {
      if (--this.left > 0) return query(...args);
      this.left = this.every;
      this.isDone = !this.isDone;
      const crash = new Crash('the process was killed here');
      const callback = args.at(-1);
      if (typeof callback !== 'function')
        return this.isDone ? (query(...args) as Promise<unknown>).then(() => Promise.reject(crash)) : Promise.reject(crash);
      const fail = () => void (callback as (error: Error) => void)(crash);
      if (this.isDone) query(...args.slice(0, -1), fail);
      else setImmediate(fail);
      return undefined;
    }) as typeof client.query;
  }
}

let rig: RetentionRig;
beforeEach(async () => {
  rig = await RetentionRig.start();
});
afterEach(() => rig.stop());

/** @returns whether it was done; a crash is thrown at whoever does it */
const survived = (work: Promise<void>): Promise<boolean> =>
  work.then(
    () => true,
    (error: unknown) => {
      if (error instanceof Crash) return false;
      throw error;
    },
  );

/** Whether something is left to do: a connection that broke may keep the turn from others for a moment. */
async function isUnderWay(): Promise<boolean> {
  const { rows } = await rig.db.pool.query(
    `select 1 from part where due_at <= $1 union all select 1 from disposal where status in ('started', 'instructed')
     union all select 1 from erasure where disposal is not null and not started`,
    [rig.time],
  );
  return rows.length > 0;
}

/** Lets everything happen that follows; a crash costs a step and no more. */
async function settle(): Promise<void> {
  for (let quiet = false; !quiet;) {
    const before = rig.ledger.log.stored.length;
    const done = [await survived(rig.follow()), await survived(rig.retention.tick()), await survived(rig.carry())];
    rig.ledger.answer(rig.time);
    quiet = done.every(Boolean) && rig.ledger.log.stored.length === before && !(await isUnderWay());
  }
  const others = rig.errors.filter((error) => !(error instanceof Crash));
  expect(others).toEqual([]);
}

/** More statements apart than the feed needs for a batch: one that fails three times is set aside. */
const APART = 61;

it('a crash at any statement leaves nothing half done, and nothing done twice', async () => {
  const saboteur = new Saboteur(rig.retention.pool);
  for (let n = 1; n <= APART; n += 2) {
    const [person, device] = [rig.person(`account|${n}`), rig.person(`device|${n}`)];
    saboteur.arm(n, APART);
    rig.seal({
      type: 'attesta.identifier.linked.v1',
      subject: person,
      data: { kind: 'device', rule: 'login', related: [{ subject: device, role: 'linked' }] },
    });
    rig.collect(person, ['location']);
    rig.collect(person, ['location'], { at: new Date(rig.time.getTime() - 40 * DAY) });
    rig.collect(person, ['contact'], { purposes: ['personalisation'] });
    rig.collect(device, ['preferences'], { purposes: ['personalisation'] });
    await settle();
    const request = rig.askErasure(person, undefined, ['location', 'contact', 'preferences']);
    await settle();
    for (const name of ['started', 'instructed', 'completed'] as const) {
      expect([n, name, rig.said(`disposal.${name}`, person).length]).toEqual([n, name, 2]);
      expect([n, name, rig.said(`disposal.${name}`, device).length]).toEqual([n, name, 1]);
    }
    const completed = rig.said('disposal.completed', person);
    expect(completed.map(({ data }) => [data.request, data.outcome, data.scope, data.parts])).toEqual([
      [undefined, 'complete', 'class', 1],
      [request, 'complete', 'subject', 2],
    ]);
    expect(completed[1]!.position).toBeGreaterThan(rig.said('disposal.completed', device)[0]!.position);
  }
  saboteur.arm(Infinity, Infinity);
  const { rows } = await rig.db.pool.query(
    'select position from part union select position from occurrence union select position from tie',
  );
  expect(rows).toEqual([]);
});

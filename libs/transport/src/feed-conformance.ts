import { setTimeout as delay } from 'node:timers/promises';
import { Fenced } from './feed-batch.js';
import { FeedConsumer } from './feed-consumer.js';
import { keys, Register, subjectId, testEntry, TestLog, upTo, type FeedRig } from './feed-rig.js';
import type { FeedConsumerOptions, FeedIncident, FeedSubscription } from './feed.js';
import { PostgresFeed } from './postgres-feed.js';
import { StoredSealedEvent } from './sealed-event.js';
import { transaction } from './transaction.js';

/** What every way of the sealed feed promises. For specs only: each adapter's spec runs it with its rig. */
export function feedConformance(makeRig: (log: TestLog) => Promise<FeedRig>): void {
  let log: TestLog;
  let register: Register;
  let rig: FeedRig;
  let running: FeedSubscription[];
  let incidents: FeedIncident[];

  beforeEach(async () => {
    [log, register] = await Promise.all([TestLog.create(), Register.create()]);
    rig = await makeRig(log);
    running = [];
    incidents = [];
  });

  afterEach(async () => {
    await Promise.all(running.map((subscription) => subscription.stop()));
    await rig.close();
    await Promise.all([log.db.drop(), register.db.drop()]);
  });

  async function subscribe(options: Partial<FeedConsumerOptions> = {}): Promise<FeedSubscription> {
    const group = options.group ?? 'register';
    const feed = await rig.feed();
    const subscription = await feed.subscribe({
      group,
      pool: register.db.pool,
      handle: register.handler(group),
      onError: (_error, where) => incidents.push(where),
      ...options,
    });
    running.push(subscription);
    return subscription;
  }

  it('hands over every entry once, in the order of its subject', async () => {
    const before = await log.append(keys(300));
    const subscription = await subscribe({ batchSize: 40 });
    await subscription.caughtUp(before);
    const last = await log.append(keys(300));
    await subscription.caughtUp(last);
    expect(await register.positions('register')).toEqual(upTo(last));
    expect(await register.disordered('register')).toEqual([]);
    expect(await subscription.parked.list()).toEqual([]);
    for (const { position } of await subscription.progress()) expect(position).toBeGreaterThanOrEqual(last);
  });

  it('lets several groups go each at its own pace', async () => {
    const last = await log.append(keys(60));
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const slow = await subscribe({ group: 'slow', handle: register.handler('slow', () => gate) });
    const quick = await subscribe({ group: 'quick' });
    await quick.caughtUp(last);
    expect(await register.positions('quick')).toEqual(upTo(last));
    expect(await register.positions('slow')).toEqual([]);
    open();
    await slow.caughtUp(last);
    expect(await register.positions('slow')).toEqual(upTo(last));
  });

  it('changes nothing when everything is delivered again', async () => {
    const first = await subscribe();
    await first.caughtUp(await log.append(keys(100)));
    const rows = await register.rows('register');
    await rig.redeliver();
    const last = await log.append(keys(8));
    await first.caughtUp(last);
    expect((await register.rows('register')).slice(0, rows.length)).toEqual(rows);
    expect(await register.positions('register')).toEqual(upTo(last));
  });

  it('resumes where it was when the connection dies while a batch is being applied', async () => {
    let cuts = 0;
    const last = await log.append(keys(200));
    const subscription = await subscribe({
      batchSize: 30,
      handle: register.handler('register', async (events, tx) => {
        if (cuts >= 3 || events[0]!.position < 20) return;
        cuts++;
        const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() pid');
        await register.db.pool.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
      }),
    });
    await subscription.caughtUp(last);
    expect(cuts).toBe(3);
    expect(await register.positions('register')).toEqual(upTo(last));
    expect(await register.disordered('register')).toEqual([]);
    expect(await subscription.parked.list()).toEqual([]);
  });

  it('starts after the last committed entry when the process comes back', async () => {
    const first = await subscribe();
    const middle = await log.append(keys(50));
    await first.caughtUp(middle);
    await first.stop();
    const last = await log.append(keys(50));
    const seen: number[] = [];
    const second = await subscribe({
      handle: register.handler('register', (events) => {
        seen.push(...events.map((event) => event.position));
        return Promise.resolve();
      }),
    });
    await second.caughtUp(last);
    expect(seen.sort((a, b) => a - b)).toEqual(upTo(last).slice(middle + 1));
  });

  it('shares the work among members that come and go, and loses and doubles nothing', async () => {
    const one = await subscribe({ batchSize: 10 });
    await one.caughtUp(await log.append(keys(100)));
    const two = await subscribe({ batchSize: 10 });
    await log.append(keys(200));
    await one.stop();
    await log.append(keys(200));
    const three = await subscribe({ batchSize: 10 });
    const last = await log.append(keys(200));
    await two.caughtUp(last);
    await three.caughtUp(last);
    expect(await register.positions('register')).toEqual(upTo(last));
    expect(await register.disordered('register')).toEqual([]);
  });

  it('parks a poison event and what follows of its subject, in order, while the others go on', async () => {
    let cured = false;
    const handle = register.handler('register', (events) => {
      const bad = events.find((event) => event.position === 10);
      return bad && !cured ? Promise.reject(new Error('cannot take this one')) : Promise.resolve();
    });
    const subscription = await subscribe({ handle, attempts: 2 });
    const last = await log.append(keys(80));
    await subscription.caughtUp(last);
    const key = keys(80)[10]!;
    const stuck = upTo(last).filter((position) => position >= 10 && keys(80)[position] === key);
    expect(await register.positions('register')).toEqual(upTo(last).filter((position) => !stuck.includes(position)));
    expect(await register.disordered('register')).toEqual([]);

    const parked = await subscription.parked.list();
    expect(parked.map((event) => event.position)).toEqual(stuck);
    expect(parked.map((event) => event.poison)).toEqual(stuck.map((position) => position === 10));
    expect(parked[0]).toMatchObject({ key: subjectId(key), error: 'Error: cannot take this one', attempts: 2 });
    expect(incidents).toContainEqual(expect.objectContaining({ kind: 'parked', position: 10 }));

    const failed = await subscription.parked.replay(subjectId(key));
    expect(failed).toEqual({ applied: 0, left: stuck.length, error: 'Error: cannot take this one' });
    cured = true;
    expect(await subscription.parked.replay(subjectId(key))).toEqual({ applied: stuck.length, left: 0 });
    const after = await log.append(keys(8));
    await subscription.caughtUp(after);
    expect(await register.positions('register')).toEqual(upTo(after));
    expect(await register.disordered('register')).toEqual([]);
  });

  it('gives a parked event up with a reason, and the rest of its subject goes on', async () => {
    const subscription = await subscribe({
      attempts: 1,
      handle: register.handler('register', (events) =>
        events.some((e) => e.position === 3) ? Promise.reject(new Error('no')) : Promise.resolve(),
      ),
    });
    const last = await log.append(keys(20, 'ab'));
    await subscription.caughtUp(last);
    expect(await subscription.parked.discard(3, 'sent by mistake, agreed with the sender')).toBe(true);
    await subscription.parked.replay(subjectId('b'));
    expect(await register.positions('register')).toEqual(upTo(last).filter((position) => position !== 3));
    expect(await subscription.parked.list({ state: 'discarded' })).toMatchObject([
      { position: 3, reason: 'sent by mistake, agreed with the sender' },
    ]);
  });

  it('waits out a failing database and parks nothing', async () => {
    let failures = 0;
    const subscription = await subscribe({
      attempts: 1,
      handle: register.handler('register', () =>
        failures++ < 5 ? Promise.reject(Object.assign(new Error('the server is starting up'), { code: '57P03' })) : Promise.resolve(),
      ),
    });
    const last = await log.append(keys(20));
    await subscription.caughtUp(last);
    expect(await register.positions('register')).toEqual(upTo(last));
    expect(await subscription.parked.list()).toEqual([]);
  });

  it('gives the same rows when it is replayed from zero', async () => {
    const subscription = await subscribe();
    const last = await log.append(keys(150));
    await subscription.caughtUp(last);
    const before = await register.rows('register');
    await subscription.rebuild(async (tx) => {
      await tx.query('delete from applied');
    });
    await subscription.caughtUp(last);
    const byPosition = (a: { position: number }, b: { position: number }) => a.position - b.position;
    expect((await register.rows('register')).sort(byPosition)).toEqual(before.sort(byPosition));
    expect(await register.disordered('register')).toEqual([]);
  });

  it('is rebuilt on the order of another member while entries keep coming', async () => {
    const one = await subscribe({ batchSize: 10 });
    const two = await subscribe({ batchSize: 10 });
    await one.caughtUp(await log.append(keys(100)));
    const coming = log.append(keys(200));
    await two.rebuild(async (tx) => {
      await tx.query('delete from applied');
    });
    const last = await coming;
    await one.caughtUp(last);
    expect(await register.positions('register')).toEqual(upTo(last));
    expect(await register.disordered('register')).toEqual([]);
  });

  it('is held where it is while another group comes further, and goes on from there in its place', async () => {
    const own = await subscribe({ batchSize: 10 });
    const first = await log.append(keys(64));
    await own.caughtUp(first);
    const middle = await transaction(register.db.pool, async (tx) => {
      expect(await own.hold(tx)).toBeGreaterThanOrEqual(first);
      const last = await log.append(keys(64));
      const other = await new PostgresFeed(log.reader).subscribe({
        group: 'next',
        pool: register.db.pool,
        attempts: 1,
        handle: register.handler('next', (events) =>
          events.some(({ position }) => position === 10) ? Promise.reject(new Error('cannot take this one')) : Promise.resolve(),
        ),
      });
      await other.caughtUp(last);
      await other.stop();
      expect(await register.positions('register')).toEqual(upTo(first));
      await own.succeed(tx, 'next');
      return last;
    });
    const end = await log.append(keys(64));
    await own.caughtUp(end);
    const key = keys(64)[10]!;
    const parked = (await own.parked.list()).map(({ position }) => position);
    expect(parked).toEqual(upTo(end).filter((position) => position >= 10 && keys(192)[position] === key));
    const taken = [...upTo(first), ...upTo(end).slice(middle + 1)].filter((position) => position <= first || !parked.includes(position));
    expect(await register.positions('register')).toEqual(taken);
    expect(await own.parked.replay(subjectId(key))).toEqual({ applied: parked.length, left: 0 });
    await own.caughtUp(await log.append(keys(8)));
    expect(await own.parked.list()).toEqual([]);
  });

  it('keeps a member out that lost its partition while it slept', async () => {
    const options = { group: 'fenced', pool: register.db.pool, handle: register.handler('fenced') };
    const zombie = new FeedConsumer(options, 'topic');
    const heir = new FeedConsumer(options, 'topic');
    await zombie.prepare(1);
    const old = await zombie.claim(0);
    const fresh = await heir.claim(0);
    const events = [0, 1, 2].map((position) => event(position));
    const batch = { partition: 0, events, previous: -1, upto: 2 };
    await expect(zombie.apply({ ...batch, epoch: old.epoch })).rejects.toThrow(Fenced);
    expect(await register.positions('fenced')).toEqual([]);
    expect(await heir.apply({ ...batch, epoch: fresh.epoch })).toBe(2);
    await expect(zombie.apply({ ...batch, epoch: old.epoch })).rejects.toThrow(Fenced);
    expect(await register.positions('fenced')).toEqual([0, 1, 2]);
  });

  it('stops when it is told to, also while it waits for the database', async () => {
    const refusing = await subscribe({
      handle: () => Promise.reject(Object.assign(new Error('down'), { code: 'ECONNREFUSED' })),
    });
    await log.append(keys(10));
    while (!incidents.length) await delay(5);
    await refusing.stop();
    await expect(refusing.caughtUp(9)).rejects.toThrow('stopped');
  });
}

const event = (position: number) => new StoredSealedEvent(position, Buffer.alloc(32), Buffer.from(JSON.stringify(testEntry('a'))), null);

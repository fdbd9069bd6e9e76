import { ServiceLog, serviceLogAppend, serviceLogTables } from '@attesta/event-log';
import type { CloudEvent, Receipt } from '@attesta/events';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { relayTables } from './feed-tables.js';
import type { Intake } from './intake.js';
import { IntakeRelay } from './intake-relay.js';
import { appendDecisions } from './outbox-rig.js';

describe('a service within the same process', () => {
  let db: TestDatabase;
  let log: ServiceLog;
  let relay: IntakeRelay | undefined;

  beforeEach(async () => {
    db = await testDatabase();
    await db.pool.query(serviceLogTables + serviceLogAppend);
    await db.pool.query(relayTables);
    log = new ServiceLog(db.pool);
  });

  afterEach(async () => {
    await relay?.stop();
    await db.drop();
  });

  const start = (submit: (event: CloudEvent) => Receipt['status'] | Error): { sealed: CloudEvent[] } => {
    const sealed: CloudEvent[] = [];
    const intake: Intake = {
      submit: (events) => {
        const failed = events.map(submit).find((outcome) => outcome instanceof Error);
        if (failed) return Promise.reject(failed);
        return Promise.resolve(
          events.map((event) => {
            const status = submit(event) as Receipt['status'];
            if (status === 'sealed') sealed.push(event);
            return { id: event.id, source: event.source, status, problems: [] };
          }),
        );
      },
    };
    relay = new IntakeRelay({ log, source: '/attesta/consent', intake, pool: db.pool });
    relay.start();
    return { sealed };
  };

  it('submits what it decided, in order and once', async () => {
    const { sealed } = start(() => 'sealed');
    const ids = await appendDecisions(db.pool, log, 250);
    await relay!.caughtUp(249);
    expect(sealed.map((event) => event.id)).toEqual(ids);
    expect(sealed[0]).toMatchObject({ specversion: '1.0', source: '/attesta/consent', data: { n: 0 } });
    await relay!.stop();
    const again = start(() => 'sealed');
    const more = await appendDecisions(db.pool, log, 3, 250);
    await relay!.caughtUp(252);
    expect(again.sealed.map((event) => event.id)).toEqual(more);
  });

  it('keeps an event that the ledger refuses, and goes on', async () => {
    const { sealed } = start((event) => (event.data.n === 3 ? 'rejected' : 'sealed'));
    await appendDecisions(db.pool, log, 10);
    await relay!.caughtUp(9);
    expect(sealed).toHaveLength(9);
    const { rows } = await db.pool.query('select position, event from relay_parked');
    expect(rows).toMatchObject([{ position: '3', event: { data: { n: 3 } } }]);
  });

  it('keeps an event on which the ledger fails for ever, and goes on', async () => {
    const { sealed } = start((event) => (event.data.n === 3 ? new Error('bug') : 'sealed'));
    await appendDecisions(db.pool, log, 5);
    await relay!.caughtUp(4);
    expect(sealed.map((event) => event.data.n)).toEqual([0, 1, 2, 4]);
    const { rows } = await db.pool.query('select position, problems from relay_parked');
    expect(rows).toMatchObject([{ position: '3', problems: [{ code: 'intake-failed' }] }]);
  });

  it('waits for a ledger that is away', async () => {
    let away = 6;
    const { sealed } = start(() => (away-- > 0 ? Object.assign(new Error('away'), { code: 'ECONNREFUSED' }) : 'sealed'));
    await appendDecisions(db.pool, log, 2);
    await relay!.caughtUp(1);
    expect(sealed).toHaveLength(2);
    expect((await db.pool.query('select 1 from relay_parked')).rowCount).toBe(0);
  });
});

import type { LoggedEvent } from '@attesta/event-log';
import type { RequestView } from './request-views.js';
import { RequestsRig } from './requests-rig.js';
import type { Requests } from './requests.js';
import { another, dueByLog, expectedOf, makeRequests, saidOf } from './timers-rig.js';

const COUNT = 10_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** How the clock moves on: minutes and weeks, and once over every warning there is. */
const JUMPS = [0, 20 * HOUR, 3 * DAY, HOUR, 12 * DAY, 5 * HOUR, 40 * DAY, 47 * DAY];

let rig: RequestsRig;
beforeAll(async () => {
  rig = await RequestsRig.start();
});
afterAll(() => rig.stop());

test('a deadline that passed while nobody looked is looked at once, its warnings never', async () => {
  const asleep = await RequestsRig.start();
  const { body } = await asleep.post<{ request: string }>(undefined, '/v1/requests', { right: 'access', email: 'somebody@example.com' });
  await asleep.later(60 * DAY);
  expect((await asleep.said(body.request)).filter(({ type }) => /warned|overdue/.test(type)).map(({ type }) => type)).toEqual([
    'request.overdue',
  ]);
  const { rows } = await asleep.db.pool.query<{ look_at: Date | null }>('select look_at from request');
  expect(rows).toEqual([{ look_at: null }]);
  await asleep.stop();
});

test(`${COUNT} clocks, looked at by processes that come, go and break: everything is said once, and in time`, async () => {
  const begun = Date.now();
  await makeRequests(rig, COUNT);
  const made = Date.now();
  const ticks: number[] = [];
  const steady = await another(rig);
  let other = await another(rig);
  const fragile = await another(rig);
  const cuts = await cutting(fragile);

  for (const [round, jump] of JUMPS.entries()) {
    rig.time = new Date(rig.time.getTime() + jump);
    ticks.push(rig.time.getTime());
    // First, so that there is work in its hands when it is cut; the others come upon what it left.
    if (round % 3 === 1) await Promise.allSettled([cuts.during(fragile.tick())]);
    await Promise.allSettled([steady.tick(), other.tick()]);
    // What a connection that was cut still holds is passed over, and done at the next look.
    for (const end = performance.now() + 30_000; performance.now() < end;) {
      await steady.tick();
      if ((await late()) === 0) break;
    }
    expect(await late()).toBe(0);
    if (round === 3) await extendSome(steady);
    // As a process that is deployed anew.
    if (round % 2 === 0) {
      await other.close();
      other = await another(rig);
    }
  }
  await Promise.all([steady, other, fragile].map((one) => one.close()));
  expect(cuts.count).toBeGreaterThan(0);
  const ticked = Date.now();

  const histories = await readHistories();
  expect(histories.size).toBe(COUNT);
  let said = 0;
  for (const history of histories.values()) {
    expect(saidOf(history)).toEqual(expectedOf(history, ticks));
    said += saidOf(history).length;
  }
  const overdue = [...histories].filter(([, history]) => (dueByLog(history) ?? Infinity) <= rig.time.getTime()).map(([id]) => id);
  const listed = await listOverdue();
  expect(listed.map(({ request }) => request).sort()).toEqual(overdue.sort());
  expect(listed.every((one) => one.overdue)).toBe(true);
  const dues = listed.map(({ due }) => due ?? '');
  expect(dues).toEqual([...dues].sort());
  process.stderr.write(
    `${COUNT} requests made in ${made - begun} ms; ${JUMPS.length} jumps, ${cuts.count} cut connections: ${ticked - made} ms; ` +
      `${said} deadlines said, ${listed.length} overdue\n`,
  );
}, 240_000);

/** Cuts what an instance's connections are doing, again and again while it ticks. */
async function cutting(requests: Requests) {
  const pids: number[] = [];
  const { pool } = requests;
  // Those that are open already, all at once so that each is asked, and those to come.
  const open = await Promise.all(
    Array.from({ length: pool.totalCount }, () => pool.query<{ pid: number }>('select pg_backend_pid() as pid, pg_sleep(0.05)')),
  );
  pids.push(...open.flatMap(({ rows }) => rows.map(({ pid }) => pid)));
  pool.on('connect', (client) => {
    client.query<{ pid: number }>('select pg_backend_pid() as pid').then(
      ({ rows }) => pids.push(...rows.map(({ pid }) => pid)),
      () => undefined,
    );
  });
  const cuts = {
    count: 0,
    async during(tick: Promise<void>): Promise<void> {
      let ticking = true;
      const ended = tick.finally(() => (ticking = false)).catch(() => undefined);
      for (let before = cuts.count; ticking && cuts.count < before + 3;) {
        const { rowCount } = await rig.db.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where pid = any($1) and backend_xid is not null and xact_start < clock_timestamp() - interval '5 ms'`,
          [pids],
        );
        cuts.count += rowCount ?? 0;
      }
      await ended;
    },
  };
  return cuts;
}

/** Moves deadlines that were warned of already. */
async function extendSome(requests: Requests): Promise<void> {
  const { rows } = await rig.db.pool.query<{ id: string }>(
    `select id from request where open and jurisdiction = 'eu-gdpr' and state->>'extendedTo' is null and due > $1
      order by due, id limit 40`,
    [rig.time],
  );
  expect(rows).toHaveLength(40);
  rig.time = new Date(rig.time.getTime() + HOUR);
  const until = new Date(rig.time.getTime() + 28 * DAY).toISOString();
  for (const { id } of rows) await requests.handle(id, 'dpo-7', { kind: 'extend', until, reason: 'The archive is on paper.' });
}

async function late(): Promise<number> {
  const { rows } = await rig.db.pool.query<{ n: number }>('select count(*)::int as n from request where look_at <= $1', [rig.time]);
  return rows[0]?.n ?? -1;
}

async function readHistories(): Promise<Map<string, LoggedEvent[]>> {
  const histories = new Map<string, LoggedEvent[]>();
  for (const event of await rig.requests.log.read(-1, 1_000_000)) {
    const id = event.stream.replace(/^request-/, '');
    const known = histories.get(id);
    if (known) known.push(event);
    else histories.set(id, [event]);
  }
  return histories;
}

async function listOverdue(): Promise<RequestView[]> {
  const listed: RequestView[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page = await rig.get<{ data: RequestView[]; next_cursor: string | null }>('dpo', `/v1/requests?overdue=true&limit=500${from}`);
    expect(page.status).toBe(200);
    listed.push(...page.body.data);
    cursor = page.body.next_cursor;
  }
  return listed;
}

import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { RequestView } from './request-views.js';
import { RequestsRig } from './requests-rig.js';
import { numberTasks, taskSource } from './task-source.js';

let rig: RequestsRig;
let n = 0;

beforeAll(async () => {
  rig = await RequestsRig.start();
  for (const id of ['storefront', 'newsletter'])
    await rig.post('dpo', '/v1/systems', {
      id,
      title: id,
      source: '//storefront.test',
      categories: ['contact'],
      kinds: ['access', 'erasure'],
    });
});
afterAll(() => rig.stop());

const read = (after = 0) => taskSource(rig.requests.pool).read(after, 100);

/** Somebody's accepted request. @returns their subject id, and the request's tasks */
async function accepted(right = 'access'): Promise<{ subject: string; view: RequestView }> {
  const account = `account|source-${++n}`;
  const subject = rig.directory.same(account);
  const asked = { right, subject: account, channel: 'letter', identity: { evidence: { kind: 'passport' } } };
  const { body } = await rig.post<{ request: string }>('dpo', '/v1/requests', asked);
  const { status, body: view } = await rig.post('dpo', `/v1/requests/${body.request}/accept`);
  if (status !== 200) throw new Error(`not accepted: ${JSON.stringify(view)}`);
  return { subject, view };
}

describe('the tasks a relay reads', () => {
  test('are those of connected systems, in the order of issue, and hold names alone', async () => {
    const first = await accepted('access');
    const second = await accepted('erasure');
    const tasks = await read();
    expect(tasks.map(({ request, system, kind }) => [request, system, kind])).toEqual([
      ...['newsletter', 'storefront'].map((system) => [first.view.request, system, 'access']),
      ...['newsletter', 'storefront'].map((system) => [second.view.request, system, 'erasure']),
    ]);
    expect(new Set(tasks.flatMap((task) => Object.keys(task)))).toEqual(new Set(['number', 'task', 'request', 'system', 'kind']));
    expect(await read(tasks[1]!.number)).toEqual(tasks.slice(2));
    expect(await taskSource(rig.requests.pool).read(0, 1)).toEqual(tasks.slice(0, 1));
  });

  test('are those of disposals too', async () => {
    const before = await read();
    const disposal = randomUUID();
    await rig.seal({
      type: 'attesta.disposal.started.v1',
      source: '//attesta/retention',
      subject: rig.directory.same('account|of-a-disposal'),
      data: {
        disposal,
        cause: 'minor',
        action: 'destroy',
        rules: [],
        categories: ['contact'],
        classes: ['contact'],
        collectedUntil: '2026-02-01T00:00:00Z',
      },
    });
    await rig.requests.tick();
    const tasks = (await read()).slice(before.length);
    expect(tasks.map(({ system }) => system).sort()).toEqual(['newsletter', 'storefront']);
    for (const { number, task, ...rest } of tasks) {
      expect([number, task]).toEqual([expect.any(Number), expect.any(String)]);
      expect(rest).toEqual({ disposal, system: rest.system, kind: 'erasure' });
    }
  });

  test('are not those that ended, or whose person was forgotten', async () => {
    const before = (await read()).length;
    const { subject } = await accepted();
    const [answered, waiting] = (await read()).slice(before);
    const answer = { outcome: 'nothing-held', subject };
    expect((await rig.post('publisher', `/v1/fulfilment/tasks/${answered!.task}/answer`, answer)).status).toBe(200);
    expect((await read()).slice(before)).toEqual([waiting]);
    await rig.requests.pool.query('update task set kek = null, box = null where subject = $1', [subject]);
    expect(await read()).toHaveLength(before);
  });

  test('get a number no smaller than what a reader saw, however their transactions overlap', async () => {
    await accepted();
    await accepted();
    const [a, b, c, d] = (await read()).slice(-4).map(({ task }) => task);
    await rig.requests.pool.query('update task set number = null');
    const [slow, quick] = [await begin(), await begin()];
    await numberTasks(slow, [b!, a!]);
    const later = numberTasks(quick, [d!, c!]).then(() => quick.query('commit'));
    // The later one waits for the earlier: until then nothing can be seen that the earlier one would have to go before.
    await waiting();
    expect(await read()).toEqual([]);
    await slow.query('commit');
    await later;
    for (const tx of [slow, quick]) tx.release();
    expect((await read()).map(({ task }) => task)).toEqual([b, a, d, c]);
  });
});

async function begin(): Promise<pg.PoolClient> {
  const client = await rig.requests.pool.connect();
  await client.query('begin');
  return client;
}

/** Resolves when a transaction waits for another's lock. */
async function waiting(): Promise<void> {
  for (let found = 0; found === 0;) {
    const { rows } = await rig.requests.pool.query(
      'select 1 from pg_stat_activity where datname = current_database() and wait_event_type = $1',
      ['Lock'],
    );
    found = rows.length;
  }
}

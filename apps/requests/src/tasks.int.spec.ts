import { randomUUID } from 'node:crypto';
import { PostgresFeed } from '@attesta/transport';
import type { FulfilmentTask } from '@attesta/sdk';
import type { RequestView } from './request-views.js';
import { RequestsRig } from './requests-rig.js';
import { Requests } from './requests.js';
import { accepted, call, newPerson, PullSystem, taskRows, until, WebhookSystem, type ProblemBody, type Reply } from './tasks-rig.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
let rig: RequestsRig;
const servers: WebhookSystem[] = [];
const webhook = async (...options: Parameters<typeof WebhookSystem.start>): Promise<WebhookSystem> => {
  const system = await WebhookSystem.start(...options);
  servers.push(system);
  return system;
};

beforeAll(async () => {
  rig = await RequestsRig.start();
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await rig.stop();
});

const saidOf = async (id: string, type: string) => (await rig.said(id)).filter((one) => one.type === `request.${type}`);
const statusOf = async (id: string) => (await rig.get('dpo', `/v1/requests/${id}`)).body.status;

describe('a system that fetches its tasks', () => {
  let shop: PullSystem;
  let other: PullSystem;
  beforeAll(async () => {
    shop = await PullSystem.register(rig, {
      id: 'shop',
      categories: ['contact', 'address'],
    });
    other = await PullSystem.register(rig, {
      id: 'other',
      categories: ['cookie'],
    });
  });
  const erasure = (...categories: string[]) => accepted(rig, { right: 'erasure', categories });
  const done = ({ subject, categories }: FulfilmentTask) => ({
    outcome: 'done',
    subject,
    categories,
  });

  test('learns what it needs; nobody else does', async () => {
    const { request, subject, account, email } = await erasure('contact');
    const task = await shop.taskOf(request);
    expect(task).toMatchObject({
      system: 'shop',
      kind: 'erasure',
      subject,
      categories: ['contact'],
      identifiers: [
        { scheme: 'account', value: account },
        { scheme: 'email', value: email },
      ],
      dueAt: new Date(rig.time.getTime() + 7 * DAY).toISOString(),
    });
    const at = `/v1/fulfilment/tasks/${task.task}`;
    expect((await shop.call<FulfilmentTask>('get', at)).body).toEqual(task);
    const { auditor, dpo, operator, subject: person, publisher } = rig.tokens;
    for (const token of [other.token, publisher, auditor, dpo, operator, person]) {
      for (const [method, path] of [
        ['get', '/v1/fulfilment/tasks?system=shop'],
        ['get', at],
        ['post', `${at}/answer`],
      ] as const) {
        const { status, body } = await call<ProblemBody>(rig, token, method, path, method === 'post' ? done(task) : undefined);
        expect([path, status]).toEqual([path, 403]);
        expect(JSON.stringify(body)).not.toContain(email);
      }
    }
    expect((await call(rig, undefined, 'get', at)).status).toBe(401);
    expect((await shop.call('get', '/v1/fulfilment/tasks?system=nobody')).status).toBe(403);
    expect((await shop.call('get', `/v1/fulfilment/tasks/${randomUUID()}`)).status).toBe(404);
    expect((await shop.answer(randomUUID(), done(task))).status).toBe(404);
    expect((await other.tasks()).length).toBe(0);
    expect((await shop.answer(task.task, done(task))).status).toBe(200);
    expect((await shop.call('get', at)).status).toBe(404);
  });

  test('waits for a task until there is one', async () => {
    const waiting = other.call<{ data: FulfilmentTask[] }>('get', '/v1/fulfilment/tasks?system=other&wait_ms=20000');
    const { request } = await erasure('cookie');
    const [task] = (await waiting).body.data;
    expect(task?.request).toBe(request);
    await other.answer(task!.task, done(task!));
  });

  test('answers once: again is a duplicate, otherwise a conflict, and too late is too late', async () => {
    const { request, subject } = await erasure('contact');
    const task = await shop.taskOf(request);
    expect((await shop.answer(task.task, done(task))).body).toEqual({
      task: task.task,
      status: 'recorded',
    });
    expect((await shop.answer(task.task, { ...done(task) })).body).toEqual({
      task: task.task,
      status: 'duplicate',
    });
    expect((await shop.answer(task.task, { outcome: 'nothing-held', subject })).status).toBe(409);
    expect(await saidOf(request, 'task-answered')).toHaveLength(1);

    const settled = await erasure('contact');
    const late = await shop.taskOf(settled.request);
    await rig.post('dpo', `/v1/requests/${settled.request}/tasks/${late.task}/settle`, { reason: 'Done by hand in the shop.' });
    expect((await shop.answer(late.task, done(late))).status).toBe(409);
  });

  test('that answers twice at once, differently, is told that only one of the two counts', async () => {
    for (let round = 0; round < 5; round++) {
      const { request, subject } = await erasure('contact');
      const task = await shop.taskOf(request);
      const nothing = { outcome: 'nothing-held', subject };
      const both = await Promise.all([shop.answer(task.task, done(task)), shop.answer(task.task, nothing)]);
      expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
      expect(await saidOf(request, 'task-answered')).toHaveLength(1);
    }
    const { request } = await erasure('contact');
    const task = await shop.taskOf(request);
    const same = await Promise.all([1, 2, 3].map(() => shop.answer<{ status: string }>(task.task, done(task))));
    expect(same.map(({ body }) => body.status).sort()).toEqual(['duplicate', 'duplicate', 'recorded']);
  });

  test('that answers about somebody else is refused, and the officer hears of it once', async () => {
    const { request } = await erasure('contact');
    const task = await shop.taskOf(request);
    for (let i = 0; i < 2; i++) {
      const { status, body } = await shop.answer(task.task, {
        ...done(task),
        subject: newPerson(rig).subject,
      });
      expect([status, body.errors?.[0]?.code]).toEqual([422, 'wrong-subject']);
    }
    expect((await saidOf(request, 'task-stuck')).map(({ data }) => data['reason'])).toEqual(['wrong-subject']);
    expect((await rig.get('dpo', `/v1/requests/${request}`)).body).toMatchObject({
      status: 'accepted',
      tasks: [{ system: 'shop', outcome: null, stuck: true }],
    });
    expect((await shop.answer(task.task, done(task))).status).toBe(200);
    expect(await statusOf(request)).toBe('fulfilled');
  });

  test('that leaves something out has not done it; what it keeps survives, with the reason', async () => {
    const { request, subject } = await erasure('contact', 'address');
    const task = await shop.taskOf(request);
    const part = await shop.answer(task.task, {
      outcome: 'done',
      subject,
      categories: ['contact'],
    });
    expect([part.status, part.body.errors?.[0]]).toMatchObject([422, { field: '/categories', code: 'incomplete' }]);
    const kept = [
      {
        category: 'address',
        reason: 'Parcels are under way.',
        law: 'Civil and Commercial Code s.193/30',
      },
    ];
    expect(
      (
        await shop.answer(task.task, {
          outcome: 'done',
          subject,
          categories: ['contact'],
          kept,
        })
      ).status,
    ).toBe(200);
    await rig.carry();
    expect((await saidOf(request, 'fulfilled'))[0]?.data).toMatchObject({
      outcome: 'partial',
      survivors: [
        {
          category: 'address',
          ground: 'kept-by-system',
          law: 'Civil and Commercial Code s.193/30',
        },
      ],
    });
  });

  test('that speaks of what it was not asked about is refused', async () => {
    const erased = await erasure('contact');
    const task = await shop.taskOf(erased.request);
    const kept = [{ category: 'health', reason: 'We like it.' }];
    const stray = await shop.answer(task.task, { ...done(task), kept });
    expect([stray.status, stray.body.errors?.[0]]).toMatchObject([422, { field: '/kept/0/category', code: 'not-asked-for' }]);
    const more = await shop.answer(task.task, {
      ...done(task),
      categories: ['contact', 'health'],
    });
    expect([more.status, more.body.errors?.[0]]).toMatchObject([422, { field: '/categories/1', code: 'not-asked-for' }]);
    const asked = await accepted(rig, {
      right: 'access',
      categories: ['contact'],
    });
    const { task: id, subject } = await shop.taskOf(asked.request);
    const records = [
      {
        category: 'address',
        name: 'customer',
        provenance: 'provided',
        values: { street: 'Main Road 7' },
      },
    ];
    const data = await shop.answer(id, { outcome: 'data', subject, records });
    expect([data.status, data.body.errors?.[0]]).toMatchObject([422, { field: '/records/0/category', code: 'not-asked-for' }]);
    expect((await shop.answer(id, done(await shop.taskOf(asked.request)))).body.errors?.[0]).toMatchObject({ code: 'wrong-outcome' });
    expect([await statusOf(erased.request), await statusOf(asked.request)]).toEqual(['accepted', 'accepted']);
  });

  test('that fails for good is said to be stuck, without what it wrote', async () => {
    const { request, subject } = await erasure('contact');
    const task = await shop.taskOf(request);
    const reason = 'Somchai Jaidee (0812345678) owes us money';
    for (const retry of [true, false, false])
      expect(
        (
          await shop.answer(task.task, {
            outcome: 'failed',
            subject,
            reason,
            retry,
          })
        ).status,
      ).toBe(200);
    expect((await saidOf(request, 'task-stuck')).map(({ data }) => data['reason'])).toEqual(['failed']);
    expect(JSON.stringify(await rig.said(request))).not.toContain('Somchai');
    expect((await shop.answer(task.task, done(task))).status).toBe(200);
  });

  test('that sends garbage is told where, and never what', async () => {
    const { request, subject } = await accepted(rig, {
      right: 'access',
      categories: ['contact'],
    });
    const { task } = await shop.taskOf(request);
    const secret = 'Somchai-0812345678';
    const good = {
      category: 'contact',
      name: 'customer',
      provenance: 'provided',
      values: { phone: secret },
    };
    const data = (...records: unknown[]) => ({
      outcome: 'data',
      subject,
      records,
    });
    const cases: [body: unknown, field: string | undefined][] = [
      [`{"outcome": "${secret}`, undefined],
      [`"${secret}"`, undefined],
      [`{"__proto__": {"outcome": "${secret}"}}`, ''],
      [[], '/outcome'],
      [{}, '/outcome'],
      [{ outcome: secret, subject }, '/outcome'],
      [{ outcome: 'constructor', subject }, '/outcome'],
      [{ outcome: 'toString', subject }, '/outcome'],
      [{ outcome: 'nothing-held', subject: secret }, '/subject'],
      [{ outcome: 'nothing-held', subject, more: secret }, ''],
      [{ outcome: 'data', subject }, ''],
      [{ outcome: 'data', subject, records: secret }, '/records'],
      [data(secret), '/records/0'],
      [data(good, { ...good, provenance: secret }), '/records/1/provenance'],
      [data({ ...good, category: secret }), '/records/0/category'],
      [data({ ...good, values: { [secret]: { nested: secret } } }), '/records/0/values'],
      [data({ ...good, values: [secret] }), '/records/0/values'],
      [{ outcome: 'failed', subject, reason: secret }, ''],
    ];
    for (const [body, field] of cases) {
      const { status, body: problem } = await shop.answer(task, body);
      expect([JSON.stringify(body), status, problem.errors?.[0]?.field]).toEqual([JSON.stringify(body), 400, field]);
      expect(JSON.stringify(problem)).not.toContain(secret);
    }
    expect(await statusOf(request)).toBe('accepted');
    expect((await shop.answer(task, data(good))).status).toBe(200);
  });

  test('may write the number of its task as it likes', async () => {
    const { request, subject } = await accepted(rig, {
      right: 'access',
      categories: ['contact'],
    });
    const { task } = await shop.taskOf(request);
    expect((await shop.call('get', `/v1/fulfilment/tasks/${task.toUpperCase()}`)).status).toBe(200);
    const records = [
      {
        category: 'contact',
        name: 'customer',
        provenance: 'provided',
        values: { phone: '0812345678' },
      },
    ];
    expect(
      (
        await shop.answer(task.toUpperCase(), {
          outcome: 'data',
          subject,
          records,
        })
      ).status,
    ).toBe(200);
    await rig.requests.tick();
    expect(await statusOf(request)).toBe('fulfilled');
  });

  test('is asked no more once the person has withdrawn the request, and nothing else stops for it', async () => {
    const { request } = await erasure('contact');
    const task = await shop.taskOf(request);
    expect((await rig.post('dpo', `/v1/requests/${request}/withdraw`)).body.status).toBe('unfulfilled');
    expect((await shop.tasks()).map((one) => one.request)).not.toContain(request);
    expect((await shop.answer(task.task, done(task))).status).toBe(409);
    const packaged = await accepted(rig, {
      right: 'access',
      categories: ['health'],
    });
    await rig.later(8 * DAY);
    expect(await statusOf(packaged.request)).toBe('fulfilled');
    expect(await saidOf(request, 'task-stuck')).toEqual([]);
  });
});

describe('a system with a webhook', () => {
  test('gets signed tasks, and answers at once', async () => {
    const crm = await webhook(rig, {
      id: 'crm',
      categories: ['communications'],
    });
    const { request, account } = await accepted(rig, {
      right: 'erasure',
      categories: ['communications'],
    });
    await until(async () => (await statusOf(request)) === 'fulfilled');
    expect(crm.got.map(({ task }) => [task.request, task.identifiers[0]?.value])).toEqual([[request, account]]);
    expect(crm.forged).toEqual([]);
    // Somebody else's secret does not do.
    crm.secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const again = await accepted(rig, {
      right: 'erasure',
      categories: ['communications'],
    });
    await until(async () => (await taskRows(rig, again.request))[0]?.attempts === 1);
    expect(crm.forged).toHaveLength(1);
  });

  test('may answer later over HTTP; what fails then comes again', async () => {
    const slow = await webhook(rig, {
      id: 'slow',
      categories: ['preferences'],
    });
    slow.reply = () => ({ status: 202 });
    const { request, subject } = await accepted(rig, {
      right: 'access',
      categories: ['preferences'],
    });
    // Much later than after a failure.
    const dayOff = rig.time.getTime() + DAY;
    await until(async () => (await taskRows(rig, request))[0]?.next_at?.getTime() === dayOff, 'waiting for the answer');
    await rig.later(2 * HOUR);
    expect(slow.got).toHaveLength(1);
    const [task] = await slow.tasks();
    await slow.answer(task!.task, {
      outcome: 'failed',
      subject,
      reason: 'The archive was closed.',
      retry: true,
    });
    await rig.later(HOUR);
    await until(() => slow.got.length === 2, 'the second try');
    const records = [
      {
        category: 'preferences',
        name: 'profile',
        provenance: 'provided',
        values: { colour: 'blue' },
      },
    ];
    expect((await slow.answer(task!.task, { outcome: 'data', subject, records })).status).toBe(200);
    await until(async () => (await rig.requests.tick(), (await statusOf(request)) === 'fulfilled'), 'the package');
  });

  test('that misbehaves, in whatever way, is tried again ten seconds later', async () => {
    const elsewhere = await webhook(rig, {
      id: 'elsewhere',
      categories: ['biometric'],
    });
    const oversize = `{"outcome":"nothing-held","subject":"${'x'.repeat(17 * 1024 * 1024)}"}`;
    const ways: Record<string, (task: FulfilmentTask) => Reply> = {
      broken: () => ({ status: 500, text: 'Somchai' }),
      teapot: () => ({ status: 418 }),
      created: ({ subject }) => ({
        status: 201,
        body: { outcome: 'nothing-held', subject },
      }),
      hanging: () => 'hang',
      moved: () => ({ status: 307, headers: { location: elsewhere.url } }),
      huge: () => ({ status: 200, text: oversize }),
      page: () => ({ status: 200, text: '<html>Somchai</html>' }),
      empty: () => ({ status: 200 }),
      garbage: () => ({ status: 200, body: { outcome: 'Somchai' } }),
      stranger: ({ categories }) => ({
        status: 200,
        body: { outcome: 'done', subject: randomUUID(), categories },
      }),
    };
    const systems: WebhookSystem[] = [];
    for (const [id, reply] of Object.entries(ways)) {
      const system = await webhook(rig, { id, categories: ['religion'] });
      system.reply = reply;
      systems.push(system);
    }
    const noted = rig.errors.length;
    const { request, email, account } = await accepted(rig, {
      right: 'erasure',
      categories: ['religion'],
    });
    const begun = rig.time.getTime();
    await until(async () => (await taskRows(rig, request)).every(({ attempts }) => attempts === 1), 'a failed try of each');
    const rows = await taskRows(rig, request);
    expect(rows.map(({ next_at }) => next_at?.getTime())).toEqual(rows.map(() => begun + 10_000));
    expect(elsewhere.got.length + elsewhere.forged.length).toBe(0);
    const errors = rig.errors.slice(noted);
    expect(errors).toHaveLength(systems.length);
    for (const error of errors) {
      const text = `${String(error)} ${(error as Error).stack} ${JSON.stringify(error)}`;
      for (const personal of ['Somchai', email, account]) expect(text).not.toContain(personal);
    }
    for (const system of systems)
      system.reply = ({ subject, categories }) => ({
        status: 200,
        body: { outcome: 'done', subject, categories },
      });
    await rig.later(10_000);
    await until(async () => (await statusOf(request)) === 'fulfilled', 'fulfilment');
    expect(systems.map(({ got }) => got.length)).toEqual(systems.map(() => 2));
    expect((await saidOf(request, 'task-stuck')).map(({ data }) => [data['system'], data['reason']])).toEqual([
      ['stranger', 'wrong-subject'],
    ]);
  }, 60_000);

  test('is tried at growing distances; the officer hears of it once, and it completes when it is back', async () => {
    const down = await webhook(rig, {
      id: 'down',
      categories: ['survey-answer'],
    });
    const answering = down.reply;
    down.reply = () => ({ status: 503 });
    const { request } = await accepted(rig, {
      right: 'erasure',
      categories: ['survey-answer'],
    });
    const tried = async (times: number) => until(async () => (await taskRows(rig, request))[0]?.attempts === times, `try number ${times}`);
    await tried(1);
    const waits = [10_000, MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, HOUR];
    for (const [i, wait] of waits.entries()) {
      await rig.later(wait - 1);
      expect(down.got).toHaveLength(i + 1);
      expect(await saidOf(request, 'task-stuck')).toHaveLength(i + 1 >= 5 ? 1 : 0);
      await rig.later(1);
      await tried(i + 2);
    }
    expect((await saidOf(request, 'task-stuck'))[0]?.data).toMatchObject({
      system: 'down',
      reason: 'failed',
      attempts: 5,
    });
    // As the officer is told; late it is too, but that was said.
    await rig.later(7 * DAY);
    expect(await saidOf(request, 'task-stuck')).toHaveLength(1);
    expect((await saidOf(request, 'message-due')).filter(({ data }) => data['template'] === 'system-late')).toHaveLength(1);
    await until(() => down.got.length === 8, 'the eighth try');
    down.reply = answering;
    await tried(8);
    await rig.later(HOUR);
    await until(async () => (await statusOf(request)) === 'fulfilled', 'fulfilment');
    expect((await saidOf(request, 'fulfilled'))[0]?.data).toMatchObject({
      outcome: 'complete',
      acknowledgements: [{ system: 'down', outcome: 'done' }],
    });
  });

  test('gets one delivery of each try, however many processes look', async () => {
    const busy = await webhook(rig, {
      id: 'busy',
      categories: ['demographics'],
    });
    const answering = busy.reply;
    busy.reply = () => ({ status: 500 });
    const others = await Promise.all(
      [1, 2].map(() =>
        Requests.open({
          ...rig.requests.options,
          feed: new PostgresFeed(rig.ledger),
        }),
      ),
    );
    const people: { request: string }[] = [];
    for (let i = 0; i < 20; i++) people.push(await accepted(rig, { right: 'erasure', categories: ['demographics'] }));
    const tries = async () => {
      const rows = await Promise.all(people.map(({ request }) => taskRows(rig, request)));
      return rows.map(([row]) => row?.attempts);
    };
    await until(async () => (await tries()).every((n) => n === 1));
    busy.reply = answering;
    rig.time = new Date(rig.time.getTime() + 10_000);
    await Promise.all([...others, rig.requests, ...others].map((one) => one.tick()));
    await until(async () => (await Promise.all(people.map(({ request }) => statusOf(request)))).every((status) => status === 'fulfilled'));
    const deliveries = new Map<string, number>();
    for (const { task } of busy.got) deliveries.set(task.task, (deliveries.get(task.task) ?? 0) + 1);
    expect([...deliveries.values()]).toEqual(people.map(() => 2));
    await Promise.all(others.map((one) => one.close()));
  });
});

describe('the officer', () => {
  test('hears once of a system that is late, when it is, whoever looks', async () => {
    await PullSystem.register(rig, {
      id: 'silent',
      categories: ['linked-account'],
    });
    const other = await Requests.open({
      ...rig.requests.options,
      feed: new PostgresFeed(rig.ledger),
    });
    const { request } = await accepted(rig, {
      right: 'erasure',
      categories: ['linked-account'],
    });
    await rig.later(7 * DAY - 1);
    expect(await saidOf(request, 'task-stuck')).toEqual([]);
    rig.time = new Date(rig.time.getTime() + 1);
    await Promise.all([rig.requests.tick(), other.tick()]);
    await rig.later(DAY);
    const stuck = await saidOf(request, 'task-stuck');
    expect(stuck.map(({ data }) => [data['system'], data['reason'], data['attempts']])).toEqual([['silent', 'no-answer', 0]]);
    expect((await saidOf(request, 'message-due')).filter(({ data }) => data['template'] === 'system-late')).toHaveLength(1);
    await other.close();

    const [task] = await taskRows(rig, request);
    const settle = `/v1/requests/${request}/tasks/${task!.id}/settle`;
    expect((await rig.post<ProblemBody>('dpo', settle)).body.errors?.[0]?.field).toBe('/reason');
    const personal = await rig.post('dpo', settle, {
      reason: 'Agreed with somchai@example.com',
    });
    expect(personal.status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(personal.body)).not.toContain('somchai');
    expect(await statusOf(request)).toBe('accepted');
    const settled = await rig.post('dpo', settle, {
      reason: 'The system was switched off last year.',
    });
    expect(settled.body.tasks).toMatchObject([{ outcome: 'overridden', stuck: false }]);
    expect(await statusOf(request)).toBe('fulfilled');
    expect((await saidOf(request, 'task-overridden'))[0]?.data).toMatchObject({
      reason: 'The system was switched off last year.',
    });
    expect((await rig.post('dpo', settle, { reason: 'Once more.' })).status).toBe(409);
    expect((await rig.post('dpo', `/v1/requests/${request}/tasks/${randomUUID()}/settle`, { reason: 'Which one?' })).status).toBe(409);
  });

  const disclosed = (subject: string, recipient: string, categories: string[], more = {}) => ({
    type: 'attesta.disclosure.recorded.v1',
    subject,
    data: {
      categories,
      purposes: ['service-fulfilment'],
      basis: 'contract',
      recipient,
      initiator: 'controller',
      ...more,
    },
  });

  test('tells whoever was given the data of a rectification and an erasure, and their acknowledgements are kept', async () => {
    const couriers = await PullSystem.register(rig, {
      id: 'couriers',
      categories: ['address'],
      party: 'logistics-provider',
    });
    const shop = await PullSystem.register(rig, {
      id: 'shop',
      categories: ['contact', 'address'],
    });
    for (const right of ['rectification', 'erasure'] as const) {
      const person = newPerson(rig);
      await rig.seal(
        disclosed(person.subject, 'call-center', ['address', 'usage']),
        disclosed(person.subject, 'logistics-provider', ['address']),
        disclosed(person.subject, 'bank', ['usage']),
        disclosed(person.subject, 'revenue-department', ['address'], {
          initiator: 'authority',
          legalReference: 'Summons 12/2569',
        }),
      );
      const changes = [{ category: 'address', field: 'street', value: 'Side Road 8' }];
      const asked = right === 'rectification' ? { right, changes } : { right, categories: ['address'] };
      const { request, tasks } = await accepted(rig, asked, person);
      expect(tasks.map(({ system, kind, categories }) => [system, kind, categories]).sort()).toEqual([
        ['call-center', right, ['address']],
        ['couriers', right, ['address']],
        ['shop', right, ['address']],
      ]);
      for (const system of [couriers, shop]) {
        const task = await system.taskOf(request);
        expect(task.changes).toEqual(right === 'rectification' ? changes : undefined);
        await system.answer(task.task, {
          outcome: 'done',
          subject: person.subject,
          categories: ['address'],
        });
      }
      const manual = tasks.find(({ system }) => system === 'call-center');
      const settled = await rig.post('dpo', `/v1/requests/${request}/tasks/${manual?.task}/settle`, {
        reason: 'Told by letter; they have confirmed.',
        acknowledged: true,
      });
      expect(settled.status).toBe(200);
      expect(await statusOf(request)).toBe('fulfilled');
      const { acknowledgements } = (await saidOf(request, 'fulfilled'))[0]!.data as { acknowledgements: { system: string }[] };
      expect(acknowledgements.sort((a, b) => (a.system < b.system ? -1 : 1))).toEqual([
        { system: 'call-center', outcome: 'done' },
        { system: 'couriers', outcome: 'done' },
        { system: 'shop', outcome: 'done' },
      ]);
    }
  });

  test('leaves what the law demands be kept, names it, and asks no system to erase it', async () => {
    const till = await PullSystem.register(rig, {
      id: 'till',
      categories: ['transaction', 'feedback'],
    });
    const person = newPerson(rig);
    const collected = (categories: string[]) => ({
      type: 'attesta.collection.recorded.v1',
      subject: person.subject,
      data: {
        categories,
        purposes: ['service-fulfilment'],
        basis: 'contract',
        occasion: 'registration',
        method: 'online-form',
        channel: 'web',
        origin: 'subject',
        noticeVersion: '2022-08-10',
      },
    });
    await rig.seal(collected(['transaction']), collected(['feedback']));
    const { request, survivors } = await accepted(rig, { right: 'erasure', categories: ['transaction', 'feedback'] }, person);
    expect(survivors).toEqual([
      {
        category: 'transaction',
        ground: 'tax-records',
        law: 'Revenue Code s.87/3',
      },
    ]);
    const task = await till.taskOf(request);
    expect(task.categories).toEqual(['feedback']);
    await till.answer(task.task, {
      outcome: 'done',
      subject: person.subject,
      categories: ['feedback'],
    });
    await rig.carry();
    expect((await saidOf(request, 'erasure-instructed'))[0]?.data).toMatchObject({ categories: ['feedback'], survivors });
    expect((await saidOf(request, 'fulfilled'))[0]?.data).toMatchObject({
      outcome: 'partial',
      survivors,
    });
    const view: RequestView = (await rig.get('dpo', `/v1/requests/${request}`)).body;
    expect(view.survivors).toEqual(survivors);
  });
});

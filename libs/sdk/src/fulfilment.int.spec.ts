import { aTask, RequestsServer, SUBJECT, until } from './fulfilment-rig.js';
import {
  AttestaError,
  Fulfilment,
  httpAnswers,
  httpTasks,
  type FulfilmentOptions,
  type FulfilmentRecord,
  type HandlerAnswer,
} from './index.js';

const RECORD: FulfilmentRecord = {
  category: 'identity',
  name: 'customer',
  provenance: 'provided',
  basis: 'contract',
  values: { full_name: 'Somchai Jaidee', age: 41, member: true, nickname: null },
};
const DATA: HandlerAnswer = { outcome: 'data', records: [RECORD] };
const quick = { baseMs: 2, maxMs: 10 };

describe('tasks of the requests service', () => {
  let server: RequestsServer;
  let fulfilment: Fulfilment;
  let troubles: { error: unknown; task: string | undefined }[];

  beforeEach(async () => {
    server = new RequestsServer();
    troubles = [];
    await server.start();
    fulfilment = connected();
  });
  afterEach(async () => {
    await fulfilment.stop();
    await server.die();
  });

  function connected(options: Partial<FulfilmentOptions> = {}): Fulfilment {
    const through = { url: server.url, token: () => 't-1' };
    return new Fulfilment({
      system: 'storefront',
      tasks: httpTasks({ ...through, system: 'storefront', retry: quick }),
      answer: httpAnswers(through),
      retry: quick,
      onError: (error, task) => troubles.push({ error, task }),
      ...options,
    });
  }
  const said = () => troubles.map(({ error }) => (error as Error).message);

  it('are done by the handler of their kind and answered with the subject of the task', async () => {
    const kinds = ['access', 'portability', 'rectification', 'restriction', 'erasure'] as const;
    const tasks = kinds.map((kind) => aTask({ kind }));
    const seen: string[] = [];
    const done = (kind: string) => (): HandlerAnswer => {
      seen.push(kind);
      return { outcome: 'done', categories: ['identity'], kept: [{ category: 'transaction', reason: 'tax', law: 'Revenue Code s.87/3' }] };
    };
    fulfilment
      .onAccess(() => (seen.push('access'), DATA))
      .onRectification(done('rectification'))
      .onRestriction(done('restriction'))
      .onErasure(done('erasure'));
    fulfilment.start();
    fulfilment.start();
    await until(() => server.polls.length === 1);
    server.ask(...tasks);
    await until(() => server.answers.length === 5);
    expect(seen.sort()).toEqual(['access', 'access', 'erasure', 'rectification', 'restriction']);
    expect(server.answers.every(({ answer }) => answer.subject === SUBJECT)).toBe(true);
    expect(server.of(tasks[1]!)).toEqual([{ ...DATA, subject: SUBJECT }]);
    expect(server.of(tasks[4]!)[0]).toMatchObject({ outcome: 'done', kept: [{ category: 'transaction' }] });
    expect(Object.fromEntries(server.polls[0]!)).toEqual({ system: 'storefront', wait_ms: '20000', limit: '50' });
    expect([...server.tokens]).toEqual(['Bearer t-1']);
    expect(troubles).toEqual([]);
  });

  it('have a portability handler of their own where one is given', async () => {
    const task = aTask({ kind: 'portability' });
    const meant = { outcome: 'nothing-held', subject: 'somebody else' } as const;
    fulfilment.onAccess(() => DATA).onPortability(() => meant);
    fulfilment.start();
    server.ask(task);
    await until(() => server.answers.length === 1);
    expect(server.of(task)).toEqual([{ outcome: 'nothing-held', subject: SUBJECT }]);
    expect(() => fulfilment.onAccess(() => DATA)).toThrow('There is a handler of access already');
  });

  it('fail for good where there is no handler, or they are for another system', async () => {
    const [erasure, stray] = [aTask({ kind: 'erasure' }), aTask({ system: 'crm' })];
    fulfilment.onAccess(() => DATA);
    fulfilment.start();
    server.ask(erasure, stray);
    await until(() => server.answers.length === 2);
    expect(server.of(erasure)).toEqual([{ outcome: 'failed', subject: SUBJECT, reason: 'no handler', retry: false }]);
    expect(server.of(stray)).toMatchObject([{ outcome: 'failed', reason: 'the task is for another system than storefront', retry: false }]);
  });

  it('fail for now when the handler throws, say nothing of the person, and are done when they come again', async () => {
    const task = aTask();
    let calls = 0;
    fulfilment.onAccess(() => {
      if (++calls === 1) throw Object.assign(new TypeError('no row for somchai@mail.example'), { name: 'TypeError' });
      if (calls === 2) throw Object.assign(new Error('x'), { name: 'somchai@mail.example' });
      return DATA;
    });
    fulfilment.start();
    server.ask(task);
    await until(() => server.answers.length === 3);
    expect(server.of(task)).toEqual([
      { outcome: 'failed', subject: SUBJECT, reason: 'TypeError', retry: true },
      { outcome: 'failed', subject: SUBJECT, reason: 'Error', retry: true },
      { ...DATA, subject: SUBJECT },
    ]);
    expect(troubles[0]).toMatchObject({ task: task.task, error: { message: 'no row for somchai@mail.example' } });
  });

  it('fail for good when the handler gives no answer, or values that JSON does not have', async () => {
    const bad = [undefined, { outcome: 'data', records: [{ ...RECORD, values: { size: 10n } }] }, { outcome: 'data' }, { outcome: 'wat' }];
    const tasks = bad.map(() => aTask());
    fulfilment.onAccess(({ task }) => bad[tasks.findIndex((one) => one.task === task)] as unknown as HandlerAnswer);
    fulfilment.start();
    server.ask(...tasks);
    await until(() => server.answers.length === bad.length);
    for (const task of tasks) {
      expect(server.of(task)).toMatchObject([{ outcome: 'failed', reason: 'the handler gave no valid answer', retry: false }]);
    }
  });

  it('are done once while they are listed again and again, others in the meantime, without hammering the service', async () => {
    const [slow, other] = [aTask(), aTask()];
    let finish: (answer: HandlerAnswer) => void = () => undefined;
    const calls: string[] = [];
    fulfilment.onAccess(({ task }) => {
      calls.push(task);
      return task === slow.task ? new Promise((resolve) => (finish = resolve)) : DATA;
    });
    fulfilment.start();
    server.ask(slow);
    await until(() => calls.length === 1);
    const polls = server.polls.length;
    server.ask(other);
    await until(() => server.polls.length > polls + 4);
    expect(calls).toEqual([slow.task, other.task]);
    finish(DATA);
    await until(() => server.answers.length === 2);
    server.ask(slow);
    const before = server.polls.length;
    await until(() => server.polls.length > before + 2);
    expect(calls).toHaveLength(2);
    expect(server.answers).toHaveLength(2);
  });

  it('pause longer and longer while nothing listed is new', async () => {
    const pauses: number[] = [];
    const feed = httpTasks({
      url: server.url,
      token: 't',
      system: 'storefront',
      waitMs: 5,
      retry: { baseMs: 1, maxMs: 8, random: () => 1, sleep: (ms) => (pauses.push(ms), Promise.resolve()) },
    });
    const ending = new AbortController();
    server.ask(aTask());
    feed.start({ task: () => false, trouble: (error) => troubles.push({ error, task: undefined }) }, ending.signal);
    await until(() => pauses.length >= 6);
    expect(pauses.slice(0, 6)).toEqual([1, 2, 4, 8, 8, 8]);

    // The service itself holds a poll back where nothing is open.
    server.open.clear();
    const polls = server.polls.length;
    await until(() => server.polls.length > polls + 1);
    const paused = pauses.length;
    await until(() => server.polls.length > polls + 3);
    ending.abort();
    expect(pauses).toHaveLength(paused);
  });

  it('are answered through outages: the answer is sent until it arrives, the task is not done again', async () => {
    const task = aTask();
    let calls = 0;
    fulfilment.onAccess(() => (calls++, DATA));
    server.answerStatuses.push(503, 401, 429, 500);
    fulfilment.start();
    server.ask(task);
    await until(() => server.answers.length === 1);
    expect(calls).toBe(1);
    expect(server.of(task)).toEqual([{ ...DATA, subject: SUBJECT }]);
    expect(said().filter((message) => message.startsWith('Refused'))).toEqual([503, 401, 429, 500].map((n) => `Refused with ${n}`));

    await server.die();
    await until(() => said().some((message) => message.includes('cannot be reached')));
    await server.start();
    server.ask(aTask());
    await until(() => server.answers.length === 2);
  });

  it('are answered once a token can be had, whatever status its refusal had', async () => {
    const task = aTask();
    let tokens = 0;
    const token = () => {
      if (++tokens === 1) throw new AttestaError('The authorization server refused', { status: 400 });
      return 't-2';
    };
    fulfilment = connected({ answer: httpAnswers({ url: server.url, token }) });
    fulfilment.onAccess(() => DATA);
    fulfilment.start();
    server.ask(task);
    await until(() => server.answers.length === 1);
    expect(server.of(task)).toEqual([{ ...DATA, subject: SUBJECT }]);
  });

  it('are over when the service says so', async () => {
    const [gone, otherwise] = [aTask(), aTask()];
    fulfilment.onAccess(() => DATA);
    server.answerStatuses.push(404, 409);
    fulfilment.start();
    server.ask(gone, otherwise);
    await until(() => troubles.length === 2);
    const before = server.polls.length;
    await until(() => server.polls.length > before + 2);
    expect(troubles).toHaveLength(2);
    expect(server.answers).toEqual([]);
  });

  it('end as failed when the service refuses the answer, so that somebody hears', async () => {
    const task = aTask();
    fulfilment.onAccess(() => DATA);
    server.answerStatuses.push(422);
    fulfilment.start();
    server.ask(task);
    await until(() => server.answers.length === 1);
    expect(server.of(task)).toMatchObject([{ outcome: 'failed', reason: 'the service refused the answer with status 422', retry: false }]);
  });

  it('are waited for when the service refuses the poll, is another one, or the token cannot be had', async () => {
    server.pollStatuses.push(500, 403);
    server.open.set('stray', { task: 'stray', kind: 'wat' });
    let tokens = 0;
    const token = () => {
      if (++tokens === 1) throw new Error('no token');
      return 't-2';
    };
    fulfilment = connected({ tasks: httpTasks({ url: server.url, token, system: 'storefront', retry: quick }) });
    fulfilment.onAccess(() => DATA);
    fulfilment.start();
    server.ask(aTask());
    await until(() => server.answers.length === 1);
    expect(said().slice(0, 4)).toEqual([
      'The requests service cannot be reached (Error).',
      'Refused with 500',
      'Refused with 403',
      'A task has not the form of one; the service may be newer than this SDK.',
    ]);
  });

  it('end with stop, which waits for what is under way, and go on with start', async () => {
    const task = aTask();
    let finish: (answer: HandlerAnswer) => void = () => undefined;
    fulfilment.onAccess(() => new Promise((resolve) => (finish = resolve)));
    fulfilment.start();
    server.ask(task);
    await until(() => server.polls.length > 2);
    const stopping = fulfilment.stop();
    finish(DATA);
    await stopping;
    expect(server.of(task)).toHaveLength(1);

    const polls = server.polls.length;
    const later = aTask();
    server.ask(later);
    await new Promise(setImmediate);
    expect(server.polls).toHaveLength(polls);
    fulfilment.start();
    await until(() => server.polls.length > polls + 1);
    finish(DATA);
    await until(() => server.of(later).length === 1);
  });

  it('stop without end of an outage: the task is found anew', async () => {
    const task = aTask();
    let calls = 0;
    fulfilment.onAccess(() => (calls++, DATA));
    server.answerStatuses.push(...Array<number>(10_000).fill(503));
    fulfilment.start();
    server.ask(task);
    await until(() => said().filter((message) => message === 'Refused with 503').length > 2);
    await fulfilment.stop();
    server.answerStatuses.length = 0;
    fulfilment.start();
    await until(() => server.answers.length === 1);
    expect(calls).toBe(2);
  });

  it('need a feed and a way to answer', () => {
    expect(() => new Fulfilment({ system: 'storefront' }).start()).toThrow('use taskWebhook instead');
  });
});

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Fulfilment, httpAnswers, httpTaskClaims, type FulfilmentTask } from '@attesta/sdk';
import { describeKafka, testKafka } from '@attesta/testing';
import { connectKafka, kafkaTasks, TaskRelay, topicPlans } from '@attesta/transport';
import { RequestsRig } from './requests-rig.js';
import { taskSource } from './task-source.js';

const SYSTEMS = ['storefront', 'newsletter'];

await describeKafka('tasks that systems hear of over Kafka', () => {
  const topic = { ...topicPlans(3).tasks, topic: `test.tasks.${randomBytes(5).toString('hex')}` };
  let rig: RequestsRig;
  let brokers: string[];
  let relay: TaskRelay;
  const systems: Fulfilment[] = [];
  const done: { by: string; task: FulfilmentTask }[] = [];
  const troubles: unknown[] = [];
  let failures = 0;

  beforeAll(async () => {
    brokers = (await testKafka())!.brokers;
    rig = await RequestsRig.start();
    startRelay();
    for (const id of SYSTEMS) {
      const source = `//${id}.test`;
      await rig.post('dpo', '/v1/systems', { id, title: id, source, categories: ['contact'], kinds: ['erasure'] });
      const system = fulfilment(id, await rig.tokenFor(source));
      systems.push(system);
      system.start();
    }
  });
  afterAll(async () => {
    await Promise.all(systems.map((system) => system.stop()));
    await relay.stop();
    await admin(async (client) => {
      const groups = SYSTEMS.map((id) => `${topic.topic}.${id}`);
      while ((await client.describeGroups(groups)).groups.some(({ members }) => members.length > 0)) await delay(20);
      await client.deleteTopics({ topics: [topic.topic] });
    });
    await rig.stop();
  });

  test('each system does what it is asked, and the topic never says about whom', async () => {
    const person = { account: 'c-planted-77', email: 'planted@example.co.th' };
    const subject = rig.directory.same(`account|${person.account}`, `email|${person.email}`);
    const request = await erasureOf(person);
    await fulfilled(request);
    expect(done.map(({ by }) => by).sort()).toEqual([...SYSTEMS].sort());
    for (const { by, task } of done) {
      expect(task).toMatchObject({ system: by, request, subject, categories: ['contact'] });
      expect(task.identifiers).toContainEqual({ scheme: 'account', value: person.account });
    }
    const messages = await everyMessage();
    expect(messages.map(({ key }) => key).sort()).toEqual([...SYSTEMS].sort());
    for (const { key, value } of messages) {
      const { task } = done.find(({ by }) => by === key)!;
      expect(JSON.parse(value)).toEqual({ task: task.task, request, system: key, kind: 'erasure' });
      for (const secret of [person.account, person.email, subject, 'contact']) expect(value).not.toContain(secret);
    }
  });

  test('what a handler could not do comes again, without another message', async () => {
    failures = 1;
    const before = done.length;
    await fulfilled(await erasureOf({ account: 'c-2', email: 'two@example.co.th' }));
    expect(failures).toBe(0);
    expect(done).toHaveLength(before + SYSTEMS.length);
    expect(troubles.map(String)).toContain('Error: the database was away');
  });

  test('a task issued while the relay is down and the topic is gone is done all the same', async () => {
    await relay.stop();
    await admin((client) => client.deleteTopics({ topics: [topic.topic] }));
    await fulfilled(await erasureOf({ account: 'c-3', email: 'three@example.co.th' }));
    startRelay();
    const before = done.length;
    await fulfilled(await erasureOf({ account: 'c-4', email: 'four@example.co.th' }));
    expect(done).toHaveLength(before + SYSTEMS.length);
  });

  function startRelay(): void {
    const { pool } = rig.requests;
    relay = new TaskRelay({ source: taskSource(pool), pool, kafka: connectKafka({ brokers }), topic });
    relay.start();
  }

  function fulfilment(id: string, token: string): Fulfilment {
    const tasks = kafkaTasks<FulfilmentTask>({
      kafka: connectKafka({ brokers }),
      topic: topic.topic,
      system: id,
      ...httpTaskClaims({ url: rig.url, token, system: id }),
      openEveryMs: 500,
    });
    const onError = (error: unknown) => void troubles.push(error);
    return new Fulfilment({
      system: id,
      tasks,
      answer: httpAnswers({ url: rig.url, token }),
      onError,
      retry: { baseMs: 10, maxMs: 10 },
    }).onErasure((task) => {
      if (failures > 0 && failures--) throw new Error('the database was away');
      done.push({ by: id, task });
      return { outcome: 'done', categories: task.categories };
    });
  }

  /** @returns the id of an accepted request */
  async function erasureOf({ account, email }: { account: string; email: string }): Promise<string> {
    const asked = {
      right: 'erasure',
      subject: `account|${account}`,
      email,
      channel: 'letter',
      identity: { evidence: { kind: 'passport' } },
    };
    const { body } = await rig.post<{ request: string }>('dpo', '/v1/requests', asked);
    const { status } = await rig.post('dpo', `/v1/requests/${body.request}/accept`);
    expect(status).toBe(200);
    return body.request;
  }

  async function fulfilled(request: string): Promise<void> {
    for (;;) {
      const { body } = await rig.get('dpo', `/v1/requests/${request}`);
      if (body.status === 'fulfilled') return;
      await delay(20);
    }
  }

  async function admin<T>(work: (client: ReturnType<ReturnType<typeof connectKafka>['admin']>) => Promise<T>): Promise<T> {
    const client = connectKafka({ brokers }).admin();
    await client.connect();
    return work(client).finally(() => client.disconnect());
  }

  async function everyMessage(): Promise<{ key: string; value: string }[]> {
    const consumer = connectKafka({ brokers }).consumer({ groupId: `${topic.topic}.spec` });
    const found: { key: string; value: string }[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: topic.topic, fromBeginning: true });
    await new Promise<void>((resolve) => {
      void consumer.run({
        eachMessage: ({ message: { key, value, headers } }) => {
          found.push({ key: String(key), value: String(value) });
          expect(Object.keys(headers ?? {})).toEqual(['content-type']);
          if (found.length === SYSTEMS.length) resolve();
          return Promise.resolve();
        },
      });
    });
    await consumer.disconnect();
    return found;
  }
});

import { describeKafka, startOwnKafka, testKafka, type OwnKafka } from '@attesta/testing';
import { connectKafka } from './kafka-client.js';
import { partitionOf } from './partition.js';
import { TasksRig } from './tasks-rig.js';
import { taskMessage } from './task-message.js';

/** No list comes to the help of the topic within a test. */
const NEVER = { open: () => Promise.resolve([]) };

await describeKafka('tasks over a topic', () => {
  let rig: TasksRig;

  describe('on a broker that stays', () => {
    beforeEach(async () => (rig = await TasksRig.create((await testKafka())!.brokers)));
    afterEach(() => rig.close());

    it('each system is told of its own tasks, in the order in which they were issued', async () => {
      const systems = ['storefront', 'newsletter', 'pharmacy', 'warehouse', 'callcentre'];
      const partitions = new Set(systems.map((system) => partitionOf(system, rig.topic.partitions)));
      expect(partitions.size).toBeLessThan(systems.length);
      const issued = new Map<string, string[]>(systems.map((system) => [system, []]));
      const issue = async () => {
        const tasks = await rig.issue(...systems);
        systems.forEach((system, i) => issued.get(system)?.push(tasks[i]!));
      };
      for (let n = 0; n < 20; n++) await issue();
      const readers = systems.map((system) => rig.read(system, NEVER));
      for (const reader of readers) await reader.has(20);
      for (let n = 0; n < 20; n++) await issue();
      for (const [i, reader] of readers.entries()) expect(await reader.has(40)).toEqual(issued.get(systems[i]!));
      expect(new Set(readers.flatMap(({ told }, i) => told.filter(({ system }) => system !== systems[i])))).toEqual(new Set());
      expect(rig.fetched).toHaveLength(200);
    });

    it('the topic keeps its messages for a time, and none says whom a task is about', async () => {
      const tasks = await rig.issue('storefront', 'newsletter', 'storefront');
      await rig.carried();
      const messages = await everyMessage(3);
      expect(messages.map(({ value }) => (JSON.parse(value) as { task: string }).task).sort()).toEqual([...tasks].sort());
      for (const { key, value, headers } of messages) {
        const notice = JSON.parse(value) as Record<string, string>;
        expect(Object.keys(notice)).toEqual(['task', 'request', 'system', 'kind']);
        expect(key).toBe(notice.system);
        expect(`${key} ${value} ${headers}`).not.toMatch(/planted|email/);
      }
      // The fetched task does: what the messages lack was there to be leaked.
      expect(await rig.find(tasks[0]!)).toMatchObject({ identifiers: `email|${tasks[0]}@planted.example` });
      const config = await rig.admin(async (admin) => {
        const configNames = ['cleanup.policy', 'retention.ms'];
        const described = await admin.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: 2, name: rig.topic.topic, configNames }],
        });
        return Object.fromEntries(described.resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]));
      });
      expect(config).toEqual({ 'cleanup.policy': 'delete', 'retention.ms': String(7 * 86_400_000) });
    });

    it('a relay that was stopped goes on where it was', async () => {
      const reader = rig.read('storefront', NEVER);
      const before = await rig.issue('storefront', 'storefront');
      await rig.carried();
      await rig.stopRelays();
      const meanwhile = await rig.issue('storefront');
      rig.startRelay();
      expect(await reader.has(3)).toEqual([...before, ...meanwhile]);
      expect((await everyMessage(3)).length).toBe(3);
    });

    it('another relay takes over from one that was killed while it sent', async () => {
      rig.startRelay();
      const reader = rig.read('storefront', NEVER);
      const issued: string[] = [];
      for (let n = 0; n < 30; n++) {
        issued.push(...(await rig.issue(...Array<string>(10).fill('storefront'))));
        if (n % 10 === 5) await reader.has(n * 5).then(() => rig.killLeader());
      }
      expect(await reader.has(300)).toEqual(issued);
    }, 60_000);

    it('a topic that was deleted is filled again with what still waits', async () => {
      const [first, second, third] = await rig.issue('storefront', 'storefront', 'storefront');
      await rig.read('storefront', NEVER).has(3);
      await rig.end(second!);
      await rig.deleteTopic();
      const [fourth] = await rig.issue('storefront');
      const late = rig.read('storefront', { ...NEVER, groupId: 'late' });
      expect(await late.has(3)).toEqual([first, third, fourth]);
    });

    it('a topic that lost everything hides no task: what is open is listed', async () => {
      const issued = await rig.issue(...Array<string>(120).fill('storefront'));
      await rig.carried();
      await rig.stopRelays();
      await rig.deleteTopic();
      const reader = rig.read('storefront');
      // A list has an end; what stands behind it comes when those before it are done.
      expect(await reader.has(50)).toEqual(issued.slice(0, 50));
      await rig.end(...issued.slice(0, 50));
      reader.stop();
      const next = rig.read('storefront');
      expect(await next.has(50)).toEqual(issued.slice(50, 100));
      expect(rig.fetched).toEqual([]);
    });

    it('what failed comes again by the list, though nothing new is said of it', async () => {
      const [task] = await rig.issue('storefront');
      const reader = rig.read('storefront', { openEveryMs: 100 });
      await reader.has(1);
      await reader.until(() => reader.lists > 3);
      reader.told.length = 0;
      expect(await reader.has(1)).toEqual([task]);
    });

    it('a task that could not be fetched comes when the service is back', async () => {
      const reader = rig.read('storefront');
      await rig.issue('storefront');
      await reader.has(1);
      await reader.until(() => rig.fetched.length === 1);
      rig.away = true;
      const [task] = await rig.issue('storefront');
      await reader.until(() => reader.troubles.length > 2 && rig.fetched.includes(task!));
      expect(reader.told).toHaveLength(1);
      rig.away = false;
      expect((await reader.has(2))[1]).toBe(task);
    });

    it('a process goes on where the one before it was, and two share what is new', async () => {
      const first = rig.read('storefront', NEVER);
      await rig.issue('storefront', 'storefront');
      await first.has(2);
      await rig.admin(async (admin) => {
        const group = { groupId: `${rig.topic.topic}.storefront`, topics: [rig.topic.topic] };
        const read = async () => (await admin.fetchOffsets(group))[0]!.partitions.some(({ offset }) => offset === '2');
        while (!(await read()));
      });
      first.stop();
      const two = [rig.read('storefront', NEVER), rig.read('storefront', NEVER)];
      const fresh = await rig.issue('storefront', 'storefront', 'storefront');
      await two[0]!.until(() => two[0]!.told.length + two[1]!.told.length >= 3);
      expect(two.flatMap(({ tasks }) => tasks)).toEqual(fresh);
      expect(rig.fetched.slice(2)).toEqual(fresh);
    });

    it('what is no task is told and passed over', async () => {
      const reader = rig.read('storefront', NEVER);
      const [task] = await rig.issue('storefront');
      await reader.has(1);
      const partition = partitionOf('storefront', rig.topic.partitions);
      const producer = connectKafka({ brokers: rig.brokers }).producer();
      await producer.connect();
      const foreign = taskMessage({ task: task!, request: task!, system: 'newsletter', kind: 'erasure' }, partition);
      const messages = [{ key: 'storefront', value: 'nonsense', partition }, { ...foreign, key: 'storefront' }, { ...foreign }];
      await producer.send({ topic: rig.topic.topic, messages });
      await producer.disconnect();
      await rig.issue('storefront');
      await reader.has(2);
      const told = reader.troubles.map(String).filter((trouble) => trouble.includes('passed over'));
      expect(told).toEqual([1, 2].map((offset) => `Error: No task at offset ${offset} of partition ${partition}: passed over`));
    });
  });

  describe('with a broker that dies', () => {
    let broker: OwnKafka;

    beforeEach(async () => {
      broker = await startOwnKafka();
      rig = await TasksRig.create(broker.brokers);
    });
    afterEach(async () => {
      await rig.close();
      await broker.kill();
    });

    it('a system goes on when the broker was killed, and when all of its data is gone', async () => {
      const reader = rig.read('storefront', NEVER);
      const issued = await rig.issue('storefront', 'storefront');
      await reader.has(2);
      await broker.kill();
      issued.push(...(await rig.issue('storefront')));
      broker = await startOwnKafka(broker.port, broker.dataDir);
      expect(await reader.has(3)).toEqual(issued);
      await broker.kill();
      await broker.wipe();
      issued.push(...(await rig.issue('storefront')));
      broker = await startOwnKafka(broker.port, broker.dataDir);
      expect(await reader.has(4)).toEqual(issued);
    }, 180_000);

    it('open tasks come while there is no broker at all', async () => {
      await broker.kill();
      const [task] = await rig.issue('storefront');
      expect(await rig.read('storefront').has(1)).toEqual([task]);
    });
  });

  /** Keys, values and headers as they lie in the topic, once there are as many. */
  async function everyMessage(count: number): Promise<{ key: string; value: string; headers: string }[]> {
    const consumer = connectKafka({ brokers: rig.brokers }).consumer({ groupId: `${rig.topic.topic}.spec` });
    const found: { key: string; value: string; headers: string }[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: rig.topic.topic, fromBeginning: true });
    await new Promise<void>((resolve) => {
      void consumer.run({
        eachMessage: ({ message: { key, value, headers } }) => {
          found.push({
            key: String(key),
            value: String(value),
            headers: Object.entries(headers ?? {})
              .map(String)
              .join(),
          });
          if (found.length === count) resolve();
          return Promise.resolve();
        },
      });
    });
    await consumer.disconnect();
    return found;
  }
});

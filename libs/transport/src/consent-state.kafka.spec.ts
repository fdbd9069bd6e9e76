import { describeKafka, startOwnKafka, testKafka, type OwnKafka } from '@attesta/testing';
import { StateRig } from './consent-state-rig.js';
import { stateMark, stateMessage } from './consent-state-message.js';
import { connectKafka } from './kafka-client.js';
import { partitionOf } from './partition.js';

await describeKafka('consent state over a compacted topic', () => {
  let rig: StateRig;

  const people = (from: number, upto: number, state = (n: number): number | null => n) =>
    Object.fromEntries(Array.from({ length: upto - from }, (_, i) => [`p-${String(from + i).padStart(5, '0')}`, state(from + i)]));
  /** What the table says, in the form a reader has it. */
  async function truth(): Promise<Record<string, number | null>> {
    const { rows } = await rig.db.pool.query<{ key: string; n: string | null }>(
      `select key, state->'refs'->>0 as n from consent_state order by key collate "C"`,
    );
    return Object.fromEntries(rows.map(({ key, n }) => [key, n === null ? null : Number(n)]));
  }

  describe('on a broker that stays', () => {
    beforeEach(async () => (rig = await StateRig.create((await testKafka())!.brokers)));
    afterEach(() => rig.close());

    it('a reader gets what there was, then what changes, and says up to where it knows all of it', async () => {
      const first = await rig.write(people(0, 2_500));
      const reader = rig.read();
      expect(await reader.reaches(first)).toEqual(await truth());
      const last = await rig.write({ 'p-00007': null, 'p-00008': 80, 'q-1': 1 });
      expect(await reader.reaches(last)).toEqual(await truth());
      expect(reader.known()).toMatchObject({ 'p-00007': null, 'p-00008': 80, 'q-1': 1 });
      expect(reader.readAgain).toBe(0);
    });

    it('a reader that was led past changes reads again, and once only', async () => {
      const reader = rig.read();
      const last = await rig.write({ a: 1 });
      await reader.reaches(last);
      await rig.relay.stop();
      const producer = connectKafka({ brokers: rig.brokers }).producer();
      await producer.connect();
      const partition = partitionOf('a', rig.topic.partitions);
      const messages = [stateMessage({ key: 'a', changed: last + 9, state: null }, partition, last + 8)];
      await producer.send({ topic: rig.topic.topic, messages });
      await reader.until(() => reader.readAgain > 0 && reader.known().a === null);
      const before = reader.currents.length;
      await producer.send({ topic: rig.topic.topic, messages: [stateMark(partition, last + 10, last + 9, Date.now())] });
      await reader.until(() => reader.currents.length > before);
      await producer.disconnect();
      expect(reader.readAgain).toBe(1);
    });

    it('states that change while it runs arrive, and no number is said to be known before its change is', async () => {
      const reader = rig.read();
      let last = 0;
      for (let round = 0; round < 60; round++) last = await rig.write(people(0, 40, (n) => (n + round) % 7 || null));
      expect(await reader.reaches(last)).toEqual(await truth());
      for (const { changed, told } of reader.currents) {
        const numbers = reader.told.slice(told).map((change) => change.changed);
        expect(Math.min(...numbers, Infinity)).toBeGreaterThan(changed);
      }
    });

    it('the relay begins again where it was, and a later reader finds the newest of each key', async () => {
      for (let round = 0; round < 5; round++) await rig.relay.caughtUp(await rig.write(people(0, 100, (n) => n + round)));
      await rig.relay.stop();
      const last = await rig.write({ 'p-00001': null, 'p-00002': 22 });
      rig.startRelay();
      const reader = rig.read();
      expect(await reader.reaches(last)).toEqual(await truth());
    });

    it('the topic is compacted, and what is null is a tombstone for it', async () => {
      const last = await rig.write({ gone: null, here: 1 });
      await rig.relay.caughtUp(last);
      const [described] = await rig.admin(async (admin) => {
        const { resources } = await admin.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: 2, name: rig.topic.topic, configNames: ['cleanup.policy'] }],
        });
        return resources;
      });
      expect(described?.configEntries[0]?.configValue).toBe('compact');
      const values = new Map<string, Buffer | null>();
      const consumer = connectKafka({ brokers: rig.brokers }).consumer({ groupId: `${rig.topic.topic}.spec` });
      await consumer.connect();
      await consumer.subscribe({ topic: rig.topic.topic, fromBeginning: true });
      const both = new Promise<void>((resolve) => {
        void consumer.run({
          eachMessage: async ({ message }) => {
            values.set(String(message.key), message.value);
            if (values.has('gone') && values.has('here')) resolve();
          },
        });
      });
      await both;
      await consumer.disconnect();
      expect(values.get('gone')).toBeNull();
      expect(JSON.parse(String(values.get('here')))).toMatchObject({ changed: last, state: { refs: ['1'] } });
    });

    it('a topic that was deleted is filled again, and neither an old reader nor a new one misses what changed meanwhile', async () => {
      const reader = rig.read();
      await reader.reaches(await rig.write(people(0, 300)));
      await rig.deleteTopic();
      const last = await rig.write(people(100, 200, (n) => (n % 2 ? null : n * 10)));
      expect(await reader.reaches(last)).toEqual(await truth());
      expect(await rig.read().reaches(last)).toEqual(await truth());
    });

    it('a topic made anew that is as long as the old one was is read again', async () => {
      const reader = rig.read();
      // Many versions of one key and few of the others: the new topic is shorter, and then grows beyond where the reader was.
      for (let n = 1; n <= 30; n++) await rig.relay.caughtUp(await rig.write({ one: n }));
      await reader.reaches(await rig.write({ one: 31 }));
      await rig.relay.stop();
      await rig.deleteTopic();
      await rig.write(people(0, 200));
      const last = await rig.write({ one: 32 });
      rig.startRelay();
      expect(await reader.reaches(last)).toEqual(await truth());
    });

    it('knowledge grows old while the relay is away, though the broker is there', async () => {
      const reader = rig.read();
      await reader.reaches(await rig.write({ a: 1 }));
      const lively = reader.currents.at(-1)!.asOf;
      await reader.until(() => reader.currents.at(-1)!.asOf > lively);
      await rig.relay.stop();
      const stopped = Date.now();
      const late = rig.read();
      await late.until(() => late.currents.length > 0);
      expect(late.known()).toEqual({ a: 1 });
      for (const { asOf } of [...reader.currents, ...late.currents]) expect(asOf).toBeLessThanOrEqual(stopped);
    });
  });

  describe('with a broker that dies', () => {
    let broker: OwnKafka;

    beforeEach(async () => {
      broker = await startOwnKafka();
      rig = await StateRig.create(broker.brokers);
    });
    afterEach(async () => {
      await rig.close();
      await broker.kill();
    });

    it('a reader goes on when the broker was killed, and when all of its data is gone', async () => {
      const reader = rig.read();
      await reader.reaches(await rig.write(people(0, 100)));
      await broker.kill();
      await rig.write(people(50, 120, (n) => n + 1));
      broker = await startOwnKafka(broker.port, broker.dataDir);
      expect(await reader.reaches(await rig.write({ 'p-00001': null }))).toEqual(await truth());
      await broker.kill();
      await broker.wipe();
      broker = await startOwnKafka(broker.port, broker.dataDir);
      const last = await rig.write({ 'p-00002': null, 'p-00001': 5 });
      expect(await reader.reaches(last)).toEqual(await truth());
    }, 180_000);
  });
});

import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceLog, serviceLogAppend, serviceLogTables } from '@attesta/event-log';
import type { CloudEvent } from '@attesta/events';
import { describeKafka, testDatabase, testKafka, type TestDatabase } from '@attesta/testing';
import { IntakeMac, IntakeMacSigner } from '@attesta/vault';
import type { Kafka } from 'kafkajs';
import { feedTables, relayTables } from './feed-tables.js';
import { connectKafka } from './kafka-client.js';
import type { IntakeSigner } from './intake-mac.js';
import { KafkaIntakeConsumer, type IntakeMessage, type KafkaIntakeOptions } from './kafka-intake-consumer.js';
import { KafkaPublisher } from './kafka-publisher.js';
import { OutboxRelay } from './outbox-relay.js';
import { appendDecisions } from './outbox-rig.js';
import { ensureTopics, topicPlans, type TopicPlan } from './topics.js';

await describeKafka('intake over Kafka', () => {
  let db: TestDatabase;
  let kafka: Kafka;
  let topic: TopicPlan;
  let publisher: KafkaPublisher;
  let consumers: KafkaIntakeConsumer[];

  beforeEach(async () => {
    kafka = connectKafka({ brokers: (await testKafka())!.brokers });
    topic = { ...topicPlans(2).intake, topic: `test.intake.${randomBytes(5).toString('hex')}` };
    await ensureTopics(kafka, [topic]);
    db = await testDatabase();
    await db.pool.query(`${feedTables}${relayTables}${serviceLogTables}${serviceLogAppend}`);
    publisher = new KafkaPublisher(kafka, topic.topic);
    consumers = [];
  });

  afterEach(async () => {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await publisher.close();
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic.topic] }).catch(() => undefined);
    await admin.disconnect();
    await db.drop();
  });

  const event = (n: number): CloudEvent => ({
    specversion: '1.0',
    id: randomUUID(),
    source: '/shop',
    type: 'attesta.use.recorded.v1',
    time: '2026-01-02T03:04:05Z',
    subject: `ref1.${'abcdefg'[n % 7]!.repeat(43)}`,
    data: { n },
  });
  const events = (n: number) => Array.from({ length: n }, (_, i) => event(i));

  function consume(before: (messages: IntakeMessage[]) => Promise<void> = () => Promise.resolve(), mac?: KafkaIntakeOptions['mac']) {
    const got: IntakeMessage[] = [];
    const consumer = new KafkaIntakeConsumer({
      kafka: connectKafka({ brokers: brokersOf() }),
      pool: db.pool,
      topic: topic.topic,
      group: topic.topic,
      ...(mac && { mac }),
      handle: async (messages) => {
        await before(messages);
        got.push(...messages);
      },
    });
    consumers.push(consumer);
    consumer.start();
    return got;
  }

  let brokers: string[] = [];
  beforeAll(async () => {
    brokers = (await testKafka())!.brokers;
  });
  const brokersOf = () => brokers;

  const until = async (condition: () => boolean) => {
    while (!condition()) await delay(10);
  };
  const idsOf = (messages: IntakeMessage[]) => messages.map((message) => (message.ok ? (message.event as CloudEvent).id : undefined));

  it('hands over what was published, in the order of its subject, and does not forget where it was', async () => {
    const first = events(50);
    await publisher.publish(first);
    const got = consume();
    await until(() => got.length >= 50);
    await consumers[0]!.stop();
    const second = events(20);
    await publisher.publish(second);
    const more = consume();
    await until(() => more.length >= 20);
    expect(idsOf(got).sort()).toEqual(first.map((e) => e.id).sort());
    expect(idsOf(more).sort()).toEqual(second.map((e) => e.id).sort());
    const numbers = got.map((message) => (message.ok ? ((message.event as CloudEvent).data.n as number) : -1)).filter((n) => n % 7 === 2);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  it('tells what is wrong with a message, and nothing stalls behind it', async () => {
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({
      topic: topic.topic,
      messages: [
        { value: 'no headers', partition: 0 },
        { value: null, key: 'x', partition: 0 },
        { value: Buffer.from([0xff, 0xfe]), headers: { ce_specversion: '1.0', ce_id: 'bad-1', ce_source: '/x' }, partition: 0 },
        { value: '{}', headers: { ce_id: Buffer.from([0xff]) }, partition: 0 },
        { value: Buffer.alloc(500_000, 0x20), headers: { ce_id: 'large' }, partition: 0 },
      ],
    });
    await producer.send({ topic: topic.topic, compression: 1, messages: [{ value: '{}', headers: { ce_id: 'zipped' }, partition: 0 }] });
    await producer.disconnect();
    const got = consume();
    await until(() => got.length >= 6);
    expect(got.map((message) => (message.ok ? 'ok' : message.problems[0]!.code))).toEqual([
      'missing-headers',
      'no-data',
      'invalid-utf-8',
      'invalid-utf-8',
      'event-too-large',
      'ok',
    ]);
    expect(got[2]).toMatchObject({ id: 'bad-1', source: '/x', offset: '2' });
  });

  it('brings the same messages again until they are taken', async () => {
    let failures = 3;
    const published = events(10);
    await publisher.publish(published);
    const got = consume(() => (failures-- > 0 ? Promise.reject(new Error('the database is away')) : Promise.resolve()));
    await until(() => got.length >= 10);
    expect(idsOf(got).sort()).toEqual(published.map((e) => e.id).sort());
  });

  it('is not brought back to the front by messages that take longer than an idle partition is left alone', async () => {
    let slow = false;
    const got = consume(() => delay(slow ? 4_500 : 0));
    const all = events(42);
    await publisher.publish(all.slice(0, 14));
    await until(() => got.length >= 14);
    slow = true;
    await publisher.publish(all.slice(14, 28));
    await until(() => got.length >= 28);
    slow = false;
    await publisher.publish(all.slice(28));
    const ids = () => new Set(idsOf(got));
    await until(() => ids().size === 42);
    expect(got).toHaveLength(42);
  });

  it('starts from the front when the topic was made anew, even if it is as long as before', async () => {
    const got = consume();
    const all = events(12);
    await publisher.publish(all);
    await until(() => got.length >= 12);
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic.topic] });
    while ((await admin.listTopics()).includes(topic.topic)) await delay(20);
    await admin.disconnect();
    await ensureTopics(kafka, [topic]);
    const others = all.map((one) => ({ ...one, id: randomUUID() }));
    for (let sent = false; !sent;) {
      sent = await publisher.publish(others).then(
        () => true,
        () => delay(50, false),
      );
    }
    await until(() => new Set(idsOf(got)).size >= 24);
    expect(new Set(idsOf(got))).toEqual(new Set([...all, ...others].map((e) => e.id)));
  });

  it('carries the log of a service to the ledger, signed once its keys can be had', async () => {
    const secrets = new IntakeMac([IntakeMac.generate()]);
    const got = consume(undefined, { secrets, mode: 'required' });
    const keys = new IntakeMacSigner(secrets.keysFor(['/attesta']));
    let refusals = 2;
    const signer: IntakeSigner = {
      ready: () => (refusals-- > 0 ? Promise.reject(new Error('the ledger is away')) : Promise.resolve()),
      sign: (source, record) => keys.sign(source, record)!,
    };
    const log = new ServiceLog(db.pool);
    const relay = new OutboxRelay({ log, source: '/attesta/consent', kafka, topic, signer, pool: db.pool });
    relay.start();
    const ids = await appendDecisions(db.pool, log, 30);
    await relay.caughtUp(29);
    await until(() => got.length >= 30);
    await relay.stop();
    expect(idsOf(got)).toEqual(ids);
    expect(got[0]).toMatchObject({ ok: true, event: { source: '/attesta/consent', data: { n: 0 } } });
  });
});

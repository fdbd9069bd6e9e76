import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { AttestaClient } from '@attesta/sdk';
import { fetchIntakeKey, kafkaIntake } from '@attesta/sdk/kafka';
import { describeKafka } from '@attesta/testing';
import { INTAKE_TOPIC, KafkaPublisher, SEALED_TOPIC } from '@attesta/transport';
import { collected } from './clauses/drafts.js';
import { dumpTopics } from './clauses/dumps.js';
import { ObservedSystem } from './observed-system-rig.js';
import type { CollectedSpan } from './span-collector-rig.js';

const SOURCE = '//storefront.m-med.example';

await describeKafka('one trace of an event', () => {
  let observed: ObservedSystem;
  beforeAll(async () => {
    observed = await ObservedSystem.start();
  }, 240_000);
  afterAll(() => observed?.stop(), 60_000);

  const newTrace = () => {
    const id = randomBytes(16).toString('hex');
    return { id, traceparent: `00-${id}-${randomBytes(8).toString('hex')}-01` };
  };
  const event = (id: string) =>
    new AttestaClient({ source: SOURCE, transport: { publish: () => Promise.resolve([]) } }).event(collected('account|c-1', {}, { id }));
  const spanOf = (traceId: string, service: string, name: string): Promise<CollectedSpan> =>
    observed.eventually(`a span "${name}" of ${service} in the trace`, () =>
      observed.collector.spans.find((span) => span.traceId === traceId && span.service === service && span.name === name),
    );
  const inSealedTopic = async (text: string): Promise<string> => {
    for await (const piece of dumpTopics(observed.kafka, [SEALED_TOPIC])) if (piece.text.includes(text)) return piece.text;
    return '';
  };

  it('goes from the publisher through HTTP, the ledger and Kafka into the registers', async () => {
    const { id, traceparent } = newTrace();
    const headers = { 'content-type': 'application/cloudevents+json', traceparent };
    const { status, body } = await observed.ask<{ position: number }>('publisher', 'POST', '/v1/events', event('over-http'), headers);
    expect(status).toBe(201);
    await observed.registered(body.position);

    const request = await spanOf(id, 'attesta-ledger', 'POST /v1/events');
    expect(request.parentSpanId).toBe(traceparent.split('-')[2]);
    await spanOf(id, 'attesta-ledger', `send ${SEALED_TOPIC}`);
    await spanOf(id, 'attesta-audit', `process ${SEALED_TOPIC}`);
    expect(await inSealedTopic('over-http')).toContain(`traceparent: 00-${id}-`);
  }, 120_000);

  it('goes from the publisher through Kafka, the ledger and Kafka again into the registers', async () => {
    const { id, traceparent } = newTrace();
    const publisher = new KafkaPublisher(observed.kafka);
    const pepper = Buffer.from(await fs.readFile(path.join(observed.home, 'keys/pepper'), 'utf8'), 'base64');
    const intakeKey = await fetchIntakeKey(observed.system.url, { token: await observed.system.issuer.issueToken('publisher') });
    await kafkaIntake({ publisher, pepper, intakeKey }).publish([{ ...event('over-kafka'), traceparent }]);
    await publisher.close();

    await spanOf(id, 'attesta-ledger', `process ${INTAKE_TOPIC}`);
    await spanOf(id, 'attesta-ledger', `send ${SEALED_TOPIC}`);
    await spanOf(id, 'attesta-audit', `process ${SEALED_TOPIC}`);
    expect(await inSealedTopic('over-kafka')).toContain(`traceparent: 00-${id}-`);
  }, 120_000);
});

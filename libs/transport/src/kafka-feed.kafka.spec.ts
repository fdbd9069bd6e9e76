import { describeKafka, testKafka } from '@attesta/testing';
import { feedConformance } from './feed-conformance.js';
import { KafkaRig } from './kafka-rig.js';

await describeKafka('the sealed feed over Kafka', () => {
  feedConformance(async (log) => new KafkaRig(log, (await testKafka())!.brokers));
});

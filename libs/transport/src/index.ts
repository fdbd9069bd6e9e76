export * from './feed.js';
export * from './intake.js';
export { feedTables, relayTables } from './feed-tables.js';
export { Fenced, Gap, Stopped, type FeedBatch } from './feed-batch.js';
export { FeedConsumer } from './feed-consumer.js';
export { hold, succeed } from './feed-succession.js';
export { keyOf, partitionOf } from './partition.js';
export { StoredSealedEvent } from './sealed-event.js';
export { PostgresFeed } from './postgres-feed.js';
export {
  restoreFromLog,
  sayUnsaid,
  WithholdingLog,
  type Restored,
  type RestoreOptions,
  type Restoring,
  type Withheld,
} from './restoring.js';
export { digestOfState, type DerivedState } from './state-digest.js';
export { KafkaFeed, type KafkaFeedOptions } from './kafka-feed.js';
export type { Refill } from './kafka-partition.js';
export { connectKafka, type KafkaSettings } from './kafka-client.js';
export {
  compareTopics,
  CONSENT_STATE_TOPIC,
  ensureTopics,
  INTAKE_TOPIC,
  REJECTED_TOPIC,
  SEALED_TOPIC,
  TASKS_TOPIC,
  topicPlans,
  type TopicDifference,
  type TopicPlan,
} from './topics.js';
export { BATCH, decodeHttp, STRUCTURED, type HttpEventRequest, type HttpEvents, type HttpLimits } from './cloud-events-http.js';
export {
  authenticatedAttributes,
  decodeKafka,
  encodeKafka,
  LARGEST_KAFKA_EVENT,
  type KafkaEventMessage,
  type KafkaRecord,
} from './cloud-events-kafka.js';
export { authenticated, MAC_HEADER, type IntakeSigner, type MacMode } from './intake-mac.js';
export { Relay, type RelayLog, type RelayOptions } from './relay.js';
export { readSealedMessage, type SealedMessage } from './sealed-message.js';
export { SealedRelay, type SealedRelayOptions } from './sealed-relay.js';
export { OutboxRelay, toCloudEvent, type OutboxRelayOptions } from './outbox-relay.js';
export { IntakeRelay, type IntakeRelayOptions } from './intake-relay.js';
export { KafkaIntakeConsumer, type IntakeHandler, type IntakeMessage, type KafkaIntakeOptions } from './kafka-intake-consumer.js';
export { KafkaPublisher } from './kafka-publisher.js';
export {
  AttestaServer,
  KeepError,
  OnSealed,
  OnSealedBatch,
  SealedBatchContext,
  SealedEventContext,
  type AttestaServerOptions,
} from './attesta-server.js';
export { isTransient, retriedTransaction, transaction } from './transaction.js';
export { ConsentStateRelay, type ConsentStateRelayOptions, type StateSource } from './consent-state-relay.js';
export { kafkaStateFeed, type KafkaStateFeedOptions, type StateListener } from './kafka-state-feed.js';
export { TaskRelay, type NumberedTask, type TaskRelayOptions, type TaskSource } from './task-relay.js';
export type { TaskNotice } from './task-message.js';
export { kafkaTasks, type KafkaTasksOptions, type TaskListener } from './kafka-tasks.js';
export { RejectedRelay, type RejectedEvent, type RejectedRelayOptions } from './rejected-relay.js';
export type { Kafka } from 'kafkajs';

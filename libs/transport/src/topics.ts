import type { Admin, Kafka } from 'kafkajs';
import { backoff, pause } from './pace.js';

export const INTAKE_TOPIC = 'attesta.intake.v1';
export const SEALED_TOPIC = 'attesta.sealed.v1';
export const REJECTED_TOPIC = 'attesta.rejected.v1';
export const CONSENT_STATE_TOPIC = 'attesta.consent-state.v1';
export const TASKS_TOPIC = 'attesta.tasks.v1';

export interface TopicPlan {
  topic: string;
  partitions: number;
  /** Default: as the cluster's `default.replication.factor` says. */
  replicas?: number;
  config: Record<string, string>;
}

/** What Kafka's protocol says for the cluster's `default.replication.factor`. */
const CLUSTERS_OWN = -1;
const DAYS = 24 * 60 * 60 * 1_000;

/**
 * Our topics. The sealed topic keeps everything (and could be refilled from the log). Intake stores uncompressed, which makes the broker unpack what
 * producers pack with codecs that this client does not have (zstd, lz4, snappy). Consent state alone is compacted: the newest of each key counts. What
 * was replaced or forgotten is gone from it within a day or so, and tombstones stay long enough for a reader that was away over a week-end. Tasks are
 * news: who comes too late for them lists over HTTP what is open.
 * @param replicas without it the cluster's own defaults hold, for `min.insync.replicas` too
 */
export const topicPlans = (
  partitions = 6,
  replicas?: number,
): Record<'intake' | 'sealed' | 'rejected' | 'consentState' | 'tasks', TopicPlan> => {
  const common = { 'cleanup.policy': 'delete', ...((replicas ?? 0) > 2 ? { 'min.insync.replicas': '2' } : {}) };
  const copies = replicas === undefined ? {} : { replicas };
  return {
    intake: {
      topic: INTAKE_TOPIC,
      partitions,
      ...copies,
      config: { ...common, 'retention.ms': String(7 * DAYS), 'compression.type': 'uncompressed', 'max.message.bytes': '1048588' },
    },
    sealed: { topic: SEALED_TOPIC, partitions, ...copies, config: { ...common, 'retention.ms': '-1', 'retention.bytes': '-1' } },
    consentState: {
      topic: CONSENT_STATE_TOPIC,
      partitions,
      ...copies,
      config: {
        ...common,
        'cleanup.policy': 'compact',
        'min.cleanable.dirty.ratio': '0.1',
        'delete.retention.ms': String(7 * DAYS),
        // Compaction leaves the newest segment alone: without new ones nothing would ever be forgotten.
        'segment.ms': String(DAYS / 24),
        'max.compaction.lag.ms': String(DAYS),
        'max.message.bytes': String(10 << 20),
      },
    },
    rejected: { topic: REJECTED_TOPIC, partitions: 1, ...copies, config: { ...common, 'retention.ms': String(30 * DAYS) } },
    tasks: { topic: TASKS_TOPIC, partitions, ...copies, config: { ...common, 'retention.ms': String(7 * DAYS) } },
  };
};

/** A broker that is busy says of a topic it has just made that it does not have it. */
const MOST_TRIES = 5;

/** Creates the topics that are missing; leaves the others as they are. Safe to run by several processes at once. */
export async function ensureTopics(kafka: Kafka, plans: TopicPlan[]): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    for (let tries = 1; ; tries++) {
      try {
        await createMissing(admin, plans);
        return;
      } catch (error) {
        if (tries === MOST_TRIES) throw error;
        await pause(backoff(tries + 3, 1_000));
      }
    }
  } finally {
    await admin.disconnect();
  }
}

/** As ensureTopics, over an admin client that is connected already. Returns the names that it created. */
export async function createMissing(admin: Admin, plans: TopicPlan[]): Promise<string[]> {
  const there = new Set(await admin.listTopics());
  const missing = plans.filter((plan) => !there.has(plan.topic));
  if (!missing.length) return [];
  await admin.createTopics({
    waitForLeaders: true,
    topics: missing.map(({ topic, partitions, replicas = CLUSTERS_OWN, config }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: replicas,
      configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
    })),
  });
  return missing.map((plan) => plan.topic);
}

/** What of a topic is not as planned, and what an operator does about it. */
export interface TopicDifference {
  topic: string;
  message: string;
  fix: string;
}

/** Settings whose loss loses messages, or keeps them for ever; others are the operator's own. */
const WATCHED = ['cleanup.policy', 'retention.ms', 'min.insync.replicas'] as const;
/** `ConfigResourceTypes.TOPIC` of kafkajs. */
const TOPIC = 2;

/** Compares topics with the plans; those with more replicas than planned are as good. Changes nothing. */
export async function compareTopics(kafka: Kafka, plans: readonly TopicPlan[]): Promise<TopicDifference[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const there = new Set(await admin.listTopics());
    const differences = plans
      .filter(({ topic }) => !there.has(topic))
      .map(({ topic }) => ({ topic, message: 'is not there', fix: 'Start the ledger: it creates the topics that are missing.' }));
    const present = plans.filter(({ topic }) => there.has(topic));
    if (present.length === 0) return differences;
    const { topics } = await admin.fetchTopicMetadata({ topics: present.map(({ topic }) => topic) });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: present.map(({ topic }) => ({ type: TOPIC, name: topic, configNames: [...WATCHED] })),
    });
    for (const { topic, partitions, config } of present) {
      const found = topics.find(({ name }) => name === topic)?.partitions ?? [];
      const differs = (message: string, fix: string) => differences.push({ topic, message, fix });
      if (found.length !== partitions) {
        const fix = 'A change breaks the order per subject: delete the topic, and it is created and filled again.';
        differs(`has ${found.length} partitions and not ${partitions}`, fix);
      }
      const behind = found.filter(({ isr, replicas }) => isr.length < replicas.length).length;
      if (behind > 0) differs(`${behind} partitions have replicas that are not in sync`, 'Look at the brokers.');
      const replicas = Math.min(...found.map((partition) => partition.replicas.length));
      const wanted: Record<string, string> = { ...config, ...(replicas > 2 ? { 'min.insync.replicas': '2' } : {}) };
      const entries = resources.find(({ resourceName }) => resourceName === topic)?.configEntries ?? [];
      for (const name of WATCHED) {
        const value = entries.find(({ configName }) => configName === name)?.configValue;
        if (wanted[name] !== undefined && value !== undefined && value !== wanted[name])
          differs(
            `${name} is ${value} and not ${wanted[name]}`,
            `kafka-configs.sh --alter --topic ${topic} --add-config ${name}=${wanted[name]}`,
          );
      }
    }
    return differences;
  } finally {
    await admin.disconnect();
  }
}

export interface Watermarks {
  low: bigint;
  /** Offset the next message gets. */
  high: bigint;
}

/** First and next offset of each partition, in order; undefined when the topic does not exist. Never creates it. */
export async function watermarks(admin: Admin, topic: string): Promise<Watermarks[] | undefined> {
  if (!(await admin.listTopics()).includes(topic)) return undefined;
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets.sort((a, b) => a.partition - b.partition).map(({ low, high }) => ({ low: BigInt(low), high: BigInt(high) }));
}

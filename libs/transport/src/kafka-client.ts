import { Kafka, logLevel, Partitioners, type KafkaConfig, type Producer, type SASLOptions } from 'kafkajs';
import { quickenKafkajs } from './kafkajs-records.js';

export interface KafkaSettings {
  brokers: string[];
  clientId?: string;
  /** TLS with the system's authorities, or with these PEM texts. */
  tls?: boolean | { ca?: string; cert?: string; key?: string };
  sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string };
  /** Warnings and errors of the client; silent without. Fields never hold message contents. */
  log?: (level: 'warn' | 'error', message: string, fields: Record<string, unknown>) => void;
}

/** Settings from KAFKA_BROKERS (comma separated), KAFKA_TLS=true, KAFKA_TLS_CA|CERT|KEY (PEM), KAFKA_SASL_MECHANISM|USERNAME|PASSWORD. */
export function kafkaSettings(env: Readonly<Record<string, string | undefined>>): KafkaSettings {
  const brokers = (env.KAFKA_BROKERS ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter(Boolean);
  if (!brokers.length) throw new Error('KAFKA_BROKERS is empty: give it host:port of one or more brokers, separated by commas.');
  const own = env.KAFKA_TLS_CA || env.KAFKA_TLS_CERT || env.KAFKA_TLS_KEY;
  const settings: KafkaSettings = { brokers };
  if (own) settings.tls = { ca: env.KAFKA_TLS_CA, cert: env.KAFKA_TLS_CERT, key: env.KAFKA_TLS_KEY };
  else if (env.KAFKA_TLS === 'true') settings.tls = true;
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = env;
  if (mechanism !== undefined && mechanism !== '') {
    if (mechanism !== 'plain' && mechanism !== 'scram-sha-256' && mechanism !== 'scram-sha-512') {
      throw new Error('KAFKA_SASL_MECHANISM is none of plain, scram-sha-256, scram-sha-512.');
    }
    if (!username || !password) throw new Error('KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.');
    settings.sasl = { mechanism, username, password };
  }
  return settings;
}

let quickened: boolean | undefined;

/**
 * A client of the cluster. Members of the same consumer group within one process need a client each: kafkajs keeps a group's offsets per client.
 */
export function connectKafka({ brokers, clientId = 'attesta', tls, sasl, log }: KafkaSettings): Kafka {
  quickened ??= quickenKafkajs();
  const config: KafkaConfig = {
    brokers,
    clientId,
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, retries: 6, maxRetryTime: 2_000 },
    logLevel: log ? logLevel.WARN : logLevel.NOTHING,
    logCreator:
      () =>
      ({ level, log: entry }) => {
        const { message, timestamp: _timestamp, logger: _logger, ...fields } = entry;
        log?.(level === logLevel.ERROR ? 'error' : 'warn', message, fields);
      },
  };
  if (tls) config.ssl = tls;
  if (sasl) config.sasl = sasl as SASLOptions;
  return new Kafka(config);
}

/**
 * A producer for one relay or publisher. Not kafkajs' idempotent one (it loses its sequence under concurrency): consumers drop duplicates by
 * position or event id instead. Never creates topics by accident.
 */
export const orderedProducer = (kafka: Kafka): Producer =>
  kafka.producer({
    allowAutoTopicCreation: false,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
    // Whoever sends tries again by itself, and looks first whether the topic is still there.
    retry: { initialRetryTime: 50, retries: 3, maxRetryTime: 500 },
    metadataMaxAge: 60_000,
  });

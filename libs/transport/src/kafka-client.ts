import { Kafka, logLevel, type KafkaConfig, type SASLOptions } from 'kafkajs';
import { quickenKafkajs } from './kafkajs-records.js';

export interface KafkaSettings {
  brokers: string[];
  clientId?: string;
  /** TLS with the system's authorities, or with these PEM texts. */
  tls?: boolean | { ca?: string | undefined; cert?: string | undefined; key?: string | undefined };
  sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string };
  /** Warnings and errors of the client; silent without. Fields never hold message contents. */
  log?: (level: 'warn' | 'error', message: string, fields: Record<string, unknown>) => void;
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

import { AuditConfig } from '@attesta/audit/configuration';
import { ConsentConfig } from '@attesta/consent/configuration';
import { ConsoleConfig } from '@attesta/console/configuration';
import { LedgerConfig } from '@attesta/ledger/configuration';
import { RequestsConfig } from '@attesta/requests/configuration';
import { NotificationConfig } from '@attesta/notification/configuration';
import { RetentionConfig } from '@attesta/retention/configuration';
import {
  AuthConfig,
  configProblems,
  EmbeddedConfig,
  HttpConfig,
  KeyProviderConfig,
  loadConfig,
  LogConfig,
  MetricsConfig,
  OptionalKafkaConfig,
  OutgoingMailConfig,
  TelemetryConfig,
  type Environment,
} from '@attesta/service-kit/configuration';
import { WitnessConfig } from '@attesta/witness/configuration';
import { ok, problem, type Finding } from './finding.js';

const ALL = [
  HttpConfig,
  AuthConfig,
  LogConfig,
  TelemetryConfig,
  MetricsConfig,
  OptionalKafkaConfig,
  KeyProviderConfig,
  LedgerConfig,
  AuditConfig,
  ConsentConfig,
  RequestsConfig,
  RetentionConfig,
  NotificationConfig,
  ConsoleConfig,
  WitnessConfig,
  EmbeddedConfig,
];

/** Variables as the processes read them. Which must be set differs between them, so that one is missing is not held against this shell. */
export function checkEnvironment(env: Environment): Finding {
  const wrong = configProblems(ALL, env).filter(({ missing }) => !missing);
  if (wrong.length === 0) return ok('environment', 'nothing wrong in the variables set here');
  const detail = wrong.map(({ variable, message }) => `${variable} ${message}`).join('; ');
  return problem('environment', detail, 'docs/configuration.md tells what each is.');
}

/** Of variables that are right; what is wrong with them is the environment's finding. */
export function kafkaOf(env: Environment): { brokers: string[]; access: () => ReturnType<OptionalKafkaConfig['access']> } {
  if (configProblems([OptionalKafkaConfig], env).length > 0) return { brokers: [], access: () => ({ tls: false }) };
  const config = loadConfig(OptionalKafkaConfig, env);
  return { brokers: config.brokers ?? [], access: () => config.access() };
}

/** Where mail is sent; undefined where it goes into files, or the variable is wrong. */
export function smtpOf(env: Environment): string | undefined {
  return configProblems([OutgoingMailConfig], env).length > 0 ? undefined : loadConfig(OutgoingMailConfig, env).smtpUrl;
}

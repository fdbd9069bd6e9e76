import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AuditConfig } from '@attesta/audit/configuration';
import { ConsentConfig } from '@attesta/consent/configuration';
import { ConsoleConfig } from '@attesta/console/configuration';
import { LedgerConfig } from '@attesta/ledger/configuration';
import { NotificationConfig } from '@attesta/notification/configuration';
import { RequestsConfig } from '@attesta/requests/configuration';
import { RetentionConfig } from '@attesta/retention/configuration';
import { AuthConfig, HttpConfig, KafkaConfig, LogConfig, OptionalKafkaConfig } from '@attesta/service-kit';
import { renderChart } from '@attesta/testing';
import { parse, parseAllDocuments } from 'yaml';

const ROOT = new URL('../../../', import.meta.url);
export const inRepository = (file: string): string => fileURLToPath(new URL(file, ROOT));
export const read = (file: string): string => fs.readFileSync(inRepository(file), 'utf8');
export const readYaml = (file: string): unknown => parse(read(file));

/** What a process reads, as its main.ts has it. */
const EVERY = [HttpConfig, AuthConfig, LogConfig];
export const CONFIGURATION = {
  ledger: [...EVERY, LedgerConfig, OptionalKafkaConfig],
  audit: [...EVERY, AuditConfig, KafkaConfig],
  consent: [...EVERY, ConsentConfig, KafkaConfig],
  requests: [...EVERY, RequestsConfig, KafkaConfig],
  retention: [...EVERY, RetentionConfig, KafkaConfig],
  notification: [...EVERY, NotificationConfig, KafkaConfig],
  console: [...EVERY, ConsoleConfig],
} as const;
export type Deployed = keyof typeof CONFIGURATION;
export const DEPLOYED = Object.keys(CONFIGURATION) as Deployed[];

/** files/services.yaml of the chart. */
export interface Facts {
  databases: string[];
  kafka: boolean;
  calls: Record<string, Deployed>;
  routes: string[];
}
export const FACTS = readYaml('deploy/helm/attesta/files/services.yaml') as Record<Deployed, Facts>;

/** Routes of the reverse proxy of docker compose by service, as regular expressions without their ^. */
export function ingressRoutes(): Record<string, string[]> {
  const routes: Record<string, string[]> = {};
  for (const [, route, service] of read('deploy/ingress.conf').matchAll(/location (?:~ \^)?(\S+) \{ proxy_pass http:\/\/(\w+); \}/g)) {
    if (service !== 'issuer') (routes[service!] ??= []).push(route!);
  }
  return routes;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- text of many kinds; a wrong guess of its form fails the expectation
export type Unread = any;

/** As Kubernetes has them; what a spec looks at. */
export interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: Unread;
}

/** @throws Error with what Helm says */
export const render = (chart: string, values: object = {}): Resource[] =>
  parseAllDocuments(renderChart(inRepository(`deploy/helm/${chart}`), values))
    .map((document) => document.toJS() as Resource | null)
    .filter((resource) => resource !== null);

/** Everything that can be switched on. */
export const ALL_ON = {
  attesta: {
    secrets: { externalSecrets: { enabled: true, store: { name: 'vault' } } },
    policy: { configMap: 'notice' },
    kafka: { sasl: { mechanism: 'scram-sha-512' } },
    services: {
      requests: { smtp: { enabled: true, peers: ['10.1.2.3', '10.2.0.0/16'] }, env: { MAIL_ADDRESSES: 'dpo@example.com' } },
      notification: { smtp: { enabled: true, peers: ['10.1.2.3'] } },
      ledger: { volume: { existingClaim: 'keys' } },
    },
    autoscaling: { keda: { enabled: true, prometheusUrl: 'http://prometheus:9090' } },
    ingress: { enabled: true },
    metrics: { serviceMonitor: { enabled: true } },
    telemetry: { endpoint: 'http://collector:4318' },
  },
  'attesta-data': {
    kafka: {
      clients: [
        { name: 'shop', publisher: true },
        { name: 'crm', system: 'crm', decider: true },
      ],
    },
    postgres: { backup: { enabled: true, destinationPath: 's3://backups/attesta' } },
    externalSecrets: { enabled: true, store: { name: 'vault' } },
  },
};

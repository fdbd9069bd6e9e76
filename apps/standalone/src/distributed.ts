import fs from 'node:fs/promises';
import path from 'node:path';
import { openSite } from '@attesta/console';
import { freePort, startPostgres, type EmbeddedServer } from '@attesta/event-log/embedded';
import { startIssuer, type LocalIssuer } from '@attesta/service-kit/issuer';
import { consoleClient, LOCAL_ACCOUNTS, LOCAL_CLIENTS } from './clients.js';
import { openDatabases, type DatabaseName, type ServiceDatabase } from './databases.js';
import { startGateway } from './gateway.js';
import { AUDIENCE } from './standalone.js';
import { answers, ROOT, Supervised, type Replica } from './supervised.js';

export interface DistributedOptions {
  home: string;
  /** One origin for all services; 0 takes a free one. */
  port: number;
  origin: string;
  policyFile: string;
  /** Without them a broker of our own is started. */
  brokers?: string[] | undefined;
  logLevel?: string;
  /** Told what happens to the processes. */
  onEvent?: (line: string) => void;
  /** Environment of every service's process besides what is given here, such as where telemetry goes. */
  env?: Record<string, string>;
  /** Gets what the services print, instead of our own standard output and error. */
  onOutput?: (service: ServiceName, text: string) => void;
  /** Processes of a service, one each without. What calls a service that has several goes through the one origin. */
  replicas?: Partial<Record<ServiceName, number>>;
  /** A built tree of this repository that the services' processes run from; without it this one. */
  tree?: string;
}

const SERVICES = ['ledger', 'audit', 'consent', 'requests', 'retention', 'notification'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Each service its own process over Kafka, supervised; one origin in front of them. */
export interface Distributed {
  url: string;
  issuer: LocalIssuer;
  brokers: string[];
  databases: Record<DatabaseName, ServiceDatabase>;
  postgres: EmbeddedServer;
  /** Each service's processes. */
  replicas: Record<ServiceName, readonly Replica[]>;
  /** As a crash of all of a service's processes: SIGKILL. The supervisor starts them again. */
  kill(service: ServiceName): void;
  /** Holds a service's processes where they are (SIGSTOP), as a machine that is starved does. @returns what lets them go on */
  pause(service: ServiceName): () => void;
  /** Does `work` while no service runs; PostgreSQL and Kafka do. */
  whileDown(work: () => Promise<void>): Promise<void>;
  /** Resolves when every process that is to run answers ready. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

interface OwnKafka {
  brokers: string[];
  stop(): Promise<void>;
}

/** @throws what keeps it from starting, once what was started already has ended again */
export async function startDistributed(options: DistributedOptions): Promise<Distributed> {
  const started: (() => Promise<unknown>)[] = [];
  try {
    return await startParts(options, started);
  } catch (error) {
    for (const stop of started.reverse()) await stop().catch(() => undefined);
    throw error;
  }
}

/** @param started how to end each part, in the order in which they came up */
async function startParts(options: DistributedOptions, started: (() => Promise<unknown>)[]): Promise<Distributed> {
  const home = path.resolve(options.home);
  await fs.mkdir(home, { recursive: true });
  const kafka = options.brokers ? undefined : await startOwnKafka(home);
  if (kafka) started.push(() => kafka.stop());
  const brokers = options.brokers ?? kafka!.brokers;
  const postgres = await startPostgres({ dataDir: home, settings: { max_connections: '200', max_wal_size: '2GB' } });
  started.push(() => postgres.stop());
  const databases = await openDatabases(postgres, home);
  const port = options.port === 0 ? await freePort() : options.port;
  const ports = {} as Record<ServiceName, number[]>;
  for (const service of SERVICES) {
    ports[service] = [];
    for (let i = 0; i < (options.replicas?.[service] ?? 1); i++) ports[service].push(await freePort());
  }
  const url = `http://localhost:${port}`;
  const issuer = await startIssuer({
    home,
    issuer: `${url}/oidc`,
    audience: AUDIENCE,
    clients: LOCAL_CLIENTS,
    accounts: LOCAL_ACCOUNTS,
    browserClients: [consoleClient(url)],
  });
  const site = await openSite({ issuer: issuer.issuer, clientId: consoleClient(url).id });
  const gateway = await startGateway(port, ports, issuer.handler, site);
  started.push(() => gateway.close());

  const common = {
    AUTH_ISSUER: issuer.issuer,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_PEOPLE_ISSUER: `${url}/people`,
    KAFKA_BROKERS: brokers.join(','),
    ATTESTA_POLICY: path.resolve(options.policyFile),
    LOG_LEVEL: options.logLevel ?? 'warn',
    HOST: '127.0.0.1',
    ...options.env,
  };
  const urlOf = (service: ServiceName) => (ports[service].length === 1 ? `http://127.0.0.1:${ports[service][0]}` : url);
  const asClient = (name: string) => {
    const { id, secret } = issuer.clients.find((client) => client.id === name)!;
    return { AUTH_CLIENT_ID: id, AUTH_CLIENT_SECRET: secret };
  };
  const environments: Record<ServiceName, Record<string, string>> = {
    ledger: {
      ...common,
      ...databaseEnv('LEDGER', databases.ledger),
      ...databaseEnv('VAULT', databases.vault),
      ATTESTA_ORIGIN: options.origin,
      ATTESTA_KEYS: path.join(home, 'keys'),
    },
    audit: {
      ...common,
      ...databaseEnv('AUDIT', databases.audit),
      LEDGER_URL: urlOf('ledger'),
      ...asClient('audit-service'),
    },
    consent: {
      ...common,
      ...databaseEnv('CONSENT', databases.consent),
      LEDGER_URL: urlOf('ledger'),
      CONSENT_KEYS: path.join(home, 'consent-keys'),
      ATTESTA_PEPPER_FILE: path.join(home, 'keys/pepper'),
      ...asClient('consent-service'),
    },
    requests: {
      ...common,
      ...databaseEnv('REQUESTS', databases.requests),
      LEDGER_URL: urlOf('ledger'),
      PUBLIC_URL: url,
      REQUESTS_KEYS: path.join(home, 'requests-keys'),
      ATTESTA_PEPPER_FILE: path.join(home, 'keys/pepper'),
      ...(process.env['MAIL_DIRECTORY'] === undefined && { MAIL_DIRECTORY: path.join(home, 'mail') }),
      ...asClient('requests-service'),
    },
    retention: {
      ...common,
      ...databaseEnv('RETENTION', databases.retention),
      LEDGER_URL: urlOf('ledger'),
      ATTESTA_PEPPER_FILE: path.join(home, 'keys/pepper'),
      ...asClient('retention-service'),
    },
    notification: {
      ...common,
      ...databaseEnv('NOTIFICATION', databases.notification),
      LEDGER_URL: urlOf('ledger'),
      CONSENT_URL: urlOf('consent'),
      REQUESTS_URL: urlOf('requests'),
      PUBLIC_URL: url,
      NOTIFICATION_KEYS: path.join(home, 'notification-keys'),
      ATTESTA_PEPPER_FILE: path.join(home, 'keys/pepper'),
      ...(process.env['MAIL_DIRECTORY'] === undefined && { MAIL_DIRECTORY: path.join(home, 'mail') }),
      ...asClient('notification-service'),
    },
  };
  let count = 0;
  const replicas = {} as Record<ServiceName, Supervised[]>;
  for (const service of SERVICES) {
    replicas[service] = ports[service].map((port) => new Supervised(service, port, count++, environments[service], options));
  }
  const all = Object.values(replicas).flat();
  const ready = () => Promise.all(all.map((replica) => replica.ready())).then(() => undefined);
  const start = async () => {
    const [first, ...others] = all;
    first!.start();
    await answers(first!.port); // a ledger: the others ask it for its key, and need its pepper
    for (const replica of others) replica.start();
    await ready();
  };
  const stop = () => Promise.all(all.map((replica) => replica.stop()));
  started.push(stop);
  await start();
  return {
    url,
    issuer,
    brokers,
    databases,
    postgres,
    replicas,
    kill: (service) => replicas[service].forEach((replica) => replica.kill()),
    pause: (service) => {
      const goOn = replicas[service].map((replica) => replica.pause());
      return () => goOn.forEach((go) => go());
    },
    ready,
    async whileDown(work) {
      await stop();
      await work();
      await start();
    },
    async stop() {
      await stop();
      await gateway.close();
      await postgres.stop();
      await kafka?.stop();
    },
  };
}

const databaseEnv = (prefix: string, { url, migrationUrl }: ServiceDatabase): Record<string, string> => ({
  [`${prefix}_DATABASE_URL`]: process.env[`${prefix}_DATABASE_URL`] ?? url,
  ...(process.env[`${prefix}_DATABASE_URL`] ? {} : { [`${prefix}_MIGRATION_URL`]: migrationUrl }),
});

async function startOwnKafka(home: string): Promise<OwnKafka> {
  const tool = (await import(path.join(ROOT, 'tools/kafka/kafka.mjs'))) as {
    startKafka(options: { dataDir: string; quiet: boolean }): Promise<OwnKafka>;
  };
  return tool.startKafka({ dataDir: path.join(home, 'kafka'), quiet: false });
}

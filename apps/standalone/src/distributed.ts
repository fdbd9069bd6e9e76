import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSite } from '@attesta/console';
import { freePort, startPostgres, type EmbeddedServer } from '@attesta/event-log/embedded';
import { startIssuer, type LocalIssuer } from '@attesta/service-kit/issuer';
import { consoleClient, LOCAL_ACCOUNTS, LOCAL_CLIENTS } from './clients.js';
import { openDatabases, type DatabaseName, type ServiceDatabase } from './databases.js';
import { startGateway } from './gateway.js';
import { AUDIENCE } from './standalone.js';

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
  /** As a crash: SIGKILL. The supervisor starts it again. */
  kill(service: ServiceName): void;
  /** Holds a process where it is (SIGSTOP), as a machine that is starved does. @returns what lets it go on */
  pause(service: ServiceName): () => void;
  /** Does `work` while no service runs; PostgreSQL and Kafka do. */
  whileDown(work: () => Promise<void>): Promise<void>;
  /** Resolves when every service answers ready. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

interface OwnKafka {
  brokers: string[];
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

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
  const ports = {} as Record<ServiceName, number>;
  for (const service of SERVICES) ports[service] = await freePort();
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
  const asClient = (name: string) => {
    const { id, secret } = issuer.clients.find((client) => client.id === name)!;
    return { AUTH_CLIENT_ID: id, AUTH_CLIENT_SECRET: secret };
  };
  const services = {
    ledger: new Supervised(
      'ledger',
      {
        ...common,
        ...databaseEnv('LEDGER', databases.ledger),
        ...databaseEnv('VAULT', databases.vault),
        PORT: String(ports.ledger),
        ATTESTA_ORIGIN: options.origin,
        ATTESTA_KEYS: path.join(home, 'keys'),
      },
      options,
    ),
    audit: new Supervised(
      'audit',
      {
        ...common,
        ...databaseEnv('AUDIT', databases.audit),
        PORT: String(ports.audit),
        LEDGER_URL: `http://127.0.0.1:${ports.ledger}`,
        ...asClient('audit-service'),
      },
      options,
    ),
    consent: new Supervised(
      'consent',
      {
        ...common,
        ...databaseEnv('CONSENT', databases.consent),
        PORT: String(ports.consent),
        LEDGER_URL: `http://127.0.0.1:${ports.ledger}`,
        CONSENT_KEYS: path.join(home, 'consent-keys'),
        ATTESTA_PEPPER_FILE: path.join(home, 'keys/pepper'),
        ...asClient('consent-service'),
      },
      options,
    ),
    requests: new Supervised(
      'requests',
      {
        ...common,
        ...databaseEnv('REQUESTS', databases.requests),
        PORT: String(ports.requests),
        LEDGER_URL: `http://127.0.0.1:${ports.ledger}`,
        PUBLIC_URL: url,
        REQUESTS_KEYS: path.join(home, 'requests-keys'),
        ATTESTA_PEPPER_FILE: path.join(home, 'keys/pepper'),
        ...(process.env['MAIL_DIRECTORY'] === undefined && { MAIL_DIRECTORY: path.join(home, 'mail') }),
        ...asClient('requests-service'),
      },
      options,
    ),
    retention: new Supervised(
      'retention',
      {
        ...common,
        ...databaseEnv('RETENTION', databases.retention),
        PORT: String(ports.retention),
        LEDGER_URL: `http://127.0.0.1:${ports.ledger}`,
        ATTESTA_PEPPER_FILE: path.join(home, 'keys/pepper'),
        ...asClient('retention-service'),
      },
      options,
    ),
    notification: new Supervised(
      'notification',
      {
        ...common,
        ...databaseEnv('NOTIFICATION', databases.notification),
        PORT: String(ports.notification),
        LEDGER_URL: `http://127.0.0.1:${ports.ledger}`,
        CONSENT_URL: `http://127.0.0.1:${ports.consent}`,
        REQUESTS_URL: `http://127.0.0.1:${ports.requests}`,
        PUBLIC_URL: url,
        NOTIFICATION_KEYS: path.join(home, 'notification-keys'),
        ATTESTA_PEPPER_FILE: path.join(home, 'keys/pepper'),
        ...(process.env['MAIL_DIRECTORY'] === undefined && { MAIL_DIRECTORY: path.join(home, 'mail') }),
        ...asClient('notification-service'),
      },
      options,
    ),
  };
  const ready = () => Promise.all(Object.values(ports).map(answers)).then(() => undefined);
  const start = async () => {
    services.ledger.start();
    await answers(ports.ledger); // the others ask it for its key, and need its pepper
    for (const service of SERVICES.slice(1)) services[service].start();
    await ready();
  };
  const stop = () => Promise.all(SERVICES.map((service) => services[service].stop()));
  started.push(stop);
  await start();
  return {
    url,
    issuer,
    brokers,
    databases,
    postgres,
    kill: (service) => services[service].kill(),
    pause: (service) => services[service].pause(),
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

/** A service's process; started again when it ends without being asked to. */
class Supervised {
  private child: ChildProcess | undefined;
  private wanted = true;
  private ended: Promise<void> = Promise.resolve();

  constructor(
    private readonly name: ServiceName,
    private readonly env: Record<string, string>,
    private readonly told: Pick<DistributedOptions, 'onEvent' | 'onOutput'>,
  ) {}

  start(): void {
    this.wanted = true;
    const telemetry = path.join(ROOT, 'libs/service-kit/dist/telemetry.js');
    const child = spawn(process.execPath, ['--import', telemetry, path.join(ROOT, `apps/${this.name}/dist/main.js`)], {
      cwd: ROOT,
      env: { OTEL_SERVICE_NAME: `attesta-${this.name}`, ...process.env, ...metricsPortOf(this.name), ...this.env },
      stdio: ['ignore', ...(this.told.onOutput ? (['pipe', 'pipe'] as const) : (['inherit', 'inherit'] as const))],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.told.onOutput?.(this.name, text));
    }
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        resolve();
        if (!this.wanted) return;
        this.told.onEvent?.(`${this.name} ended (${signal ?? code}); starting it again`);
        setTimeout(() => this.wanted && this.start(), 500);
      });
    });
  }

  kill(): void {
    this.child?.kill('SIGKILL');
  }

  pause(): () => void {
    const { child } = this;
    child?.kill('SIGSTOP');
    return () => void child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.wanted = false;
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await this.ended;
    clearTimeout(impatience);
  }
}

/** Each its own, counted from the one that is given; one that is wrong each refuses by itself. */
function metricsPortOf(service: ServiceName): Record<string, string> {
  const first = process.env['METRICS_PORT'];
  return first && /^\d+$/.test(first) ? { METRICS_PORT: String(Number(first) + SERVICES.indexOf(service)) } : {};
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

async function answers(port: number): Promise<void> {
  const until = Date.now() + 120_000;
  for (;;) {
    const ok = await fetch(`http://127.0.0.1:${port}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    if (Date.now() > until) throw new Error(`nothing answers on port ${port} after two minutes; see the log lines above`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

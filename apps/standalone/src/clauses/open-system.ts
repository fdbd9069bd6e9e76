import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startPostgres } from '@attesta/event-log/embedded';
import { clientCredentials } from '@attesta/sdk';
import { loadConfig, OptionalKafkaConfig, type Role } from '@attesta/service-kit';
import { readIssuerHome, type LocalClient } from '@attesta/service-kit/issuer';
import { connectKafka, type Kafka } from '@attesta/transport';
import { asker, type Ask } from '../auditor-answer.http.js';
import { startDistributed } from '../distributed.js';
import { Mailbox } from '../mailbox.js';
import { SHIPPED_POLICY } from '../shipped-files.js';
import { localCarriers, localMail, startStandalone } from '../standalone.js';
import { dumpPostgres, dumpTopics } from './dumps.js';
import { httpIntake, kafkaClauseIntake } from './intake.js';
import { NotOurs, type System, type SystemAnswer } from './system.js';

/** A system that runs already. */
export interface Reachable {
  url: string;
  /** Exactly as the issuer names itself. */
  issuer: string;
  clients: readonly LocalClient[];
  /** Superuser's connection strings, by database; without them dumps cannot be searched. */
  adminUrl?: ((database?: string) => string) | undefined;
  /** The ledger's keys directory, for publishing through Kafka. */
  keys: string;
  brokers?: readonly string[] | undefined;
  /** Absent where somebody else runs it. */
  whileDown?: System['whileDown'];
  mailsTo?: System['mailsTo'];
  stop(): Promise<void>;
}

/** The system as clauses see it, publishing over the given transport. */
export async function openSystem(transport: 'http' | 'kafka', reachable: Reachable): Promise<System> {
  const { url, issuer, clients, adminUrl, keys, brokers } = reachable;
  const tokens = new Map<string, () => Promise<string>>();
  const tokenOf = (role: Role): (() => Promise<string>) => {
    const client = clients.find(({ id }) => id === role);
    if (!client) throw new Error(`the issuer has no client ${role}`);
    const token = tokens.get(role) ?? toPromise(clientCredentials({ issuer, clientId: client.id, clientSecret: client.secret }));
    tokens.set(role, token);
    return token;
  };
  const asks = new Map<Role, Ask>();
  const askAs = (role: Role): Ask => {
    const ask = asks.get(role) ?? asker(url, tokenOf(role));
    asks.set(role, ask);
    return ask;
  };
  const kafka = transport === 'kafka' ? connectTo(brokers) : undefined;
  const intake = kafka
    ? await kafkaClauseIntake({ url, kafka, keys, publisherToken: tokenOf('publisher'), auditor: askAs('auditor') })
    : httpIntake(url, tokenOf('publisher'));
  return {
    transport,
    publish: (events) => intake.publish(events),
    http: async (role, method, at, body) => readable(await askAs(role)(method, at, body)),
    async form(at, form) {
      const response = await fetch(`${url}${at}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: Buffer.from(form),
      });
      await response.body?.cancel();
      return response.status;
    },
    async *dumps() {
      if (!adminUrl) throw new Error('dumps cannot be made without --postgres <superuser connection string>');
      yield* dumpPostgres(adminUrl);
      if (kafka) yield* dumpTopics(kafka);
    },
    whileDown: reachable.whileDown ?? (() => Promise.reject(new NotOurs('only a fresh system can be stopped and restored'))),
    mailsTo: reachable.mailsTo ?? (() => Promise.reject(new NotOurs('only of a fresh system it is known what mail it sent'))),
    async stop() {
      await intake.close();
      await reachable.stop();
    },
  };
}

/** A system of its own in a temporary directory: everything in one process, or over Kafka in processes of their own. */
export async function startFresh(transport: 'http' | 'kafka'): Promise<Reachable> {
  const home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-clauses-'));
  await fs.chmod(home, 0o755); // PostgreSQL runs as another user when we are root
  const options = { home, port: 0, origin: 'clauses.localhost/attesta', policyFile: SHIPPED_POLICY };
  const mailbox = await Mailbox.open();
  const gone = () => Promise.all([fs.rm(home, { recursive: true, force: true }), mailbox.close()]).then(() => undefined);
  const mailsTo = (address: string) => mailbox.to(address);
  const keys = path.join(home, 'keys');
  if (transport === 'http') {
    const mail = { ...localMail(home), smtpUrl: mailbox.url };
    const own = {
      ...options,
      host: '127.0.0.1',
      mail,
      carriers: { ...localCarriers(mail), messagesPerSecond: 500, alertsGatheredMs: 1_000 },
    };
    let standalone = await startStandalone(own);
    const { url, issuer } = standalone;
    return {
      url,
      issuer: issuer.issuer,
      clients: issuer.clients,
      adminUrl: (database) => standalone.adminUrl(database),
      keys,
      async whileDown(work) {
        await standalone.stop();
        const server = await startPostgres({ dataDir: home });
        await work(server.adminUrl);
        await server.stop();
        standalone = await startStandalone({ ...own, port: Number(new URL(url).port) });
      },
      mailsTo,
      stop: () => standalone.stop().then(gone),
    };
  }
  const { brokers } = loadConfig(OptionalKafkaConfig);
  const env = { SMTP_URL: mailbox.url, MESSAGES_PER_SECOND: '500', ALERTS_GATHERED_MS: '1000' };
  const system = await startDistributed({ ...options, brokers, env });
  const { url, issuer, postgres } = system;
  return {
    url,
    issuer: issuer.issuer,
    clients: issuer.clients,
    adminUrl: postgres.adminUrl,
    keys,
    brokers: system.brokers,
    whileDown: (work) => system.whileDown(() => work(postgres.adminUrl)),
    mailsTo,
    stop: () => system.stop().then(gone),
  };
}

export interface RunningOptions {
  url: string;
  issuer?: string | undefined;
  /** Data directory of the system: the secrets of its local issuer and the ledger's keys. */
  home: string;
  /** Superuser's connection string; the home's own embedded server without it. */
  postgres?: string | undefined;
}

/** A system that somebody else runs; it keeps what the clauses publish. */
export async function reachRunning({ url, issuer, home, postgres }: RunningOptions): Promise<Reachable> {
  const known = readIssuerHome(home);
  const { brokers } = loadConfig(OptionalKafkaConfig);
  return {
    url: url.replace(/\/+$/, ''),
    issuer: issuer ?? known.issuer,
    clients: known.clients,
    adminUrl: databasesOf(postgres ?? (await embeddedServer(home))),
    keys: process.env.ATTESTA_KEYS ?? path.join(home, 'keys'),
    brokers,
    stop: () => Promise.resolve(),
  };
}

function databasesOf(superuser: string | undefined): ((database?: string) => string) | undefined {
  if (superuser === undefined) return undefined;
  return (database) => {
    const url = new URL(superuser);
    if (database !== undefined) url.pathname = `/${database}`;
    return url.href;
  };
}

/** Of an embedded run on this machine: its password, and the port from the fourth line of its pid file. */
async function embeddedServer(home: string): Promise<string | undefined> {
  const read = (file: string) => fs.readFile(path.join(home, file), 'utf8').catch(() => undefined);
  const password = (await read('postgres.password'))?.trim();
  const port = (await read('postgres/postmaster.pid'))?.split('\n')[3]?.trim();
  return password && port ? `postgres://postgres:${password}@127.0.0.1:${port}/postgres` : undefined;
}

function connectTo(brokers: readonly string[] | undefined): Kafka {
  if (!brokers?.length) throw new Error('--transport kafka against a running system needs KAFKA_BROKERS.');
  return connectKafka({ brokers: [...brokers], ...loadConfig(OptionalKafkaConfig).access(), clientId: 'attesta-clauses' });
}

function readable({ status, contentType, bytes }: { status: number; contentType: string; bytes: Uint8Array }): SystemAnswer {
  return { status, body: contentType.includes('json') ? (JSON.parse(new TextDecoder().decode(bytes)) as unknown) : bytes };
}

const toPromise =
  <T>(source: () => Promise<T> | T): (() => Promise<T>) =>
  async () =>
    source();

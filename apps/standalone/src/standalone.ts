import fs from 'node:fs/promises';
import type { Server } from 'node:http';
import path from 'node:path';
import type { WitnessPolicy } from '@attesta/proof';
import { Audit, AuditModule } from '@attesta/audit';
import { Consent, ConsentModule, CONSENT_SOURCE } from '@attesta/consent';
import { openSite } from '@attesta/console';
import { freePort, startPostgres } from '@attesta/event-log/embedded';
import { EVENTS_BODY_LIMIT, keyEncryptionOf, Ledger, LedgerModule, reportWitness } from '@attesta/ledger';
import { Notification, NOTIFICATION_RAW, NOTIFICATION_SOURCE, NotificationModule, officerOf, openCarriers } from '@attesta/notification';
import type { CarriersConfig } from '@attesta/notification/configuration';
import { MailIntake, openDsrOf, openPostOffice, Requests, REQUESTS_RAW, REQUESTS_SOURCE, RequestsModule } from '@attesta/requests';
import type { MailConfig } from '@attesta/requests/configuration';
import { Retention, RETENTION_SOURCE, RetentionModule } from '@attesta/retention';
import {
  bootstrap,
  JsonLogger,
  KeyProviderConfig,
  loadConfig,
  openKeyProvider,
  PeopleIssuer,
  readPolicySource,
  type HttpConfig,
  type LogLevel,
} from '@attesta/service-kit';
import { loadPolicy } from '@attesta/policy';
import { startIssuer, type LocalIssuer } from '@attesta/service-kit/issuer';
import { IntakeRelay, PostgresFeed } from '@attesta/transport';
import type { INestApplication } from '@nestjs/common';
import { consoleClient, LOCAL_ACCOUNTS, LOCAL_CLIENTS } from './clients.js';
import { openDatabases } from './databases.js';
import { OPEN_API, Whole } from './whole.js';

export interface StandaloneOptions {
  /** Data directory: databases, keys, issuer. */
  home: string;
  /** 0 takes a free one. */
  port: number;
  host?: string;
  origin: string;
  policyFile: string;
  logLevel?: LogLevel;
  logEntries?: 'auditors' | 'open';
  /** Witnesses that are asked to sign the log's checkpoints; without it none are. */
  witnessPolicy?: WitnessPolicy | undefined;
  asyncApiFile?: string;
  /** Without it 50. */
  disposalsPerSecond?: number;
  /** Mail of the requests service; without it, files in `mail` of the data directory. */
  mail?: MailConfig;
  /** Where key-encryption keys are; in keyring files of `keys`, where nothing is said. */
  keyProvider?: KeyProviderConfig;
  /** How the notification service sends; without it, mail is files in the same directory, and there are no text messages. */
  carriers?: CarriersConfig;
  http?: Partial<ReturnType<HttpConfig['serving']>>;
}

/** The whole system in this process. */
export interface Standalone {
  /** `http://localhost:4000` */
  url: string;
  issuer: LocalIssuer;
  ledger: Ledger;
  audit: Audit;
  consent: Consent;
  requests: Requests;
  retention: Retention;
  notification: Notification;
  app: INestApplication<Server>;
  /** Superuser's connection strings, for tests and doctors. */
  adminUrl(database?: string): string;
  stop(): Promise<void>;
}

export const AUDIENCE = 'attesta';

/** Boots PostgreSQL, the issuer and every service; resolves when everything answers. */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const home = path.resolve(options.home);
  await fs.mkdir(home, { recursive: true });
  const logger = new JsonLogger({ service: 'standalone', level: options.logLevel ?? 'warn' });
  const onError = (error: unknown) => logger.error('background work failed', { error });
  const policySource = readPolicySource(options.policyFile);
  const policy = loadPolicy(policySource);
  const server = await startPostgres({ dataDir: home, settings: { max_connections: '120', max_wal_size: '2GB' } });
  const databases = await openDatabases(server, home);
  const port = options.port === 0 ? await freePort() : options.port;
  const url = `http://localhost:${port}`;
  const issuer = await startIssuer({
    home,
    issuer: `${url}/oidc`,
    audience: AUDIENCE,
    clients: LOCAL_CLIENTS,
    accounts: LOCAL_ACCOUNTS,
    browserClients: [consoleClient(url)],
  });

  const keyConfig = options.keyProvider ?? loadConfig(KeyProviderConfig, {});
  const keysOf = (service: string) =>
    openKeyProvider(keyConfig, { service, keyring: path.join(home, 'keys', `${service}-keyring.json`), onUnavailable: onError });
  const ledger = await Ledger.open({
    databaseUrl: databases.ledger.url,
    migrationUrl: databases.ledger.migrationUrl,
    vaultUrl: databases.vault.url,
    vaultMigrationUrl: databases.vault.migrationUrl,
    origin: options.origin,
    keys: path.join(home, 'keys'),
    keyEncryption: keyEncryptionOf(keyConfig, onError),
    policy,
    witnessPolicy: options.witnessPolicy,
    onWitness: (change) => reportWitness(logger, change),
    onReplayed: (replayed) => logger.warn('erasures replayed after a restore', { ...replayed }),
    onError,
  });
  const audit = await Audit.open({
    databaseUrl: databases.audit.url,
    migrationUrl: databases.audit.migrationUrl,
    feed: new PostgresFeed(ledger.reader),
    policy,
    directory: ledger.directory,
    fetchLog: (file) => ledger.files.read(file),
    verifierKey: ledger.verifierKey,
    witnessPolicy: options.witnessPolicy,
    outbox: (log, pool) =>
      new IntakeRelay({ log, pool, source: '//attesta/audit', intake: ledger.sealer, principal: 'attesta-audit', onError }),
    patrol: {},
    onError,
  });
  const consent = await Consent.open({
    databaseUrl: databases.consent.url,
    migrationUrl: databases.consent.migrationUrl,
    feed: new PostgresFeed(ledger.reader),
    policy: policySource,
    directory: ledger.directory,
    pepper: ledger.secrets.pepper,
    keys: await keysOf('consent'),
    fetchLog: (file) => ledger.files.read(file),
    verifierKey: () => Promise.resolve(ledger.verifierKey),
    outbox: (log, pool) => [
      new IntakeRelay({ log, pool, source: CONSENT_SOURCE, intake: ledger.sealer, principal: 'attesta-consent', onError }),
    ],
    onError,
  });
  const mailConfig = options.mail ?? localMail(home);
  const office = await openPostOffice(mailConfig, onError);
  const people = await PeopleIssuer.open({ keys: path.join(home, 'keys'), publicUrl: url, audience: AUDIENCE });
  const requests = await Requests.open({
    databaseUrl: databases.requests.url,
    migrationUrl: databases.requests.migrationUrl,
    feed: new PostgresFeed(ledger.reader),
    policy: policySource,
    directory: ledger.directory,
    pepper: ledger.secrets.pepper,
    keys: await keysOf('requests'),
    publicUrl: url,
    post: office.post,
    people,
    openDsr: await openDsrOf({ openDsrControllers: ['publisher=account'], keys: path.join(home, 'keys'), publicUrl: url }),
    outbox: (log, pool) => [
      new IntakeRelay({ log, pool, source: REQUESTS_SOURCE, intake: ledger.sealer, principal: 'attesta-requests', onError }),
    ],
    onClose: () => office.close(),
    onError,
  });
  const retention = await Retention.open({
    databaseUrl: databases.retention.url,
    migrationUrl: databases.retention.migrationUrl,
    feed: new PostgresFeed(ledger.reader),
    policy: policySource,
    directory: ledger.directory,
    pepper: ledger.secrets.pepper,
    disposalsPerSecond: options.disposalsPerSecond ?? 50,
    fetchLog: (file) => ledger.files.read(file),
    verifierKey: () => Promise.resolve(ledger.verifierKey),
    outbox: (log, pool) => [
      new IntakeRelay({ log, pool, source: RETENTION_SOURCE, intake: ledger.sealer, principal: 'attesta-retention', onError }),
    ],
    onError,
  });
  const carriersConfig = options.carriers ?? localCarriers(mailConfig);
  const officer = officerOf(policySource, carriersConfig.officerAddress);
  const carriers = await openCarriers({
    ...carriersConfig,
    name: policySource.controllers[0]!.name,
    replyTo: officer,
    pepper: ledger.secrets.pepper,
    onError,
  });
  const notification = await Notification.open({
    databaseUrl: databases.notification.url,
    migrationUrl: databases.notification.migrationUrl,
    feed: new PostgresFeed(ledger.reader),
    policy: policySource,
    directory: ledger.directory,
    pepper: ledger.secrets.pepper,
    keys: await keysOf('notification'),
    decide: (asked) => consent.decisions.decide(asked),
    replyAddresses: (ids) => requests.replyAddresses(ids),
    carriers: carriers.carriers,
    publicUrl: url,
    officer,
    messagesPerSecond: carriersConfig.messagesPerSecond,
    gatherAlertsMs: carriersConfig.alertsGatheredMs,
    fetchLog: (file) => ledger.files.read(file),
    verifierKey: () => Promise.resolve(ledger.verifierKey),
    outbox: (log, pool) => [
      new IntakeRelay({ log, pool, source: NOTIFICATION_SOURCE, intake: ledger.sealer, principal: 'attesta-notification', onError }),
    ],
    onClose: () => carriers.close(),
    onError,
  });
  const site = await openSite({ issuer: issuer.issuer, clientId: consoleClient(url).id, logKey: ledger.verifierKey });
  const mail = new MailIntake(requests, mailConfig.mailTrusted);
  const app = await bootstrap(
    Whole.of(
      LedgerModule.forRoot({ ledger, logEntries: options.logEntries ?? 'auditors' }),
      AuditModule.forRoot({ audit }),
      ConsentModule.forRoot({ consent }),
      RequestsModule.forRoot({ requests, mail }),
      RetentionModule.forRoot({ retention }),
      NotificationModule.forRoot({ notification }),
    ),
    {
      service: 'standalone',
      auth: {
        issuer: issuer.issuer,
        audience: AUDIENCE,
        keys: issuer.keys,
        peopleIssuer: people.issuer,
        peopleKeys: people.verifierKeys,
      },
      mount: [
        { path: '/oidc', handler: issuer.handler, limited: true },
        { path: '/', handler: site },
      ],
      rawBody: [{ path: '/v1/events', limit: EVENTS_BODY_LIMIT }, ...REQUESTS_RAW, ...NOTIFICATION_RAW],
      strategies: [consent.server, requests.server, retention.server, notification.server],
      openApi: { ...OPEN_API, ...(options.asyncApiFile && { asyncApiFile: options.asyncApiFile }) },
      logger,
      ...options.http,
      shutdownSignals: false,
    },
  );
  await office.receive(mail);
  await carriers.receive(async ({ message, ...said }) => void (await notification.messages.told(message, said)));
  await app.listen(port, options.host ?? '0.0.0.0');
  return {
    url,
    issuer,
    ledger,
    audit,
    consent,
    requests,
    retention,
    notification,
    app,
    adminUrl: server.adminUrl,
    async stop() {
      await app.close();
      await server.stop();
    },
  };
}

/** Mail becomes files, and comes in over HTTP alone. */
export const localMail = (home: string): MailConfig => ({
  mailDirectory: path.join(home, 'mail'),
  mailFrom: 'privacy@localhost.localdomain',
  mailAddresses: ['dpo@localhost.localdomain'],
  mailPeers: ['127.0.0.1'],
  mailTrusted: [],
});

/** No text messages, and nothing learnt of bounces. */
export const localCarriers = ({ smtpUrl, mailDirectory, mailFrom }: MailConfig): CarriersConfig => ({
  ...(smtpUrl !== undefined && { smtpUrl }),
  mailDirectory,
  mailFrom,
  mailConnections: 5,
  smsFrom: 'Attesta',
  bouncePeers: ['127.0.0.1'],
  messagesPerSecond: 50,
  alertsGatheredMs: 60_000,
});

import fs from 'node:fs/promises';
import path from 'node:path';
import {
  AuthConfig,
  bootstrap,
  httpDirectory,
  HttpConfig,
  httpReplyAddresses,
  JsonLogger,
  KafkaConfig,
  KeyProviderConfig,
  loadConfigs,
  openKeyProvider,
  LogConfig,
  readPolicySource,
} from '@attesta/service-kit';
import { clientCredentials } from '@attesta/sdk';
import { intakeSigner } from '@attesta/sdk/kafka';
import { LedgerClient } from '@attesta/sdk/ledger';
import { connectKafka, KafkaFeed, OutboxRelay } from '@attesta/transport';
import { NotificationConfig } from './notification.config.js';
import { Notification, officerOf } from './notification.js';
import { NotificationModule } from './notification.module.js';
import { openCarriers } from './open-carriers.js';
import { NOTIFICATION_RAW } from './own-routes.js';
import { httpDecisions } from './remote.js';
import { NOTIFICATION_SOURCE } from './source.js';

const [http, auth, log, config, kafkaConfig, keyConfig] = loadConfigs([
  HttpConfig,
  AuthConfig,
  LogConfig,
  NotificationConfig,
  KafkaConfig,
  KeyProviderConfig,
]);
const logger = new JsonLogger({ service: 'notification', level: log.level });
const onError = (error: unknown) => logger.error('background work failed', { error });

const { clientId, clientSecret } = config;
const token = clientCredentials({ issuer: auth.issuer, clientId, clientSecret, audience: auth.audience });
const signer = intakeSigner({ url: config.ledgerUrl, token });
const ledger = new LedgerClient({ url: config.ledgerUrl, token });
const kafka = (id: string) => connectKafka({ brokers: kafkaConfig.brokers, ...kafkaConfig.access(), clientId: id });
await fs.mkdir(config.keys, { recursive: true });
const policy = readPolicySource(config.policy);
const pepper = Buffer.from(config.pepper, 'base64');
const officer = officerOf(policy, config.officerAddress);
const carriers = await openCarriers({ ...config, name: policy.controllers[0]!.name, replyTo: officer, pepper, onError });
const notification = await Notification.open({
  databaseUrl: config.databaseUrl,
  migrationUrl: config.migrationUrl,
  feed: new KafkaFeed({ kafka: kafka('attesta-notification'), refill: ledger.entries }),
  policy,
  directory: httpDirectory(config.ledgerUrl, token),
  pepper,
  keys: await openKeyProvider(keyConfig, {
    service: 'notification',
    keyring: path.join(config.keys, 'keyring.json'),
    onUnavailable: onError,
  }),
  decide: httpDecisions(config.consentUrl, token),
  replyAddresses: httpReplyAddresses(config.requestsUrl, token),
  carriers: carriers.carriers,
  publicUrl: config.publicUrl,
  officer,
  messagesPerSecond: config.messagesPerSecond,
  gatherAlertsMs: config.alertsGatheredMs,
  fetchLog: ledger.fetchLog,
  verifierKey: () => ledger.key(),
  outbox: (own, pool) => [
    new OutboxRelay({ log: own, pool, source: NOTIFICATION_SOURCE, kafka: kafka('attesta-notification-outbox'), signer, onError }),
  ],
  onClose: () => carriers.close(),
  onError,
});
const app = await bootstrap(NotificationModule.forRoot({ notification }), {
  service: 'notification',
  auth,
  logger,
  rawBody: NOTIFICATION_RAW,
  strategies: [notification.server],
  openApi: { title: 'Attesta notification', version: '0.1.0' },
  ...http.serving(),
});
const bounces = await carriers.receive(async ({ message, ...said }) => void (await notification.messages.told(message, said)));
await app.listen(http.port, http.host);
logger.log('listening', { port: http.port });
if (bounces !== undefined) logger.log('listening for bounces', { port: bounces });

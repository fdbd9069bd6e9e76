import fs from 'node:fs/promises';
import path from 'node:path';
import {
  AuthConfig,
  bootstrap,
  httpDirectory,
  HttpConfig,
  JsonLogger,
  KafkaConfig,
  KeyProviderConfig,
  loadConfigs,
  openKeyProvider,
  LogConfig,
  PeopleIssuer,
  readPolicySource,
} from '@attesta/service-kit';
import { clientCredentials } from '@attesta/sdk';
import { intakeSigner } from '@attesta/sdk/kafka';
import { LedgerClient } from '@attesta/sdk/ledger';
import { connectKafka, KafkaFeed, OutboxRelay, TaskRelay } from '@attesta/transport';
import { MailIntake } from './mail-intake.js';
import { openDsrOf } from './opendsr-options.js';
import { openPostOffice } from './post-office.js';
import { REQUESTS_SOURCE } from './request-store.js';
import { RequestsConfig } from './requests.config.js';
import { Requests } from './requests.js';
import { REQUESTS_RAW, RequestsModule } from './requests.module.js';
import { taskSource } from './task-source.js';

const [http, auth, log, config, kafkaConfig, keyConfig] = loadConfigs([
  HttpConfig,
  AuthConfig,
  LogConfig,
  RequestsConfig,
  KafkaConfig,
  KeyProviderConfig,
]);
const logger = new JsonLogger({ service: 'requests', level: log.level });
const onError = (error: unknown) => logger.error('background work failed', { error });

const { clientId, clientSecret } = config;
const token = clientCredentials({ issuer: auth.issuer, clientId, clientSecret, audience: auth.audience });
const signer = intakeSigner({ url: config.ledgerUrl, token });
const ledger = new LedgerClient({ url: config.ledgerUrl, token });
const kafka = (id: string) => connectKafka({ brokers: kafkaConfig.brokers, ...kafkaConfig.access(), clientId: id });
await fs.mkdir(config.keys, { recursive: true });
const openDsr = await openDsrOf(config);
const people = await PeopleIssuer.open({ keys: config.keys, publicUrl: config.publicUrl, audience: auth.audience });
const office = await openPostOffice(config, onError);
const requests = await Requests.open({
  databaseUrl: config.databaseUrl,
  migrationUrl: config.migrationUrl,
  feed: new KafkaFeed({ kafka: kafka('attesta-requests'), refill: ledger.entries }),
  policy: readPolicySource(config.policy),
  directory: httpDirectory(config.ledgerUrl, token),
  pepper: Buffer.from(config.pepper, 'base64'),
  keys: await openKeyProvider(keyConfig, { service: 'requests', keyring: path.join(config.keys, 'keyring.json'), onUnavailable: onError }),
  publicUrl: config.publicUrl,
  post: office.post,
  openDsr,
  people,
  outbox: (own, pool) => [
    new OutboxRelay({ log: own, pool, source: REQUESTS_SOURCE, kafka: kafka('attesta-requests-outbox'), signer, onError }),
    new TaskRelay({ source: taskSource(pool), pool, kafka: kafka('attesta-requests-tasks'), onError }),
  ],
  onClose: () => office.close(),
  onError,
});
const mail = new MailIntake(requests, config.mailTrusted);
const app = await bootstrap(RequestsModule.forRoot({ requests, mail }), {
  service: 'requests',
  auth: { ...auth, peopleIssuer: people.issuer, peopleKeys: people.verifierKeys },
  logger,
  rawBody: REQUESTS_RAW,
  strategies: [requests.server],
  openApi: { title: 'Attesta requests', version: '0.1.0' },
  ...http.serving(),
});
const mailPort = await office.receive(mail);
await app.listen(http.port, http.host);
logger.log('listening', { port: http.port, ...(mailPort !== undefined && { mailPort }) });

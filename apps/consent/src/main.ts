import fs from 'node:fs/promises';
import path from 'node:path';
import {
  AuthConfig,
  bootstrap,
  HttpConfig,
  httpDirectory,
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
import { connectKafka, ConsentStateRelay, KafkaFeed, OutboxRelay } from '@attesta/transport';
import { ConsentConfig } from './consent.config.js';
import { Consent } from './consent.js';
import { ConsentModule } from './consent.module.js';
import { CONSENT_SOURCE } from './decision-events.js';
import { stateSource } from './state-store.js';

const [http, auth, log, config, kafkaConfig, keyConfig] = loadConfigs([
  HttpConfig,
  AuthConfig,
  LogConfig,
  ConsentConfig,
  KafkaConfig,
  KeyProviderConfig,
]);
const logger = new JsonLogger({ service: 'consent', level: log.level });
const onError = (error: unknown) => logger.error('background work failed', { error });

const { clientId, clientSecret } = config;
const token = clientCredentials({ issuer: auth.issuer, clientId, clientSecret, audience: auth.audience });
const signer = intakeSigner({ url: config.ledgerUrl, token });
const ledger = new LedgerClient({ url: config.ledgerUrl, token });
const kafka = (id: string) => connectKafka({ brokers: kafkaConfig.brokers, ...kafkaConfig.access(), clientId: id });
await fs.mkdir(config.keys, { recursive: true });
const consent = await Consent.open({
  databaseUrl: config.databaseUrl,
  migrationUrl: config.migrationUrl,
  feed: new KafkaFeed({ kafka: kafka('attesta-consent'), refill: ledger.entries }),
  policy: readPolicySource(config.policy),
  directory: httpDirectory(config.ledgerUrl, token),
  pepper: Buffer.from(config.pepper, 'base64'),
  keys: await openKeyProvider(keyConfig, { service: 'consent', keyring: path.join(config.keys, 'keyring.json'), onUnavailable: onError }),
  fetchLog: ledger.fetchLog,
  verifierKey: () => ledger.key(),
  outbox: (own, pool) => [
    new OutboxRelay({ log: own, pool, source: CONSENT_SOURCE, kafka: kafka('attesta-consent-outbox'), signer, onError }),
    new ConsentStateRelay({ source: stateSource(pool), pool, kafka: kafka('attesta-consent-state'), onError }),
  ],
  onError,
});
const app = await bootstrap(ConsentModule.forRoot({ consent }), {
  service: 'consent',
  auth,
  logger,
  strategies: [consent.server],
  openApi: { title: 'Attesta consent', version: '0.1.0' },
  ...http.serving(),
});
await app.listen(http.port, http.host);
logger.log('listening', { port: http.port });

import {
  AuthConfig,
  bootstrap,
  httpDirectory,
  HttpConfig,
  JsonLogger,
  KafkaConfig,
  loadConfigs,
  LogConfig,
  readPolicySource,
} from '@attesta/service-kit';
import { clientCredentials } from '@attesta/sdk';
import { intakeSigner } from '@attesta/sdk/kafka';
import { LedgerClient } from '@attesta/sdk/ledger';
import { connectKafka, KafkaFeed, OutboxRelay } from '@attesta/transport';
import { RETENTION_SOURCE } from './disposal-store.js';
import { RetentionConfig } from './retention.config.js';
import { Retention } from './retention.js';
import { RetentionModule } from './retention.module.js';

const [http, auth, log, config, kafkaConfig] = loadConfigs([HttpConfig, AuthConfig, LogConfig, RetentionConfig, KafkaConfig]);
const logger = new JsonLogger({ service: 'retention', level: log.level });
const onError = (error: unknown) => logger.error('background work failed', { error });

const { clientId, clientSecret } = config;
const token = clientCredentials({ issuer: auth.issuer, clientId, clientSecret, audience: auth.audience });
const signer = intakeSigner({ url: config.ledgerUrl, token });
const ledger = new LedgerClient({ url: config.ledgerUrl, token });
const kafka = (id: string) => connectKafka({ brokers: kafkaConfig.brokers, ...kafkaConfig.access(), clientId: id });
const retention = await Retention.open({
  databaseUrl: config.databaseUrl,
  migrationUrl: config.migrationUrl,
  feed: new KafkaFeed({ kafka: kafka('attesta-retention'), refill: ledger.entries }),
  policy: readPolicySource(config.policy),
  directory: httpDirectory(config.ledgerUrl, token),
  pepper: Buffer.from(config.pepper, 'base64'),
  disposalsPerSecond: config.disposalsPerSecond,
  fetchLog: ledger.fetchLog,
  verifierKey: () => ledger.key(),
  outbox: (own, pool) => [
    new OutboxRelay({ log: own, pool, source: RETENTION_SOURCE, kafka: kafka('attesta-retention-outbox'), signer, onError }),
  ],
  onError,
});
const app = await bootstrap(RetentionModule.forRoot({ retention }), {
  service: 'retention',
  auth,
  logger,
  strategies: [retention.server],
  openApi: { title: 'Attesta retention', version: '0.1.0' },
  ...http.serving(),
});
await app.listen(http.port, http.host);
logger.log('listening', { port: http.port });

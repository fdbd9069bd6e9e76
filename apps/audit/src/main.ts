import {
  AuthConfig,
  bootstrap,
  HttpConfig,
  httpDirectory,
  JsonLogger,
  KafkaConfig,
  loadConfigs,
  LogConfig,
  readPolicy,
  readWitnessPolicy,
} from '@attesta/service-kit';
import { clientCredentials } from '@attesta/sdk';
import { intakeSigner } from '@attesta/sdk/kafka';
import { LedgerClient } from '@attesta/sdk/ledger';
import { connectKafka, KafkaFeed, OutboxRelay } from '@attesta/transport';
import { AuditConfig } from './audit.config.js';
import { AuditModule } from './audit.module.js';
import { Audit, AUDIT_SOURCE } from './audit.js';

const [http, auth, log, config, kafkaConfig] = loadConfigs([HttpConfig, AuthConfig, LogConfig, AuditConfig, KafkaConfig]);
const logger = new JsonLogger({ service: 'audit', level: log.level });
const onError = (error: unknown) => logger.error('background work failed', { error });

const { clientId, clientSecret } = config;
const token = clientCredentials({ issuer: auth.issuer, clientId, clientSecret, audience: auth.audience });
const signer = intakeSigner({ url: config.ledgerUrl, token });
const ledger = new LedgerClient({ url: config.ledgerUrl, token });
const kafka = (clientId: string) => connectKafka({ brokers: kafkaConfig.brokers, ...kafkaConfig.access(), clientId });
const audit = await Audit.open({
  databaseUrl: config.databaseUrl,
  migrationUrl: config.migrationUrl,
  feed: new KafkaFeed({ kafka: kafka('attesta-audit'), refill: ledger.entries }),
  policy: readPolicy(config.policy),
  fetchLog: ledger.fetchLog,
  verifierKey: config.logKey,
  witnessPolicy: config.witnessPolicy === undefined ? undefined : readWitnessPolicy(config.witnessPolicy),
  directory: httpDirectory(config.ledgerUrl, token),
  patrol: { share: config.integrityShare / 100 },
  outbox: (own, pool) => new OutboxRelay({ log: own, pool, source: AUDIT_SOURCE, kafka: kafka('attesta-audit-outbox'), signer, onError }),
  onError,
});
const app = await bootstrap(AuditModule.forRoot({ audit }), {
  service: 'audit',
  auth,
  logger,
  openApi: { title: 'Attesta audit', version: '0.1.0' },
  ...http.serving(),
});
await app.listen(http.port, http.host);
logger.log('listening', { port: http.port });

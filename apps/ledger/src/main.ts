import {
  AuthConfig,
  bootstrap,
  HttpConfig,
  KeyProviderConfig,
  loadConfigs,
  LogConfig,
  JsonLogger,
  OptionalKafkaConfig,
} from '@attesta/service-kit';
import { connectKafka } from '@attesta/transport';
import { KafkaSide } from './kafka-side.js';
import { LedgerConfig } from './ledger.config.js';
import { EVENTS_BODY_LIMIT, LedgerModule } from './ledger.module.js';
import { Ledger } from './ledger.js';
import { reportWitness } from './report-witness.js';
import { ledgerOptions } from './ledger.options.js';

const [http, auth, log, config, kafkaConfig, keyConfig] = loadConfigs([
  HttpConfig,
  AuthConfig,
  LogConfig,
  LedgerConfig,
  OptionalKafkaConfig,
  KeyProviderConfig,
]);
const logger = new JsonLogger({ service: 'ledger', level: log.level });
const onError = (error: unknown) => logger.error('background work failed', { error });

const ledger = await Ledger.open({
  ...ledgerOptions(config, keyConfig, onError),
  onError,
  onWitness: (change) => reportWitness(logger, change),
  onReplayed: (replayed) => logger.warn('erasures replayed after a restore', { ...replayed }),
});
const { brokers } = kafkaConfig;
const kafka = brokers
  ? await KafkaSide.start({
      ledger,
      kafka: connectKafka({ brokers, ...kafkaConfig.access(), clientId: 'attesta-ledger' }),
      mac: config.intakeMac,
      onError,
    })
  : undefined;
const app = await bootstrap(LedgerModule.forRoot({ ledger, kafka, logEntries: config.logEntries }), {
  service: 'ledger',
  auth,
  logger,
  rawBody: [{ path: '/v1/events', limit: EVENTS_BODY_LIMIT }],
  openApi: { title: 'Attesta ledger', version: '0.1.0' },
  ...http.serving(),
});
await app.listen(http.port, http.host);
logger.log('listening', { port: http.port });

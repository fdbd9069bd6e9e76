import { PublishedLogConfig } from '@attesta/ledger/configuration';
import { ConfigError, EmbeddedConfig, HttpConfig, loadConfigs, LogConfig, OptionalKafkaConfig } from '@attesta/service-kit';
import { startDistributed } from './distributed.js';
import { stopOnSignals } from './main.output.js';
import { SHIPPED_POLICY } from './shipped-files.js';

try {
  const [http, log, published, kafka, config] = loadConfigs(
    [HttpConfig, LogConfig, PublishedLogConfig, OptionalKafkaConfig, EmbeddedConfig],
    { LOG_LEVEL: 'warn', ...process.env },
  );
  const system = await startDistributed({
    home: config.home,
    port: http.port,
    origin: published.origin,
    policyFile: config.policy ?? SHIPPED_POLICY,
    brokers: kafka.brokers,
    logLevel: log.level,
    onEvent: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(
    `Attesta over Kafka (${system.brokers.join(', ')}): ledger, audit and consent each in a process of their own\n${system.url}\n`,
  );
  stopOnSignals(() => system.stop());
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String((error as Error).message ?? error)}\n`);
  process.exit(error instanceof ConfigError ? 78 : 1);
}

import { ConfigError, HttpConfig, loadConfigs, LogConfig } from '@attesta/service-kit';
import { startDistributed } from './distributed.js';
import { StandaloneConfig } from './main.config.js';
import { stopOnSignals } from './main.output.js';

try {
  const [http, log, config] = loadConfigs([HttpConfig, LogConfig, StandaloneConfig], { LOG_LEVEL: 'warn', ...process.env });
  const system = await startDistributed({
    home: config.home,
    port: http.port,
    origin: config.origin,
    policyFile: config.policy,
    brokers: process.env.KAFKA_BROKERS?.split(',').map((broker) => broker.trim()),
    logLevel: log.level,
    onEvent: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(
    `Attesta over Kafka (${system.brokers.join(', ')}): ledger and audit each in a process of their own\n${system.url}\n`,
  );
  stopOnSignals(() => system.stop());
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String((error as Error).message ?? error)}\n`);
  process.exit(error instanceof ConfigError ? 78 : 1);
}

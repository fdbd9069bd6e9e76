import http from 'node:http';
import { HttpConfig, JsonLogger, loadConfigs, LogConfig, runProcess } from '@attesta/service-kit';
import { listenerOf } from './listener.js';
import { WitnessConfig } from './witness.config.js';
import { readKey, readLogs } from './witness-files.js';
import { Witness } from './witness.js';

await runProcess(async () => {
  const [listen, log, config] = loadConfigs([HttpConfig, LogConfig, WitnessConfig]);
  const logger = new JsonLogger({ service: 'witness', level: log.level });
  const { name, databaseUrl } = config;
  const witness = await Witness.open({ name, databaseUrl, privateKey: readKey(config.key), logs: readLogs(config.logs) });
  const server = http.createServer(
    { requestTimeout: listen.requestTimeoutMs, keepAliveTimeout: listen.keepAliveMs },
    listenerOf(witness, {
      onRefused: ({ status, contradiction }) => {
        if (contradiction) logger.error('a log signed two trees of one size; both notes are in the table contradiction', { status });
        else logger.warn('a checkpoint was refused', { status });
      },
      onError: (error) => logger.error('a request failed', { error }),
    }),
  );
  server.listen(listen.port, listen.host, () => logger.log('listening', { port: (server.address() as { port: number }).port }));
  const stop = () => server.close(() => void witness.close());
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
});

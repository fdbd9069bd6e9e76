import http from 'node:http';
import { AuthConfig, HttpConfig, JsonLogger, loadConfigs, LogConfig } from '@attesta/service-kit';
import { ConsoleConfig } from './console.config.js';
import { listenerOf, openSite } from './site.js';

const [listen, auth, log, config] = loadConfigs([HttpConfig, AuthConfig, LogConfig, ConsoleConfig]);
const logger = new JsonLogger({ service: 'console', level: log.level });
const site = await openSite({ issuer: auth.issuer, clientId: config.clientId, logKey: config.logKey });
const server = http.createServer(listenerOf(site));
server.listen(listen.port, listen.host, () => logger.log('listening', { port: listen.port }));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => server.close());

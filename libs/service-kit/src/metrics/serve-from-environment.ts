import { ConfigError, loadConfig } from '../config/load-config.js';
import { MetricsConfig } from '../config/metrics.config.js';
import { serveMetrics, type MetricsServer } from './metrics-server.js';

let served: Promise<MetricsServer | undefined> | undefined;

/**
 * Serves this process's metrics where METRICS_PORT says so, once however often it is asked.
 * @throws ConfigError when it is wrong, or the port cannot be had
 */
export const serveMetricsFromEnvironment = (env: NodeJS.ProcessEnv = process.env): Promise<MetricsServer | undefined> =>
  (served ??= serve(env));

async function serve(env: NodeJS.ProcessEnv): Promise<MetricsServer | undefined> {
  const { port, host } = loadConfig(MetricsConfig, env);
  if (port === undefined) return undefined;
  try {
    return await serveMetrics({ port, host });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unusable';
    throw new ConfigError([
      {
        variable: 'METRICS_PORT',
        message: `port ${port} of ${host} cannot be listened on (${code})`,
        fix: 'Stop what listens there, or choose another; every process needs one of its own.',
      },
    ]);
  }
}

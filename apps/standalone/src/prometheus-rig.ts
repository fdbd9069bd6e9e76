import { spawn, spawnSync } from 'node:child_process';
import { freePort } from '@attesta/event-log/embedded';

/** An alert as Prometheus answers it. */
export interface Alert {
  labels: { alertname: string; part?: string };
  annotations: { summary: string; runbook: string };
  state: 'pending' | 'firing';
}

export interface Prometheus {
  alerts(): Promise<Alert[]>;
  stop(): Promise<void>;
}

/** A suite with a real Prometheus (Debian: package `prometheus`). Where there is none it is one skipped test whose name says so. */
export function describePrometheus(name: string, suite: (start: typeof startPrometheus) => void): void {
  describe(name, () => {
    // eslint-disable-next-line no-restricted-syntax -- it is no package of npm, and the name says so
    if (spawnSync('prometheus', ['--version']).error) it.skip('skipped, no prometheus: apt-get install prometheus', () => undefined);
    else suite(startPrometheus);
  });
}

/** @param storage a directory of its own */
async function startPrometheus(configFile: string, storage: string): Promise<Prometheus> {
  const address = `127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${configFile}`, `--storage.tsdb.path=${storage}`, `--web.listen-address=${address}`];
  const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ask = (path: string) => fetch(`http://${address}${path}`);
  for (
    const until = Date.now() + 30_000;
    !(await ask('/-/ready').then(
      (answer) => answer.ok,
      () => false,
    ));
  ) {
    if (Date.now() > until || child.exitCode !== null) throw new Error(`Prometheus is not ready: ${said}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
  return {
    alerts: async () => ((await (await ask('/api/v1/alerts')).json()) as { data: { alerts: Alert[] } }).data.alerts,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

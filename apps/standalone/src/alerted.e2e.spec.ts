import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveMetrics, type MetricsServer } from '@attesta/service-kit';
import { playAgainst } from './demo.run.js';
import { describePrometheus, type Alert, type Prometheus } from './prometheus-rig.js';
import { SHIPPED_POLICY } from './shipped-files.js';
import { startStandalone, type Standalone } from './standalone.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MINUTES = 60_000;
const POSITION = 40;

/** As README.md walks whoever is new through it; needs `npm run build`. */
describePrometheus('a newcomer who breaks the log', (startPrometheus) => {
  let home: string;
  let metrics: MetricsServer;
  let system: Standalone;
  let prometheus: Prometheus;

  beforeAll(async () => {
    home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-newcomer-'));
    await fs.chmod(home, 0o755); // PostgreSQL runs as another user when we are root
    metrics = await serveMetrics({ port: 0, host: '127.0.0.1' });
    const options = { home, port: 0, host: '127.0.0.1', origin: 'newcomer.localhost/log', policyFile: SHIPPED_POLICY };
    system = await startStandalone({ ...options, logLevel: 'off' });
    await playAgainst(system, '2026-03-02');
    const shipped = await fs.readFile(path.join(ROOT, 'deploy/prometheus/local.yaml'), 'utf8');
    const config = path.join(home, 'prometheus.yaml');
    await fs.copyFile(path.join(ROOT, 'deploy/prometheus/alerts.yaml'), path.join(home, 'alerts.yaml'));
    await fs.writeFile(config, shipped.replace('localhost:9464', `127.0.0.1:${metrics.port}`).replaceAll('5s', '1s'));
    prometheus = await startPrometheus(config, path.join(home, 'prometheus'));
  }, 3 * MINUTES);

  afterAll(async () => {
    await prometheus?.stop();
    await system?.stop();
    await metrics?.stop();
    await fs.rm(home, { recursive: true, force: true });
  }, MINUTES);

  const tampered = (alerts: Alert[]) => alerts.find(({ labels, state }) => labels.alertname === 'AttestaLogTampered' && state === 'firing');

  /** Not to be waited for by blocking: the system runs in this process. */
  async function run(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, args, { cwd: ROOT });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
    const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { status, ...said };
  }

  async function once<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    for (const end = Date.now() + MINUTES; ; await new Promise((wake) => setTimeout(wake, 200))) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > end) throw new Error(`not within a minute: ${what}`);
    }
  }

  it(
    'sees no alert of it before',
    async () => {
      await once('Prometheus to have looked', async () => ((await prometheus.alerts()).length >= 0 ? true : undefined));
      expect(tampered(await prometheus.alerts())).toBeUndefined();
    },
    MINUTES,
  );

  it(
    'sees the alert, finds its runbook, and is told the position by what the runbook asks',
    async () => {
      const edit = await run('tools/tamper.mjs', String(POSITION), '--home', home);
      expect({ status: edit.status, stderr: edit.stderr }).toEqual({ status: 0, stderr: '' });
      const alert = await once('the alert', async () => tampered(await prometheus.alerts()));
      await fs.access(path.join(ROOT, alert.annotations.runbook));
      const integrity = await fetch(`${system.url}/v1/integrity`, {
        headers: { authorization: `Bearer ${await system.issuer.issueToken('auditor')}` },
      });
      expect(JSON.stringify(await integrity.json())).toContain(`"position":${POSITION}`);
      const verify = await run(
        'apps/cli/bin/attesta.mjs',
        'log',
        'verify',
        '--url',
        system.url,
        '--home',
        home,
        '--role',
        'auditor',
        '--json',
      );
      expect({ status: verify.status, stderr: verify.stderr }).toEqual({ status: 1, stderr: '' });
      expect(JSON.parse(verify.stdout)).toMatchObject({ problems: [{ kind: 'edit', position: POSITION }] });
    },
    2 * MINUTES,
  );

  it(
    'sees it end when the entry is again what was sealed',
    async () => {
      expect((await run('tools/tamper.mjs', String(POSITION), '--home', home)).status).toBe(0);
      await once('the alert to end', async () => (tampered(await prometheus.alerts()) ? undefined : true));
    },
    2 * MINUTES,
  );

  it('is told what is wrong with what was asked', async () => {
    expect(await run('tools/tamper.mjs', '-1', '--home', home)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Usage') as string,
    });
    expect(await run('tools/tamper.mjs', '99999999', '--home', home)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('The log has no entry 99999999') as string,
    });
    expect(await run('tools/tamper.mjs', '1', '--home', os.tmpdir())).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no data directory') as string,
    });
  });
});

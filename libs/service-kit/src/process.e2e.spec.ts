import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const SOURCES = path.join(HERE, '../scripts/ts-sources.mjs');

interface Running {
  child: ChildProcess;
  port: number;
  lines: Record<string, unknown>[];
  raw: () => string;
  /** Resolves with the line once one has this message. */
  logged(message: string): Promise<Record<string, unknown>>;
  exited: Promise<number | string>;
}

/** The rig as users run services: node, --import telemetry, a real port. */
async function run(env: Record<string, string> = {}, telemetry = true): Promise<Running> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=attesta-source',
      '--disable-warning=ExperimentalWarning',
      `--import=${SOURCES}`,
      ...(telemetry ? [`--import=${path.join(HERE, 'telemetry.ts')}`] : []),
      path.join(HERE, 'process-rig.ts'),
    ],
    { cwd: path.join(HERE, '..'), env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const lines: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  let output = '';
  let pending = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
    const parts = (pending + chunk.toString('utf8')).split('\n');
    pending = parts.pop() ?? '';
    for (const part of parts) lines.push(JSON.parse(part) as Record<string, unknown>);
    for (const wake of waiting) wake();
  });
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const exited = new Promise<number | string>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')));
  const logged = (message: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const look = () => {
        const line = lines.find((item) => item['message'] === message);
        if (line) {
          waiting.delete(look);
          resolve(line);
        }
      };
      waiting.add(look);
      look();
      void exited.then(() => reject(new Error(`the process ended before it logged "${message}":\n${output}`)));
    });
  const { port } = await logged('listening');
  return { child, port: port as number, lines, raw: () => output, logged, exited };
}

async function freePort(): Promise<number> {
  const probe = net.createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

const get = (port: number, url: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    http
      .get({ port, host: '127.0.0.1', path: url, headers }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.on('error', reject);
      })
      .on('error', reject);
  });

describe('a service process', () => {
  const started: Running[] = [];
  const start = async (...args: Parameters<typeof run>) => {
    const running = await run(...args);
    started.push(running);
    return running;
  };
  afterEach(async () => {
    for (const { child, exited } of started.splice(0)) {
      child.kill('SIGKILL');
      await exited;
    }
  });

  it('logs nothing but JSON, also while it starts', async () => {
    const { raw } = await start({}, false);
    for (const line of raw().trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ service: expect.any(String), level: 'info' });
  });

  it('asked to end, answers what is under way, takes nothing new, and ends', async () => {
    const { child, port, logged, exited } = await start({}, false);
    const underWay = get(port, '/v1/slow');
    await logged('answering slowly');
    child.kill('SIGTERM');
    await expect(underWay).resolves.toMatchObject({ status: 200 });
    expect(await exited).toBe('SIGTERM');
    await expect(get(port, '/health/live')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('asked to end, does not wait for ever for a handler, or for a client that keeps its connection', async () => {
    const { child, port, logged, exited } = await start({}, false);
    const idle = net.connect(port, '127.0.0.1');
    const stuck = get(port, '/v1/never').catch((error: NodeJS.ErrnoException) => error.code);
    await logged('not answering');
    child.kill('SIGTERM');
    expect(await exited).toBe('SIGTERM');
    expect(await stuck).toBe('ECONNRESET');
    idle.destroy();
  });

  it('serves metrics on a port of their own where METRICS_PORT says so, and not on the public one', async () => {
    const own = await freePort();
    const { port } = await start({ METRICS_PORT: String(own), METRICS_HOST: '127.0.0.1' });
    await get(port, '/v1/quick/7?email=somchai@example.com', { host: 'somchai.example' });
    const { status, body } = await get(own, '/metrics');
    expect(status).toBe(200);
    expect(body).toContain(
      'attesta_http_request_duration_seconds_count{component="rig",method="GET",route="/v1/quick/:id",status="200"} 1\n',
    );
    for (const line of body.split('\n').filter((text) => text !== '')) expect(line).toMatch(/^(# (HELP|TYPE) )?attesta_/);
    expect(body).not.toMatch(/somchai|\/7/);
    expect((await get(port, '/metrics')).status).toBe(404);
  });

  it('does not start without the port for metrics that it was given', async () => {
    const taken = net.createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const METRICS_PORT = String((taken.address() as AddressInfo).port);
    const why = /METRICS_PORT: port \d+ of 127\.0\.0\.1 cannot be listened on \(EADDRINUSE\)/;
    await expect(run({ METRICS_PORT, METRICS_HOST: '127.0.0.1' })).rejects.toThrow(why);
    await new Promise((resolve) => taken.close(resolve));
  });

  describe('under telemetry', () => {
    let collector: http.Server;
    let endpoint: string;
    const received: string[] = [];
    const spansArrived = async () => {
      while (received.length === 0) await new Promise((resolve) => collector.once('spans', resolve));
      return received.join('\n');
    };

    beforeEach(async () => {
      received.length = 0;
      collector = http.createServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
        request.on('end', () => {
          received.push(body);
          response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
          collector.emit('spans');
        });
      });
      await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
      endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    });
    afterEach(() => {
      collector.closeAllConnections();
      collector.close();
    });

    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'user-agent': 'somchai phone' };

    it("carries the caller's trace into its log and its spans, and leaves query and agent out", async () => {
      const { port, logged, raw } = await start({
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_BSP_SCHEDULE_DELAY: '50',
        OTEL_SERVICE_NAME: 'rig',
      });
      expect((await get(port, '/v1/quick/7?email=somchai@example.com', headers)).status).toBe(200);
      expect(await logged('answering quickly')).toMatchObject({ traceId });
      const spans = await spansArrived();
      expect(spans).toContain(traceId);
      expect(spans).toContain('SlowController.quick');
      expect(spans).toContain('/v1/quick/:id');
      expect(spans + raw()).not.toMatch(/somchai/);
    });

    it('keeps the trace in its log without sending spans anywhere, when no endpoint is named', async () => {
      const { port, logged } = await start();
      await get(port, '/v1/quick/7', headers);
      expect(await logged('answering quickly')).toMatchObject({ traceId });
      expect(received).toEqual([]);
    });

    it('is switched off by OTEL_SDK_DISABLED, and still logs the trace it was given', async () => {
      const { port, logged } = await start({
        OTEL_SDK_DISABLED: 'true',
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_BSP_SCHEDULE_DELAY: '50',
      });
      await get(port, '/v1/quick/7', headers);
      expect(await logged('answering quickly')).toMatchObject({ traceId });
      expect(received).toEqual([]);
    });
  });
});

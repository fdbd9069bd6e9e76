/* The distributed system on a broker of its own, with everything that leaves a process kept: what it prints and what it exports. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { connectKafka, type Kafka } from '@attesta/transport';
import { startOwnKafka, type OwnKafka } from '@attesta/testing';
import type { Role } from '@attesta/service-kit';
import { startDistributed, type Distributed, type ServiceName } from './distributed.js';
import { SHIPPED_POLICY } from './shipped-files.js';
import { SpanCollector } from './span-collector-rig.js';

export interface Answer<Body = unknown> {
  status: number;
  body: Body;
  bytes: Buffer;
}

export class ObservedSystem {
  private constructor(
    readonly home: string,
    readonly broker: OwnKafka,
    readonly kafka: Kafka,
    readonly collector: SpanCollector,
    readonly system: Distributed,
    /** What each service printed, at level debug. */
    readonly printed: Record<ServiceName, string>,
  ) {}

  static async start(): Promise<ObservedSystem> {
    const home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-observed-'));
    await fs.chmod(home, 0o755); // PostgreSQL runs as another user when we are root
    const [broker, collector] = await Promise.all([startOwnKafka(), SpanCollector.start()]);
    const printed = { ledger: '', audit: '', consent: '', requests: '', retention: '', notification: '' };
    const system = await startDistributed({
      home,
      port: 0,
      origin: 'observed.localhost/log',
      policyFile: SHIPPED_POLICY,
      brokers: broker.brokers,
      logLevel: 'debug',
      env: collector.env,
      onOutput: (service, text) => (printed[service] += text),
    });
    return new ObservedSystem(home, broker, connectKafka({ brokers: broker.brokers, clientId: 'spec' }), collector, system, printed);
  }

  async stop(): Promise<void> {
    await this.system.stop();
    await this.collector.stop();
    await this.broker.stop();
    await fs.rm(this.home, { recursive: true, force: true });
  }

  /** A request as somebody with this role; a string body goes as it is. */
  async ask<Body>(role: Role, method: string, route: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    const sent = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    const response = await fetch(this.system.url + route, {
      method,
      headers: {
        authorization: `Bearer ${await this.system.issuer.issueToken(role)}`,
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent as string | Uint8Array<ArrayBuffer> }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: (isJson ? JSON.parse(bytes.toString()) : undefined) as Body, bytes };
  }

  /** What `look` finds, as soon as it finds something. */
  async eventually<T>(what: string, look: () => Promise<T | undefined> | T | undefined, seconds = 60): Promise<T> {
    for (const end = Date.now() + seconds * 1000; ; await new Promise((wake) => setTimeout(wake, 50))) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    }
  }

  /** Resolves when the registers hold the entry at this position and a checkpoint covers it. */
  async registered(position: number): Promise<void> {
    await this.eventually(`the registers at position ${position}`, async () => {
      const { status, body } = await this.ask<{ asOf: { position: number; size: number } }>('auditor', 'GET', '/v1/recipients');
      return (status === 200 && body.asOf.position >= position && body.asOf.size > position) || undefined;
    });
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startPostgres } from '@attesta/event-log/embedded';
import { clientCredentials } from '@attesta/sdk';
import type { Role } from '@attesta/service-kit';
import { readIssuerHome } from '@attesta/service-kit/issuer';
import pg from 'pg';

const CHILD = fileURLToPath(new URL('../dist/killed-system-rig.child.js', import.meta.url));

/** For specs only: the embedded system in a process of its own, killed and started again on the same data directory. Needs `npm run build`. */
export class KilledSystem {
  /** What the process printed since it was started. */
  printed = '';
  private child: ChildProcess | undefined;
  private tokens = new Map<Role, () => Promise<string> | string>();

  private constructor(
    readonly home: string,
    private readonly port: number,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** @param environment for the process, besides ours */
  static async start(environment: NodeJS.ProcessEnv = {}): Promise<KilledSystem> {
    const home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-killed-'));
    await fs.chmod(home, 0o755); // PostgreSQL runs as another user when we are root
    const system = new KilledSystem(home, await freePort(), { ...process.env, ...environment });
    await system.up();
    return system;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  async up(): Promise<void> {
    this.printed = '';
    const child = spawn(process.execPath, [CHILD, this.home, String(this.port)], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (this.printed += text.toString()));
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (text: Buffer) => text.toString().includes(`${this.url}\n`) && resolve());
      child.once('exit', () => reject(new Error(`the system ended before it was up: ${this.printed.slice(-4000)}`)));
    });
    this.tokens = new Map();
  }

  /** As a crash: SIGKILL. PostgreSQL goes on. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    await (await startPostgres({ dataDir: this.home })).stop();
    await fs.rm(this.home, { recursive: true, force: true });
  }

  async ask<Body>(
    role: Role,
    method: string,
    route: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Body; bytes: Buffer }> {
    const response = await fetch(this.url + route, {
      method,
      headers: { authorization: await this.bearer(role), ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: (isJson ? JSON.parse(bytes.toString()) : undefined) as Body, bytes };
  }

  /** The header's value. */
  async bearer(role: Role): Promise<string> {
    const { issuer, clients } = readIssuerHome(this.home);
    const { id, secret } = clients.find((client) => client.id === role)!;
    let token = this.tokens.get(role);
    if (!token) {
      token = clientCredentials({ issuer, clientId: id, clientSecret: secret });
      this.tokens.set(role, token);
    }
    return `Bearer ${await token()}`;
  }

  /** As the superuser, whether the system is up or not. */
  async database<T>(name: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const server = await startPostgres({ dataDir: this.home });
    const client = new pg.Client({ connectionString: server.adminUrl(name) });
    await client.connect();
    return work(client).finally(() => client.end());
  }

  async adminUrl(): Promise<(database?: string) => string> {
    return (await startPostgres({ dataDir: this.home })).adminUrl;
  }

  async eventually<T>(what: string, look: () => Promise<T | undefined>, seconds = 60): Promise<T> {
    for (const end = Date.now() + seconds * 1000; ; await new Promise((wake) => setTimeout(wake, 5))) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    }
  }
}

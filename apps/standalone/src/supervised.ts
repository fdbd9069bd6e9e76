import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DistributedOptions, ServiceName } from './distributed.js';

/** One process of a service. */
export interface Replica {
  /** Of the process that runs, or ran last. */
  readonly pid: number | undefined;
  /** Whether it is to run. */
  readonly running: boolean;
  /** @param tree a built tree of this repository to run from, instead of the one it ran from last */
  start(tree?: string): void;
  /** SIGTERM, and SIGKILL for one that takes too long. It stays away until it is started. */
  stop(): Promise<void>;
  /** As a crash: SIGKILL. The supervisor starts it again. */
  kill(): void;
  /** Resolves when it answers ready; at once where it is not to run. */
  ready(): Promise<void>;
}

/** This very tree. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A service's process; started again when it ends without being asked to. */
export class Supervised implements Replica {
  private child: ChildProcess | undefined;
  private tree: string;
  private wanted = false;
  private ended: Promise<void> = Promise.resolve();

  /** @param index among all processes of the system */
  constructor(
    private readonly name: ServiceName,
    readonly port: number,
    private readonly index: number,
    private readonly env: Record<string, string>,
    private readonly told: Pick<DistributedOptions, 'onEvent' | 'onOutput' | 'tree'>,
  ) {
    this.tree = told.tree ?? ROOT;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get running(): boolean {
    return this.wanted;
  }

  start(tree = this.tree): void {
    this.wanted = true;
    this.tree = tree;
    const telemetry = path.join(tree, 'libs/service-kit/dist/telemetry.js');
    const child = spawn(process.execPath, ['--import', telemetry, path.join(tree, `apps/${this.name}/dist/main.js`)], {
      cwd: tree,
      env: {
        OTEL_SERVICE_NAME: `attesta-${this.name}`,
        ...process.env,
        ...metricsPort(this.index),
        ...this.env,
        PORT: String(this.port),
      },
      stdio: ['ignore', ...(this.told.onOutput ? (['pipe', 'pipe'] as const) : (['inherit', 'inherit'] as const))],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.told.onOutput?.(this.name, text));
    }
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        resolve();
        if (!this.wanted) return;
        this.told.onEvent?.(`${this.name} ended (${signal ?? code}); starting it again`);
        setTimeout(() => this.wanted && this.start(), 500);
      });
    });
  }

  kill(): void {
    this.child?.kill('SIGKILL');
  }

  /** Holds it where it is (SIGSTOP). @returns what lets it go on */
  pause(): () => void {
    const { child } = this;
    child?.kill('SIGSTOP');
    return () => void child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.wanted = false;
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await this.ended;
    clearTimeout(impatience);
  }

  ready(): Promise<void> {
    return this.wanted ? answers(this.port) : Promise.resolve();
  }
}

/** Each its own, counted from the one that is given; one that is wrong each refuses by itself. */
function metricsPort(index: number): Record<string, string> {
  const first = process.env['METRICS_PORT'];
  return first && /^\d+$/.test(first) ? { METRICS_PORT: String(Number(first) + index) } : {};
}

export async function answers(port: number): Promise<void> {
  const until = Date.now() + 120_000;
  for (;;) {
    const ok = await fetch(`http://127.0.0.1:${port}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    if (Date.now() > until) throw new Error(`nothing answers on port ${port} after two minutes; see the log lines above`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

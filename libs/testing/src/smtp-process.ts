import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SmtpFaults, TakenMail, TestSmtp, TestSmtpOptions } from './smtp.js';

/** `TestSmtp` in a process of its own, for specs that send much, or that end while it goes on. */
export interface SmtpProcess {
  port: number;
  url: string;
  set(faults: SmtpFaults): Promise<void>;
  arrived(total: number): Promise<void>;
  up(): Promise<void>;
  down(): Promise<void>;
  /** The first `keep`. */
  taken(): Promise<TakenMail[]>;
  counts(): Promise<Map<string, number>>;
  arrivals(): Promise<TestSmtp['arrivals']>;
  stop(): Promise<void>;
}

const sources = import.meta.url.endsWith('.ts');
const child = fileURLToPath(new URL(`./smtp.child.${sources ? 'ts' : 'js'}`, import.meta.url));
const hooks = new URL('../../service-kit/scripts/ts-sources.mjs', import.meta.url).href;

export async function startSmtpProcess(options: TestSmtpOptions = {}): Promise<SmtpProcess> {
  const process = fork(child, [JSON.stringify(options)], {
    execArgv: sources ? [`--import=${hooks}`] : [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const ended = new Promise<void>((resolve) => process.once('exit', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    process.once('message', (first: { port: number }) => resolve(first.port));
    void ended.then(() => reject(new Error('The SMTP server ended before it listened.')));
  });
  let calls = 0;
  const answers = new Map<number, (value: never) => void>();
  process.on('message', ({ id, value }: { id: number; value: never }) => {
    answers.get(id)?.(value);
    answers.delete(id);
  });
  const ask = <T>(call: string, argument?: unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      answers.set(++calls, resolve);
      process.send({ id: calls, call, argument });
      void ended.then(() => reject(new Error(`The SMTP server ended before it answered to ${call}.`)));
    });
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    set: (faults) => ask('set', faults),
    arrived: (total) => ask('arrived', total),
    up: () => ask('up'),
    down: () => ask('down'),
    taken: () => ask('taken'),
    counts: () => ask('counts'),
    arrivals: () => ask('arrivals'),
    async stop() {
      process.kill('SIGKILL');
      await ended;
    },
  };
}

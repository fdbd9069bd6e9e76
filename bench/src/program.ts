import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Cleanup } from './cleanup.js';

/** What a program of this package has of the process it runs in. */
export interface Program {
  /** The repository. */
  root: string;
  cleanup: Cleanup;
  /** Standard output: the report's alone. */
  write(text: string): void;
  /** One line on standard error. */
  say(text: string): void;
  complain(error: unknown): void;
  /** Whether somebody pressed Ctrl-C: nothing is reported any more. */
  interrupted(): boolean;
  /** What is interrupted goes no further: the process ends when everything is cleared away. */
  readonly never: Promise<never>;
}

/** Runs `main` as the whole process and ends it with the code that it resolves with, when everything it started is cleared away. */
export async function runProgram(main: (program: Program, args: string[]) => Promise<number>): Promise<never> {
  // Whatever else writes to standard output goes to standard error.
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const complain = (error: unknown) => say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const cleanup = new Cleanup(complain);
  const never = new Promise<never>(() => undefined);
  let interrupted = false;
  process.on('uncaughtException', (error) => {
    if (interrupted) return; // a connection of the work that was under way
    complain(error);
    void cleanup.run().then(() => process.exit(1));
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // The embedded database's own handler would end the process before the rest is cleared away.
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (interrupted) return;
      interrupted = true;
      say('stopping ...');
      setTimeout(() => process.exit(130), 20_000);
      void cleanup.run().then(() => process.exit(130));
    });
  }
  // An embedded database does not by itself keep the process alive while it is waited for.
  setInterval(() => undefined, 1_000);

  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
  let code = 1;
  try {
    const program = { root, cleanup, write: (text: string) => void write(text), say, complain, interrupted: () => interrupted, never };
    code = await main(program, process.argv.slice(2));
  } catch (error) {
    complain(error);
  }
  if (interrupted) await never;
  await cleanup.run();
  process.exit(code);
}

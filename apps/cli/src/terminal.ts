import type { Readable, Writable } from 'node:stream';

/** An output; a terminal when `isTTY`. */
export type Output = Writable & { isTTY?: boolean };

/** Everything the commands touch of the process they run in, so that specs can bring their own. */
export interface Terminal {
  stdin: Readable & { isTTY?: boolean };
  stdout: Output;
  stderr: Output;
  env: Record<string, string | undefined>;
  /** Relative file names are meant from here. */
  cwd: string;
  now: () => Date;
  /** Resolves when the process is asked to end; without it a command that runs until then never ends. */
  interrupted?: () => Promise<void>;
}

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  // Listened for only when asked: what waits for nothing ends at once, as the shell expects.
  const interrupted = () =>
    new Promise<void>((resolve) => ['SIGINT', 'SIGTERM'].forEach((signal) => process.once(signal, () => resolve())));
  return { stdin, stdout, stderr, env, cwd: process.cwd(), now: () => new Date(), interrupted };
}

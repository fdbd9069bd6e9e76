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
}

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  return { stdin, stdout, stderr, env, cwd: process.cwd(), now: () => new Date() };
}

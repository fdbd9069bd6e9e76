import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from './cleanup.js';

/** A process of our own that is given one task and tells what it finds. */
export interface Child<Told> {
  tell(message: unknown): void;
  /** What `wanted` finds in one of the next messages. Rejects when it finds an error, or when the process ends before. */
  heard<T>(wanted: (told: Told) => T | Error | undefined): Promise<T>;
  stop(): Promise<void>;
}

/** @param file beside this one, such as './publisher.child.js' */
export function startChild<Told extends object>(file: string, task: unknown, cleanup: Cleanup): Child<Told> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [], { stdio: ['ignore', 2, 2, 'ipc'] });
  cleanup.atExit(() => child.kill('SIGKILL'));
  const listeners = new Set<(told: Told | Error) => void>();
  const every = (told: Told | Error) => listeners.forEach((listener) => listener(told));
  let gone = false;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      gone = true;
      every(new Error(`${file} ended early (${signal ?? `exit code ${code}`})`));
      resolve();
    });
  });
  child.on('message', (told) => every(told as Told));
  child.send({ task });
  const stop = async () => {
    if (!gone) child.kill('SIGTERM');
    await ended;
  };
  cleanup.defer(stop);
  return {
    stop,
    tell: (message) => void (gone || child.send(message as object)),
    heard: (wanted) =>
      new Promise((resolve, reject) => {
        if (gone) return reject(new Error(`${file} has ended`));
        const listener = (told: Told | Error) => {
          const found = told instanceof Error ? told : wanted(told);
          if (found === undefined) return;
          listeners.delete(listener);
          if (found instanceof Error) reject(found);
          else resolve(found);
        };
        listeners.add(listener);
      }),
  };
}

/** In the child: runs with the task it was started with, and passes later messages on. It ends when the parent is gone. */
export function onTask<Task>(run: (task: Task, messages: (listener: (message: unknown) => void) => void) => Promise<void>): void {
  process.once('disconnect', () => process.exit(0));
  process.once('message', (message) => {
    run((message as { task: Task }).task, (listener) => process.on('message', listener)).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    });
  });
}

/** In the child. */
export const tellParent = (message: object): void => void process.send?.(message);

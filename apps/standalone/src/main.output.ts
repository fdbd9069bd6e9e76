/**
 * Standard output belongs to the answer: from now on everything else that writes there (loggers, mostly) goes to standard error.
 * @returns writes a line to the real standard output
 */
export function ownStandardOutput(): (text: string) => void {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  return (text) => void write(`${text}\n`);
}

/** Runs `stop` once at the first termination signal, then ends the process; a second signal ends it at once. */
export function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    if (stopping) process.exit(130);
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // The embedded database's own handler would pull it away under requests that are still being answered.
    process.removeAllListeners(signal);
    process.on(signal, end);
  }
}

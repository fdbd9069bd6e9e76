import { startSmtp, type TestSmtpOptions } from './smtp.js';

/** The server of `startSmtpProcess`. Ends with the process that started it. */
const smtp = await startSmtp(JSON.parse(process.argv[2] ?? '{}') as TestSmtpOptions);
process.once('disconnect', () => process.exit(0));
process.on('message', ({ id, call, argument }: { id: number; call: string; argument: never }) => {
  const calls: Record<string, () => unknown> = {
    set: () => smtp.set(argument),
    arrived: () => smtp.arrived(argument),
    up: () => smtp.up(),
    down: () => smtp.down(),
    taken: () => smtp.taken,
    counts: () => smtp.counts,
    arrivals: () => smtp.arrivals,
  };
  void Promise.resolve(calls[call]?.()).then((value) => process.send?.({ id, value }));
});
process.send?.({ port: smtp.port });

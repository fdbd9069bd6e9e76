import { startStandalone } from '@attesta/standalone';
import { atLeast, atMost, number, type Bench } from './bench.js';
import type { HttpTold } from './http-client.child.js';
import { httpLoad } from './http-load.js';
import type { Workshop } from './workshop.js';

const PEOPLE = 10_000;
const BATCH = 100;

/** The standalone as `npm start` runs it, and a publisher beside it. */
export const httpBatches: Bench = {
  name: 'http-batches',
  async run(workshop) {
    const { rate, p99 } = await publish(workshop, { batch: BATCH, connections: 4 });
    const row = atLeast('HTTP publish, batches of 100, sealed receipts', rate * BATCH, 'events/s', 12_000);
    return [{ ...row, note: `4 connections, p99 of a batch ${number(Math.round(p99))} ms` }];
  },
};

export const httpSingle: Bench = {
  name: 'http-single',
  async run(workshop) {
    const { rate, p50, p99 } = await publish(workshop, { batch: 1, connections: 32 });
    const latency = atMost('HTTP publish, one by one, p99', p99, 'ms', 60);
    return [
      atLeast('HTTP publish, one by one, 32 connections', rate, 'events/s', 2_500),
      { ...latency, note: `p50 ${number(Math.round(p50))} ms` },
    ];
  },
};

async function publish(workshop: Workshop, { batch, connections }: { batch: number; connections: number }): Promise<HttpTold> {
  const standalone = await startStandalone({
    home: workshop.scratch('standalone'),
    port: 0,
    host: '127.0.0.1',
    origin: 'bench.example/standalone',
    policyFile: workshop.policyFile,
    logLevel: 'error',
  });
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= standalone.stop());
  workshop.cleanup.defer(stop);
  try {
    const token = await standalone.issuer.issueToken('publisher');
    const ask = { kind: 'publish', batch, people: PEOPLE } as const;
    const [seconds, warmUp] = [workshop.seconds(1 / 3), workshop.seconds(1 / 12)];
    return await httpLoad(workshop, { url: standalone.url, token, connections, seconds, warmUp, ask });
  } finally {
    await stop();
  }
}

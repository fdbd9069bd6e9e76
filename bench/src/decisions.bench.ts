import { startStandalone, type Standalone } from '@attesta/standalone';
import { atLeast, atMost, number, type Bench, type Row } from './bench.js';
import type { HttpTask } from './http-client.child.js';
import { httpLoad } from './http-load.js';
import { pause } from './load.js';
import type { Workshop } from './workshop.js';

const PEOPLE = 10_000;
const RATE = 1_000;
const CONNECTIONS = 32;
/** What a fresh process takes to compile its hot path and to collect what loading left behind, in seconds at that rate. */
const WARM_UP = 15;

/** "May we?" over HTTP, of people with consents and without, at a rate and as fast as it goes; beside it the same server answering with nothing to decide. */
export const decisions: Bench = {
  name: 'decisions',
  async run(workshop) {
    const standalone = await startStandalone({
      home: workshop.scratch('decisions'),
      port: 0,
      host: '127.0.0.1',
      origin: 'bench.example/decisions',
      policyFile: workshop.policyFile,
      logLevel: 'error',
    });
    let stopping: Promise<void> | undefined;
    const stop = () => (stopping ??= standalone.stop());
    workshop.cleanup.defer(stop);
    try {
      return await measure(workshop, standalone);
    } finally {
      await stop();
    }
  },
};

async function measure(workshop: Workshop, standalone: Standalone): Promise<Row[]> {
  await consents(standalone);
  const token = await standalone.issuer.issueToken('publisher');
  const load = {
    url: standalone.url,
    token,
    connections: CONNECTIONS,
    seconds: workshop.seconds(1 / 3),
    warmUp: Math.min(WARM_UP, workshop.seconds(1 / 2)),
  };
  const ask: HttpTask['ask'] = { kind: 'post', path: '/v1/decisions', bodies: questions() };
  const steady = await httpLoad(workshop, { ...load, rate: RATE, ask });
  const idle: HttpTask['ask'] = { kind: 'get', paths: ['/log/key'] };
  const steadyIdle = await httpLoad(workshop, { ...load, rate: RATE, ask: idle });
  const most = await httpLoad(workshop, { ...load, ask });
  const nothing = await httpLoad(workshop, { ...load, ask: idle });
  const capacity = atLeast('decisions, capacity', most.rate, 'decisions/s', 5_000);
  return [
    {
      ...atMost(`decisions at ${number(RATE)}/s, p99`, steady.p99, 'ms', 5),
      limit: steadyIdle.p99,
      ratio: steady.p99 / steadyIdle.p99,
      note: `${number(Math.round(steady.rate))}/s, p50 ${number(steady.p50)} ms, once warm; limit: the same server answering GET /log/key at that rate`,
    },
    {
      ...capacity,
      limit: nothing.rate,
      ratio: most.rate / nothing.rate,
      note: `${CONNECTIONS} connections, p99 ${number(most.p99)} ms; limit: the same server answering GET /log/key`,
    },
  ];
}

/** Half the people consent to marketing by e-mail; the log and the service have it when this resolves. */
async function consents({ ledger, consent, audit }: Standalone): Promise<void> {
  let last = 0;
  for (let from = 0; from < PEOPLE; from += 500) {
    const events = Array.from({ length: 500 }, (_, i) => captured(from + i));
    const receipts = await ledger.sealer.submit(events, { transport: 'internal' });
    last = Math.max(...receipts.map(({ position }) => position ?? -1));
  }
  await consent.feed.caughtUp(last);
  await consent.tick();
  // What the service decided about them is sealed too, and comes back: nothing of it may be left to do while we measure.
  for (let size = -1; size !== (await ledger.reader.size());) {
    size = await ledger.reader.size();
    await Promise.all([consent.feed.caughtUp(size - 1), audit.caughtUp(size - 1)]);
    await pause(2_000);
  }
}

const captured = (i: number) => ({
  specversion: '1.0' as const,
  id: `consent-${i}`,
  source: '//bench.example',
  type: 'attesta.consent.captured.v1',
  time: '2026-01-05T09:00:00Z',
  subject: `account|c-${i}`,
  data: {
    purposes: ['marketing'],
    status: i % 2 === 0 ? 'given' : 'refused',
    method: 'checkbox',
    noticeVersion: '2022-08-10',
    language: 'en',
    channelPreferences: ['email'],
  },
});

const questions = (): string[] =>
  Array.from({ length: PEOPLE }, (_, i) =>
    JSON.stringify({ subject: `account|c-${i}`, operation: 'use', categories: ['contact'], purpose: 'marketing', channel: 'email' }),
  );

import { startStandalone, type Standalone } from '@attesta/standalone';
import { atLeast, atMost, number, percentile, type Bench, type Row } from './bench.js';
import { pause } from './load.js';
import type { Workshop } from './workshop.js';

const MOST = 100_000;
const BATCH = 500;
/** Sealed events of one disposal: started, closed, answered, instructed, destroyed, completed. */
const EVENTS = 6;
/** Disposals a second where nobody says otherwise. */
const PACE = 50;
/** Publishers' events a second meanwhile. */
const OTHERS = 100;
const DAY_MS = 86_400_000;

/** Due items destroyed by the whole system: keys closed, systems asked, keys destroyed, last words sealed; and what others notice of it. */
export const disposals: Bench = {
  name: 'disposals',
  async run(workshop) {
    const fast = await withStandalone(workshop, 1_000_000, (standalone) => asFastAsItGoes(workshop, standalone));
    return [...fast, ...(await withStandalone(workshop, undefined, (standalone) => atItsPace(workshop, standalone)))];
  },
};

async function withStandalone<T>(
  workshop: Workshop,
  disposalsPerSecond: number | undefined,
  use: (standalone: Standalone) => Promise<T>,
): Promise<T> {
  const standalone = await startStandalone({
    home: workshop.scratch('disposals'),
    port: 0,
    host: '127.0.0.1',
    origin: 'bench.example/disposals',
    policyFile: workshop.policyFile,
    logLevel: 'error',
    ...(disposalsPerSecond !== undefined && { disposalsPerSecond }),
  });
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= standalone.stop());
  workshop.cleanup.defer(stop);
  try {
    return await use(standalone);
  } finally {
    await stop();
  }
}

async function asFastAsItGoes(workshop: Workshop, standalone: Standalone): Promise<Row[]> {
  const items = Math.min(MOST, workshop.largest);
  const { sealing, release } = await dueAtOnce(standalone, items);
  const memory = peakMemory();
  const started = performance.now();
  await release();
  let told = 0;
  await completed(standalone, items, (done) => {
    if (done - told < items / 10) return;
    told = done;
    workshop.say(`  ${number(done)} of ${number(items)} after ${Math.round((performance.now() - started) / 1000)} s`);
  });
  const seconds = (performance.now() - started) / 1000;
  const growth = memory.stop();
  const { rows } = await standalone.ledger.vaultPool.query<{ n: number }>('select count(*)::int as n from data_key where wrapped is null');
  if (rows[0]!.n < items) throw new Error(`only ${rows[0]!.n} keys were destroyed`);
  const rate = items / seconds;
  return [
    {
      ...atLeast(`disposals of ${number(items)} due items`, rate, 'disposals/s', 200),
      limit: sealing / EVENTS,
      ratio: rate / (sealing / EVENTS),
      note: `${number(Math.round(seconds))} s; limit: sealing a collection with values, over ${EVENTS}, for a disposal is ${EVENTS} sealed events`,
    },
    {
      ...atMost('memory grown by disposals', growth / 2 ** 20, 'MiB', 512),
      note: 'heap and buffers of the whole process, peak over start',
    },
  ];
}

async function atItsPace(workshop: Workshop, standalone: Standalone): Promise<Row[]> {
  const seconds = workshop.seconds(1);
  const items = Math.ceil(seconds * PACE);
  const { release } = await dueAtOnce(standalone, items);
  const before = await others(standalone, seconds / 2);
  await release();
  let over = false;
  const [during] = await Promise.all([others(standalone, 3_600, () => over), completed(standalone, items).then(() => (over = true))]);
  const p99 = { before: percentile(before, 0.99), during: percentile(during, 0.99) };
  return [
    {
      ...atMost(`publishing while ${PACE} disposals/s go on, p99`, p99.during, 'ms', 100),
      limit: p99.before,
      ratio: p99.during / p99.before,
      note: `${OTHERS} single events a second, each acknowledged, p50 ${number(percentile(during, 0.5))} ms; limit: the same before, p50 ${number(percentile(before, 0.5))} ms`,
    },
  ];
}

/** A hold keeps everything until all of it is sealed and counted: when it is released, all of it is due at once. */
async function dueAtOnce(standalone: Standalone, items: number): Promise<{ sealing: number; release(): Promise<unknown> }> {
  const { holds } = standalone.retention;
  const { hold } = await holds.place({ matter: 'bench', reason: 'All of it at once.', categories: ['usage'] }, 'bench');
  const sealing = await collect(standalone, items);
  await settled(standalone);
  return { sealing, release: () => holds.release(hold.id, 'Now.', 'bench') };
}

async function completed({ retention }: Standalone, items: number, tell: (done: number) => void = () => undefined): Promise<void> {
  for (let done = 0; done < items; await pause(500)) {
    const { rows } = await retention.pool.query<{ n: number }>("select count(*)::int as n from disposal where status = 'completed'");
    done = rows[0]!.n;
    tell(done);
  }
}

/** @returns how many were sealed a second */
async function collect({ ledger }: Standalone, items: number): Promise<number> {
  const time = new Date(Date.now() - 400 * DAY_MS).toISOString();
  const started = performance.now();
  for (let from = 0; from < items; from += BATCH) {
    const events = Array.from({ length: Math.min(BATCH, items - from) }, (_, i) => collected(`due-${from + i}`, time));
    const receipts = await ledger.sealer.submit(events, { transport: 'internal' });
    if (receipts.some(({ status }) => status !== 'sealed')) throw new Error(JSON.stringify(receipts[0]));
  }
  return items / ((performance.now() - started) / 1000);
}

/** Until nothing that was sealed leads to anything more. */
async function settled({ ledger, retention, requests, consent, audit }: Standalone): Promise<void> {
  for (let size = -1; size !== (await ledger.reader.size());) {
    size = await ledger.reader.size();
    await Promise.all([retention, requests, consent].map(({ feed }) => feed.caughtUp(size - 1)));
    await audit.caughtUp(size - 1);
    await pause(2_000);
  }
}

/** What single publishers see, in milliseconds. */
async function others({ ledger }: Standalone, seconds: number, isOver: () => boolean = () => false): Promise<number[]> {
  const ms: number[] = [];
  const waiting: Promise<void>[] = [];
  const started = performance.now();
  for (let n = 0; performance.now() - started < seconds * 1000 && !isOver(); n++) {
    const at = performance.now();
    const event = collected(`other-${started}-${n}`, new Date().toISOString());
    waiting.push(ledger.sealer.submit([event], { transport: 'internal' }).then(() => void ms.push(performance.now() - at)));
    await pause(1000 / OTHERS);
  }
  await Promise.all(waiting);
  return ms;
}

const collected = (person: string, time: string) => ({
  specversion: '1.0' as const,
  id: person,
  source: '//bench.example',
  type: 'attesta.collection.recorded.v1',
  time,
  subject: `account|${person}`,
  data: {
    categories: ['usage'],
    purposes: ['identity-and-security'],
    basis: 'legitimate-interest',
    occasion: 'service-access',
    method: 'app',
    channel: 'app',
    origin: 'subject',
    noticeVersion: '2022-08-10',
    personal: { usage: { seconds: 71 } },
  },
});

function peakMemory(): { stop(): number } {
  const used = () => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const start = used();
  let peak = start;
  const timer = setInterval(() => (peak = Math.max(peak, used())), 250);
  return {
    stop() {
      clearInterval(timer);
      return peak - start;
    },
  };
}

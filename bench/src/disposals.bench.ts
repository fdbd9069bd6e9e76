import { startStandalone, type Standalone } from '@attesta/standalone';
import { atLeast, atMost, number, percentile, type Bench, type Row } from './bench.js';
import { pause } from './load.js';
import type { Workshop } from './workshop.js';

const MOST = 100_000;
const BATCH = 500;
/** Sealed events of one disposal: started, closed, answered, instructed, destroyed, completed. */
const EVENTS = 6;
/** Publishers' events a second while disposals run. */
const OTHERS = 100;
const DAY_MS = 86_400_000;

/** Due items destroyed by the whole system: keys closed, systems asked, keys destroyed, last words sealed; and what others notice of it. */
export const disposals: Bench = {
  name: 'disposals',
  async run(workshop) {
    const standalone = await startStandalone({
      home: workshop.scratch('disposals'),
      port: 0,
      host: '127.0.0.1',
      origin: 'bench.example/disposals',
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
  const { retention, ledger } = standalone;
  const items = Math.min(MOST, workshop.largest);
  // A hold keeps everything until all of it is sealed and counted: then all of it is due at once.
  const { hold } = await retention.holds.place({ matter: 'bench', reason: 'All of it at once.', categories: ['usage'] }, 'bench');
  const sealing = await collect(standalone, items);
  await settled(standalone);
  const before = await others(standalone, workshop.seconds(1 / 6));
  const memory = peakMemory();
  const started = performance.now();
  await retention.holds.release(hold.id, 'Now.', 'bench');
  let noticed: number[] = [];
  const traffic = others(standalone, 3_600, () => done >= items).then((ms) => (noticed = ms));
  let done = 0;
  for (let told = 0; done < items; await pause(500)) {
    const { rows } = await retention.pool.query<{ n: number }>("select count(*)::int as n from disposal where status = 'completed'");
    done = rows[0]!.n;
    if (done - told < items / 10) continue;
    told = done;
    workshop.say(`  ${number(done)} of ${number(items)} after ${Math.round((performance.now() - started) / 1000)} s`);
  }
  const seconds = (performance.now() - started) / 1000;
  const growth = memory.stop();
  await traffic;
  const { rows } = await ledger.vaultPool.query<{ n: number }>('select count(*)::int as n from data_key where wrapped is not null');
  if (rows[0]!.n > items / 100) throw new Error(`${rows[0]!.n} keys are still there`);
  const rate = items / seconds;
  const p99 = { before: percentile(before, 0.99), during: percentile(noticed, 0.99) };
  return [
    {
      ...atLeast(`disposals of ${number(items)} due items`, rate, 'disposals/s', 300),
      limit: sealing / EVENTS,
      ratio: rate / (sealing / EVENTS),
      note: `${number(Math.round(seconds))} s; limit: sealing a collection with values, over ${EVENTS}, for a disposal is ${EVENTS} sealed events`,
    },
    {
      ...atMost('publishing during disposals, p99', p99.during, 'ms', 100),
      limit: p99.before,
      ratio: p99.during / p99.before,
      note: `${OTHERS} single events a second, each acknowledged; limit: the same before`,
    },
    {
      ...atMost('memory grown by disposals', growth / 2 ** 20, 'MiB', 512),
      note: 'heap and buffers of the whole process, peak over start',
    },
  ];
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
    const event = { ...collected(`other-${started}-${n}`, new Date().toISOString()) };
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

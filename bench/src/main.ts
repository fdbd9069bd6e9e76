import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { NotRun, type Bench, type Row } from './bench.js';
import { Cleanup } from './cleanup.js';
import { decisionCache } from './decision-cache.bench.js';
import { decisions } from './decisions.bench.js';
import { disposals } from './disposals.bench.js';
import { feed } from './feed.bench.js';
import { growth } from './growth.bench.js';
import { httpBatches, httpSingle } from './http-publish.bench.js';
import { inclusionTime } from './inclusion-time.bench.js';
import { kafka } from './kafka.bench.js';
import { describeMachine } from './machine.js';
import { readOptions, USAGE, type BenchOptions } from './options.js';
import { proof } from './proof.bench.js';
import { queries } from './queries.bench.js';
import { registerLag } from './register-lag.bench.js';
import { registerRebuild } from './register-rebuild.bench.js';
import { tableOf, type Report } from './report.js';
import { seal } from './seal.bench.js';
import { single } from './single.bench.js';
import { verify } from './verify.bench.js';
import { Workshop } from './workshop.js';

/** In this order: rows that need a quiet machine before the large logs are grown, growth last because it adds to them. */
const BENCHES: readonly Bench[] = [
  seal,
  single,
  kafka,
  httpBatches,
  httpSingle,
  decisions,
  disposals,
  decisionCache,
  inclusionTime,
  registerLag,
  feed,
  registerRebuild,
  queries,
  verify,
  proof,
  growth,
];

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

// Standard output belongs to the report; whatever else writes there goes to standard error.
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
const say = (text: string) => void process.stderr.write(`${text}\n`);
const complain = (error: unknown) => say(error instanceof Error ? (error.stack ?? error.message) : String(error));

const cleanup = new Cleanup(complain);
let interrupted = false;
/** What is interrupted goes no further: the process ends when everything is cleared away. */
const never = new Promise<never>(() => undefined);
process.on('uncaughtException', (error) => {
  if (interrupted) return; // a connection of the row that was under way
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

let code = 1;
try {
  code = await main(process.argv.slice(2));
} catch (error) {
  complain(error);
}
if (interrupted) await never;
await cleanup.run();
process.exit(code);

async function main(args: string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = readOptions(args);
  } catch (error) {
    say(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const chosen = BENCHES.filter(({ name }) => name.includes(options.only ?? ''));
  if (options.list || chosen.length === 0) {
    (options.list ? write : say)(`${BENCHES.map(({ name }) => name).join('\n')}\n`);
    return options.list ? 0 : 2;
  }
  const workshop = await Workshop.open(ROOT, options, cleanup, say);
  const machine = await describeMachine(ROOT, await postgresVersion(workshop), options);
  const rows: Row[] = [];
  for (const bench of chosen) rows.push(...(await run(bench, workshop)));
  const report: Report = { machine, rows };
  write(`${options.json ? JSON.stringify(report) : tableOf(report)}\n`);
  return rows.some(({ failed }) => failed) ? 1 : 0;
}

/** One row that cannot be had does not take the others along, and is never left out. */
async function run(bench: Bench, workshop: Workshop): Promise<Row[]> {
  const started = performance.now();
  say(`${bench.name} ...`);
  try {
    const rows = await bench.run(workshop);
    if (interrupted) return await never;
    say(`${bench.name}: ${Math.round((performance.now() - started) / 1000)} s`);
    return rows;
  } catch (error) {
    if (interrupted) return never;
    const expected = error instanceof NotRun;
    if (!expected) complain(error);
    const reason = error instanceof Error ? error.message.split('\n', 1)[0]! : String(error);
    return [{ name: bench.name, value: null, unit: '', goal: '', met: false, notRun: reason, ...(!expected && { failed: true }) }];
  }
}

async function postgresVersion({ server }: Workshop): Promise<string> {
  const client = new pg.Client({ connectionString: server.adminUrl() });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  return rows[0]!.server_version;
}

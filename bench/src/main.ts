import pg from 'pg';
import { NotRun, type Bench, type Row } from './bench.js';
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
import { runProgram, type Program } from './program.js';
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

await runProgram(async (program, args) => {
  const { root, cleanup, write, say } = program;
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
  const workshop = await Workshop.open(root, options, cleanup, say);
  const machine = await describeMachine(root, await postgresVersion(workshop), options);
  const rows: Row[] = [];
  for (const bench of chosen) rows.push(...(await run(program, bench, workshop)));
  const report: Report = { machine, rows };
  write(`${options.json ? JSON.stringify(report) : tableOf(report)}\n`);
  return rows.some(({ failed }) => failed) ? 1 : 0;
});

/** One row that cannot be had does not take the others along, and is never left out. */
async function run({ say, complain, interrupted, never }: Program, bench: Bench, workshop: Workshop): Promise<Row[]> {
  const started = performance.now();
  say(`${bench.name} ...`);
  try {
    const rows = await bench.run(workshop);
    if (interrupted()) return await never;
    say(`${bench.name}: ${Math.round((performance.now() - started) / 1000)} s`);
    return rows;
  } catch (error) {
    if (interrupted()) return never;
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

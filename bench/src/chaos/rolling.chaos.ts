import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { ServiceName } from '@attesta/standalone';
import { number } from '../bench.js';
import { atRest, pause, unsound, until } from './at-rest.js';
import { Load, SPARING_MS } from './load.js';
import { buildOldVersion, NoOldVersion } from './old-version.js';
import { ReplicatedFleet } from './replicated-fleet.js';
import type { Chaos, Outcome, Round } from './round.js';
import { checkSealedTopic } from './sealed-topic.js';
import { TimedHistory } from './timed-history.js';

const REPLICAS = { ledger: 2, audit: 2 };
/** As docs/upgrading.md has it: readers first. */
const ORDER: readonly ServiceName[] = ['audit', 'consent', 'requests', 'retention', 'notification', 'ledger'];
const UPGRADED = 'a process of the version before replaced by one of this';
const BACK = 'a process of this version replaced by one of the version before';
/** As docs/upgrading.md has it: the version before knows nothing of MACs. */
const BETWEEN_VERSIONS = { KAFKA_INTAKE_MAC: 'accepted' };
/** Both versions work beside each other at least this long after each step. */
const BESIDE_MS = 2_000;

/** The system upgraded while it works: migrations first, then one process after the other; once a ledger goes back, and comes again. */
export const rolling: Round = {
  name: 'rolling',
  faults: {},
  async run(chaos): Promise<Outcome> {
    let old;
    try {
      old = await buildOldVersion(chaos.root, chaos.scratch());
    } catch (error) {
      if (!(error instanceof NoOldVersion)) throw error;
      chaos.say(`NOT RUN: ${error.message}`);
      return { faults: {}, acknowledged: 0, lost: 0, duplicated: 0, problems: [], notes: [`NOT RUN: ${error.message}`] };
    }
    const fleet = await ReplicatedFleet.start(chaos, { replicas: REPLICAS, tree: old.tree, env: BETWEEN_VERSIONS });
    const history = new TimedHistory();
    const load = await Load.start(fleet, history, chaos, SPARING_MS);
    const answered = async () => {
      const from = performance.now();
      await until('an answer', () => history.ways.HTTP.since(from) && history.ways.Kafka.since(from));
    };
    await answered();
    const atFirst = history.acknowledged;
    for (const service of ORDER) await migrate(chaos, fleet, service);
    await answered();
    const started = performance.now();
    let upgraded = 0;
    const replace = async (service: ServiceName, n: number, tree = chaos.root) => {
      const replica = fleet.system.replicas[service][n]!;
      await replica.stop();
      replica.start(tree);
      await fleet.ready();
      await answered();
      await pause(BESIDE_MS);
      chaos.say(`${service} ${n + 1}: ${tree === chaos.root ? 'this version' : old.commit}`);
    };
    for (const service of ORDER) {
      for (const n of fleet.system.replicas[service].keys()) {
        await replace(service, n);
        upgraded++;
        if (service !== 'ledger' || n > 0) continue;
        await replace(service, n, old.tree);
        await replace(service, n);
      }
    }
    const seconds = (performance.now() - started) / 1000;
    await load.stop();
    chaos.say(`${number(history.acknowledged)} events acknowledged; coming to rest ...`);
    await atRest(fleet.system);
    const { size, problems, ...verdict } = await history.check(fleet.log);
    problems.push(...(await checkSealedTopic(fleet.brokers, size, 2 * upgraded)).problems, ...(await unsound(fleet.system)));
    await fleet.stop();
    const rate = number(Math.round((history.acknowledged - atFirst) / seconds));
    const longest = number(Math.round(history.ways.HTTP.longest(started, started + seconds * 1000)));
    const notes = [
      `from ${old.commit}, on the third-party packages of this tree; ${number(size)} entries sealed; ${rate} events/s acknowledged meanwhile`,
      `longest silence over HTTP ${longest} ms`,
    ];
    return { faults: { [UPGRADED]: upgraded + 1, [BACK]: 1 }, ...verdict, problems, notes };
  },
};

/** This version's migrations, as a Job runs them, while the version before works. */
async function migrate(chaos: Chaos, fleet: ReplicatedFleet, service: ServiceName): Promise<void> {
  const databases = service === 'ledger' ? (['ledger', 'vault'] as const) : ([service] as const);
  const env = Object.fromEntries(
    databases.flatMap((name) => [
      [`${name.toUpperCase()}_DATABASE_URL`, fleet.system.databases[name].url],
      [`${name.toUpperCase()}_MIGRATION_URL`, fleet.system.databases[name].migrationUrl],
    ]),
  );
  const job = spawn(process.execPath, [path.join(chaos.root, `apps/${service}/dist/migrate.main.js`)], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(job, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the migrations of ${service} ended with ${code}`);
}

import { runProgram, type Program } from '../program.js';
import { attacks } from './attacks.chaos.js';
import { gap } from './gap.chaos.js';
import { hostileKafka } from './hostile-kafka.chaos.js';
import { hostile } from './hostile.chaos.js';
import { kafka } from './kafka.chaos.js';
import { readOptions, USAGE, type ChaosOptions } from './options.js';
import { postgres } from './postgres.chaos.js';
import { processes } from './processes.chaos.js';
import { replicas } from './replicas.chaos.js';
import { reportOf, textOf, tooFew, type RoundReport } from './report.js';
import { restoredBackup } from './restored-backup.chaos.js';
import { rolling } from './rolling.chaos.js';
import { Chaos, type Round } from './round.js';

/** Those that are quick to say that something is wrong first. */
const ROUNDS: readonly Round[] = [gap, attacks, restoredBackup, hostile, hostileKafka, processes, postgres, kafka, replicas, rolling];

await runProgram(async (program, args) => {
  const { write, say } = program;
  let options: ChaosOptions;
  try {
    options = readOptions(args);
  } catch (error) {
    say(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const chosen = ROUNDS.filter(({ name }) => name.includes(options.only ?? ''));
  if (options.list || chosen.length === 0) {
    (options.list ? write : say)(`${ROUNDS.map(({ name }) => name).join('\n')}\n`);
    return options.list ? 0 : 2;
  }
  const rounds: RoundReport[] = [];
  for (const round of chosen) rounds.push(await run(program, round, options));
  const report = reportOf(options.seed, rounds);
  write(`${options.json ? JSON.stringify(report) : textOf(report)}\n`);
  return report.verdict === 'clean' ? 0 : 1;
});

/** A round that breaks is not clean, and does not take the others along. */
async function run(program: Program, round: Round, { seed, share }: ChaosOptions): Promise<RoundReport> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  const chaos = new Chaos(round, program.root, seed, share, program.cleanup, program.say);
  chaos.say('...');
  try {
    const outcome = await round.run(chaos);
    if (program.interrupted()) return await program.never;
    const problems = [...outcome.problems, ...tooFew(round, outcome.faults, (fault) => chaos.wanted(fault))];
    chaos.say(`${problems.length === 0 ? 'clean' : problems.join('; ')} (${seconds()} s)`);
    return { name: round.name, seconds: seconds(), ...outcome, problems };
  } catch (error) {
    if (program.interrupted()) return program.never;
    program.complain(error);
    const reason = error instanceof Error ? error.message.split('\n', 1)[0]! : String(error);
    const nothing = { faults: {}, acknowledged: 0, lost: 0, duplicated: 0, notes: [] };
    return { name: round.name, seconds: seconds(), ...nothing, problems: [`the round broke: ${reason}`] };
  }
}

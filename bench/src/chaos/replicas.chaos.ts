import { number, percentile } from '../bench.js';
import { atRest, pause, unsound, until } from './at-rest.js';
import { Load, SPARING_MS } from './load.js';
import { ReplicatedFleet } from './replicated-fleet.js';
import { ReplicasWatch } from './replicas-watch.js';
import type { Chaos, Outcome, Round } from './round.js';
import { checkSealedTopic } from './sealed-topic.js';
import { TimedHistory, type Signs } from './timed-history.js';

const BROKER_KILLED = 'one of three brokers killed (SIGKILL)';
const LEADER_STOPPED = "a partition's leader stopped cleanly";
const LEDGER_KILLED = 'one of three ledgers killed (SIGKILL)';
const AUDIT_KILLED = 'one of the registers’ processes killed (SIGKILL)';
const REBALANCED = 'a rebalance: a third process of the registers came or went';
const FAULTS = { [BROKER_KILLED]: 6, [LEADER_STOPPED]: 3, [LEDGER_KILLED]: 20, [AUDIT_KILLED]: 10, [REBALANCED]: 5 };

const PARTITIONS = 6;
/** A request of the relay that Kafka did not answer is sent again this often, and then it begins anew at its cursor. */
const RESENDS = 5;
/** Before anything breaks, for the rate and the lag that there is then. */
const CALM_MS = 5_000;

interface Window {
  fault: string;
  from: number;
  upto: number;
}

/** Three ledgers, two processes of the registers and three brokers, of which one at a time is lost: nobody notices but for a moment. */
export const replicas: Round = {
  name: 'replicas',
  faults: FAULTS,
  async run(chaos): Promise<Outcome> {
    const fleet = await ReplicatedFleet.start(chaos, { replicas: { ledger: 3, audit: 3 } });
    const history = new TimedHistory();
    const [, , third] = fleet.system.replicas.audit;
    await third!.stop();
    const load = await Load.start(fleet, history, chaos, SPARING_MS);
    const watch = new ReplicasWatch(fleet);
    chaos.cleanup.defer(() => watch.giveUp());
    await pause(CALM_MS);
    const started = performance.now();
    const windows: Window[] = [];
    const { ways } = history;
    for (const [n, fault] of inAnyOrder(chaos).entries()) {
      await fleet.ready();
      await pause(chaos.between(0, 1_500)); // when it strikes must not matter
      const from = performance.now();
      await BREAK[fault]!(chaos, fleet, () => until(`an answer after ${fault}`, () => ways.HTTP.since(from) && ways.Kafka.since(from)));
      windows.push({ fault, from, upto: performance.now() });
      chaos.say(`${n + 1}: ${fault} (${number(Math.round(performance.now() - from))} ms)`);
    }
    const seconds = (performance.now() - started) / 1000;
    const acknowledged = history.acknowledged;
    await fleet.ready();
    await load.stop();
    chaos.say(`${number(history.acknowledged)} events acknowledged; coming to rest ...`);
    await atRest(fleet.system);
    await watch.stop();
    const { size, problems, ...verdict } = await history.check(fleet.log);
    const topic = await checkSealedTopic(fleet.brokers, size, RESENDS * (windows.length + 1));
    problems.push(...watch.problems, ...topic.problems, ...(await unsound(fleet.system)));
    await fleet.stop();
    const faults: Record<string, number> = {};
    for (const { fault } of windows) faults[fault] = (faults[fault] ?? 0) + 1;
    const notes = [
      `${number(size)} entries sealed; ${number(Math.round(acknowledged / seconds))} events/s acknowledged while things broke`,
      ...silences(windows, { HTTP: ways.HTTP, Kafka: ways.Kafka, 'the registers': watch.registers }),
      `registers behind the log: p50 ${ms(percentile(watch.lags, 0.5))}, p99 ${ms(percentile(watch.lags, 0.99))}, at most ${ms(Math.max(...watch.lags))}`,
      `other processes took over ${watch.takeovers.integrator} times as integrator, ${watch.takeovers.relay} times as relay`,
      `${number(topic.again)} entries stand in the sealed topic again; a partition goes back ${topic.rewinds} times at most`,
    ];
    return { faults, ...verdict, problems, notes };
  },
};

/** Makes the fault, and resolves when what it took away is there again. `answered`: both ways have acknowledged something since. */
type Break = (chaos: Chaos, fleet: ReplicatedFleet, answered: () => Promise<void>) => Promise<void>;

const BREAK: Record<string, Break> = {
  [BROKER_KILLED]: async (chaos, fleet, answered) => {
    const node = chaos.pick(fleet.cluster.nodes);
    await node.kill();
    await answered();
    await node.start(fleet.cluster.nodes.length);
    await fleet.inSync();
  },
  [LEADER_STOPPED]: async (chaos, fleet, answered) => {
    const node = await fleet.leaderOf(chaos.between(0, PARTITIONS));
    await node.stop();
    await answered();
    await node.start(fleet.cluster.nodes.length);
    await fleet.inSync();
  },
  [LEDGER_KILLED]: async (chaos, fleet, answered) => {
    chaos.pick(fleet.system.replicas.ledger).kill();
    await answered();
  },
  [AUDIT_KILLED]: async (chaos, fleet, answered) => {
    chaos.pick(fleet.system.replicas.audit.slice(0, 2)).kill();
    await answered();
  },
  [REBALANCED]: async (_chaos, fleet, answered) => {
    const third = fleet.system.replicas.audit[2]!;
    const before = await fleet.claims();
    if (third.running) await third.stop();
    else third.start();
    await fleet.ready();
    await until('the partitions to be shared anew', async () => (await fleet.claims()) > before);
    await answered();
  },
};

/** As many of each as this run injects, shuffled. */
function inAnyOrder(chaos: Chaos): string[] {
  const faults = Object.keys(FAULTS).flatMap((fault) => Array.from({ length: chaos.wanted(fault) }, () => fault));
  for (let i = faults.length - 1; i > 0; i--) {
    const j = chaos.between(0, i + 1);
    [faults[i], faults[j]] = [faults[j]!, faults[i]!];
  }
  return faults;
}

/** By kind of fault: for how long nobody was answered, at most. */
const silences = (windows: readonly Window[], signs: Record<string, Signs>): string[] =>
  Object.keys(FAULTS).map((fault) => {
    const own = windows.filter((window) => window.fault === fault);
    const longest = Object.entries(signs).map(([name, sign]) => {
      const most = Math.max(0, ...own.map(({ from, upto }) => sign.longest(from, upto)));
      return `${name} ${ms(most)}`;
    });
    return `longest silence, ${fault}: ${longest.join(', ')}`;
  });

const ms = (milliseconds: number): string => `${number(Math.round(milliseconds))} ms`;

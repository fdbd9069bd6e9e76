import { number } from '../bench.js';
import { atRest, unsound } from './at-rest.js';
import { Fleet } from './fleet.js';
import { History } from './history.js';
import { Load } from './load.js';
import { restoredOtherwise } from './restored.js';
import type { Chaos, Outcome } from './round.js';

/** Breaks a system that works, and holds it against the log when it has come to rest. @param breaking resolves with how often what was broken */
export async function underLoad(chaos: Chaos, breaking: (fleet: Fleet, load: Load) => Promise<Record<string, number>>): Promise<Outcome> {
  const fleet = await Fleet.start(chaos);
  const history = new History();
  const load = await Load.start(fleet, history, chaos);
  const started = performance.now();
  const faults = await breaking(fleet, load);
  const seconds = (performance.now() - started) / 1000;
  await fleet.ready();
  await load.stop();
  chaos.say(`${number(history.acknowledged)} events acknowledged; coming to rest ...`);
  await atRest(fleet.system);
  const { size, problems, ...verdict } = await history.check(fleet.log);
  problems.push(...(await unsound(fleet.system)));
  await fleet.stop();
  problems.push(...(await restoredOtherwise(fleet.home)));
  const rate = number(Math.round(history.acknowledged / seconds));
  return { faults, ...verdict, problems, notes: [`${number(size)} entries sealed; ${rate} events/s acknowledged while things broke`] };
}

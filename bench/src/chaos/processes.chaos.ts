import { pause } from './at-rest.js';
import type { Round } from './round.js';
import { SERVICES } from './services.js';
import { underLoad } from './under-load.js';

const KILLED = 'a service killed (SIGKILL)';
const PAUSED = 'a service held (SIGSTOP) for longer than Kafka waits for it';
/** Past the session of a consumer group, so that its partitions are given away while it believes it has them. */
const HELD_MS = 12_000;
/** So many deaths later everybody is waited for, or nothing would ever get done. */
const BREATHER = 12;

/** Processes die at any moment, and some are only believed to: whoever comes back must not do what another has taken over. */
export const processes: Round = {
  name: 'processes',
  faults: { [KILLED]: 200, [PAUSED]: 10 },
  run: (chaos) =>
    underLoad(chaos, async (fleet) => {
      const [kills, pauses] = [chaos.wanted(KILLED), chaos.wanted(PAUSED)];
      const pausedAt = new Set(Array.from({ length: pauses }, (_, n) => Math.floor(((n + 0.5) * kills) / pauses)));
      let paused = 0;
      for (let killed = 0; killed < kills; killed++) {
        if (pausedAt.has(killed)) {
          const goOn = fleet.system.pause(chaos.pick(SERVICES));
          await pause(HELD_MS);
          goOn();
          paused++;
        }
        fleet.system.kill(chaos.pick(SERVICES));
        await pause(chaos.between(0, 2_500)); // when the next one dies must not matter
        if (killed % BREATHER === BREATHER - 1) {
          await fleet.ready();
          chaos.say(`${killed + 1} of ${kills} killed`);
        }
      }
      return { [KILLED]: kills, [PAUSED]: paused };
    }),
};

import { pause } from './at-rest.js';
import type { Round } from './round.js';
import { underLoad } from './under-load.js';

const STOPPED = 'the Kafka broker stopped and started';
const KILLED = 'the Kafka broker killed (SIGKILL) and started';
const WIPED = 'all topics gone: the broker wiped, refilled from the log';

/** Kafka carries and holds nothing: it may go away, and come back with nothing in it. */
export const kafka: Round = {
  name: 'kafka',
  faults: { [STOPPED]: 4, [KILLED]: 4, [WIPED]: 4 },
  run: (chaos) =>
    underLoad(chaos, async (fleet, load) => {
      const [stops, kills, wipes] = [chaos.wanted(STOPPED), chaos.wanted(KILLED), chaos.wanted(WIPED)];
      for (let n = 0; n < Math.max(stops, kills, wipes); n++) {
        await pause(chaos.between(500, 4_000));
        if (n < stops) await fleet.restartBroker('stop', chaos.between(0, 5_000));
        await pause(chaos.between(500, 4_000));
        if (n < kills) await fleet.restartBroker('kill', chaos.between(0, 5_000));
        await pause(chaos.between(500, 4_000));
        if (n < wipes) await load.whileTopicsAreLost(() => fleet.restartBroker('wipe', chaos.between(0, 5_000)));
        await fleet.ready();
        chaos.say(`${n + 1} of ${Math.max(stops, kills, wipes)} times`);
      }
      return { [STOPPED]: stops, [KILLED]: kills, [WIPED]: wipes };
    }),
};

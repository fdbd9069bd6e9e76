import { pause } from './at-rest.js';
import type { Round } from './round.js';
import { SERVICES } from './services.js';
import { underLoad } from './under-load.js';

const CRASHED = 'PostgreSQL ended at once (immediate) and started again';
const CUT = 'all connections to a database cut';

/** The database goes away under everybody, and connections break in the middle of whatever they do. */
export const postgres: Round = {
  name: 'postgres',
  faults: { [CRASHED]: 20, [CUT]: 60 },
  run: (chaos) =>
    underLoad(chaos, async (fleet) => {
      const [crashes, cuts] = [chaos.wanted(CRASHED), chaos.wanted(CUT)];
      let cut = 0;
      for (let crashed = 0; crashed < crashes; crashed++) {
        await pause(chaos.between(200, 3_000));
        await fleet.crashPostgres();
        await fleet.ready();
        for (const upto = Math.ceil(((crashed + 1) * cuts) / crashes); cut < upto; cut++) {
          await fleet.cutConnections(`attesta_${chaos.pick([...SERVICES, 'vault'])}`);
          await pause(chaos.between(0, 1_500));
        }
        chaos.say(`${crashed + 1} of ${crashes} crashes`);
      }
      return { [CRASHED]: crashes, [CUT]: cut };
    }),
};

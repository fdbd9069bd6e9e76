import { atLeast, number, type Bench } from './bench.js';
import { largestRegisters } from './registers.js';

/** All registers emptied and filled again from the log, findings included. */
export const registerRebuild: Bench = {
  name: 'register-rebuild',
  async run(workshop) {
    const { entries, rate } = await largestRegisters(workshop);
    return [atLeast(`register rebuild from 0, ${number(entries)} entries`, rate, 'events/s', 40_000)];
  },
};

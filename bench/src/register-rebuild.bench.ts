import { atLeast, number, type Bench } from './bench.js';
import { largestRegisters } from './registers.js';

/** All registers filled again from the log beside those that answer, findings included, compared with them and swapped in. */
export const registerRebuild: Bench = {
  name: 'register-rebuild',
  async run(workshop) {
    const { entries, rate } = await largestRegisters(workshop);
    const row = atLeast(`register rebuild from 0, ${number(entries)} entries`, rate, 'events/s', 40_000);
    return [{ ...row, note: 'digests equal' }];
  },
};

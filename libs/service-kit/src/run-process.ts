import { Logger } from '@nestjs/common';
import { endIfMisconfigured } from './config/misconfigured.js';

/** Runs a process's main function. A wrong environment is explained on standard error; anything else that ends the start is logged. */
export async function runProcess(main: () => Promise<unknown>): Promise<void> {
  try {
    await main();
  } catch (error) {
    endIfMisconfigured(error);
    new Logger('process').fatal('the process could not start', { error });
    process.exit(1);
  }
}

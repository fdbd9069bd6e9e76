import { Logger } from '@nestjs/common';
import { ConfigError } from './config/load-config.js';

/** sysexits(3) EX_CONFIG: supervisors can tell a wrong environment, which a restart does not mend, from a crash. */
const EX_CONFIG = 78;

/**
 * Runs a process's main function. A wrong environment is explained in plain text on standard error, since whoever reads it
 * has to act on every word; anything else that ends the start is logged.
 */
export async function runProcess(main: () => Promise<unknown>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(EX_CONFIG);
    }
    new Logger('process').fatal('the process could not start', { error });
    process.exit(1);
  }
}

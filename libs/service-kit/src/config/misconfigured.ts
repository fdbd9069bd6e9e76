import { ConfigError } from './load-config.js';

/** sysexits(3) EX_CONFIG: supervisors can tell a wrong environment, which a restart does not mend, from a crash. */
const EX_CONFIG = 78;

/** Ends the process when that is a wrong environment, explained in plain text, since whoever reads it has to act on every word. */
export function endIfMisconfigured(error: unknown): void {
  if (!(error instanceof ConfigError)) return;
  process.stderr.write(`${error.message}\n`);
  process.exit(EX_CONFIG);
}

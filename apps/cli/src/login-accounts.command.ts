import type { Command } from 'commander';
import { DEFAULT_HOME, homeOf, readLocalIssuer } from './credentials.js';
import { example, withJson, type Cli } from './options.js';

/** Who may sign in to the console of the local system, and with which passwords. Reads the issuer's files; there is no route that tells them. */
export function addLoginAccounts(program: Command, cli: Cli): void {
  const command = program
    .command('login-accounts')
    .description('Print who may sign in to the console of the local system, with their passwords')
    .option('--home <directory>', `data directory of the local system (environment: ATTESTA_HOME; else ${DEFAULT_HOME})`);
  withJson(command);
  example(command, 'attesta login-accounts --home .attesta').action((options: { home?: string; json?: true }) => print(options, cli));
}

async function print(options: { home?: string; json?: true }, { screen, terminal }: Cli): Promise<void> {
  const { accounts } = await readLocalIssuer(homeOf(options, terminal));
  if (options.json) {
    screen.json({ accounts });
    return;
  }
  const width = Math.max(0, ...accounts.map(({ id }) => id.length));
  for (const { id, password, roles } of accounts) screen.print(`${id.padEnd(width)}  ${password}  (${roles.join(', ')})`);
}

import type { Command } from 'commander';
import type { BackupCheckOptions } from './backup-check.js';
import { example, withJson, type Cli } from './options.js';
import type { HomeOptions, RestoreOptions } from './restore.js';

const SERVICE = 'audit, consent, requests, retention or notification';

const withHome = (command: Command): Command =>
  command.option('--home <directory>', 'data directory of the local system (environment: ATTESTA_HOME)');

/** They compose whole services, which other commands need not wait for. */
export function addDisasters(program: Command, cli: Cli): void {
  const restoring = program
    .command('restore')
    .description(
      "Build the lost database of a service from the ledger's log; the service must be stopped. Without a data directory, the database that its environment names (CONSENT_DATABASE_URL, ...), from that of LEDGER_DATABASE_URL",
    )
    .argument('<service>', SERVICE)
    .option('--replace', 'drop the database that is there, with everything in it');
  withJson(withHome(restoring));
  example(restoring, 'attesta restore consent --home .attesta').action(async (service: string, options: RestoreOptions) =>
    (await import('./restore.js')).restore(service, options, cli),
  );

  const digesting = program
    .command('digest')
    .description(
      "Print digests of what follows from the ledger's log in the database of a service, found as restore finds it; the service must be stopped",
    )
    .argument('<service>', SERVICE);
  withJson(withHome(digesting));
  example(digesting, 'attesta digest consent --home .attesta').action(async (service: string, options: HomeOptions) =>
    (await import('./restore.js')).digest(service, options, cli),
  );

  const checking = program
    .command('backup-check')
    .description(
      'Check a restored copy: the log against a checkpoint kept elsewhere, and every database against the log; nothing runs on it',
    )
    .requiredOption('--state <file>', 'what attesta log verify --state kept of the log, on another machine than the backup');
  withJson(withHome(checking));
  example(checking, 'attesta backup-check --home /restored/attesta --state log.state').action(async (options: BackupCheckOptions) =>
    (await import('./backup-check.js')).checkBackup(options, cli),
  );
}

import type { Command } from 'commander';
import { example, withJson, type Cli } from './options.js';
import type { DestroyOptions, RetireOptions, RotateOptions, StatusOptions } from './key-rotation.js';

const SERVICE = 'only this one: ledger, consent, requests or notification. Without a data directory, as its environment configures it';

const withPlace = (command: Command): Command =>
  command
    .option('--home <directory>', 'data directory of the local system (environment: ATTESTA_HOME)')
    .option('--service <name>', SERVICE);

/** They load whole configurations, which other commands need not wait for. */
export function addKeys(program: Command, cli: Cli): void {
  const keys = program.command('keys').description('See, rotate and destroy keys; everything may run meanwhile (docs/keys.md)');

  const status = keys.command('status').description('What keys there are, how old, and what hangs on each');
  withJson(withPlace(status));
  example(status, 'attesta keys status --home .attesta').action(async (options: StatusOptions) =>
    (await import('./key-rotation.js')).showKeys(options, cli),
  );

  const rotate = keys
    .command('rotate')
    .description('Begin with a new key beside the old; for kek, rewrap everything under it. Killed, it is run again')
    .argument('<key>', 'kek, checkpoint or intake')
    .option('--again', 'also within an hour of the last rotation');
  withJson(withPlace(rotate));
  example(rotate, 'attesta keys rotate kek').action(async (key: string, options: RotateOptions) =>
    (await import('./key-rotation.js')).rotate(key, options, cli),
  );

  const retire = keys
    .command('retire')
    .description('Let the old key go, which is destroyed by that')
    .argument('<key>', 'checkpoint or intake')
    .option('--overlap <duration>', 'ISO 8601: how long both must have been there (default: P30D)')
    .option('--witness-policy <file>', 'checkpoint: witnesses that must take the new key first (environment: ATTESTA_WITNESS_POLICY)');
  withJson(withPlace(retire));
  example(retire, 'attesta keys retire checkpoint --witness-policy policy.txt').action(async (key: string, options: RetireOptions) =>
    (await import('./key-rotation.js')).retire(key, options, cli),
  );

  const destroy = keys
    .command('destroy')
    .description('Destroy an older key-encryption key of the keyring file, once nothing hangs on it')
    .argument('<kek>', 'its name, such as kek-1')
    .option('--backups-kept-for <duration>', 'ISO 8601: how long a backup may still be restored', 'P35D')
    .option('--backups-are-gone', 'no backup of before the rotation will be restored');
  withJson(withPlace(destroy));
  example(destroy, 'attesta keys destroy kek-1 --service ledger').action(async (kek: string, options: DestroyOptions) =>
    (await import('./key-rotation.js')).destroy(kek, options, cli),
  );
}

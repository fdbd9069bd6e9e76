import type { LedgerConfig } from './ledger.config.js';
import type { LedgerOptions } from './ledger.js';
import { readPolicy, readWitnessPolicy } from '@attesta/service-kit';

export const ledgerOptions = (config: LedgerConfig): LedgerOptions => ({
  databaseUrl: config.databaseUrl,
  migrationUrl: config.migrationUrl,
  vaultUrl: config.vaultUrl,
  vaultMigrationUrl: config.vaultMigrationUrl,
  origin: config.origin,
  keys: config.keys,
  policy: readPolicy(config.policy),
  witnessPolicy: config.witnessPolicy === undefined ? undefined : readWitnessPolicy(config.witnessPolicy),
});

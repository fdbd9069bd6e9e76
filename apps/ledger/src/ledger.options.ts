import type { LedgerConfig } from './ledger.config.js';
import type { LedgerOptions } from './ledger.js';
import type { KeyEncryption } from './ledger.secrets.js';
import { openKeyProvider, readPolicy, readWitnessPolicy, type KeyProviderConfig } from '@attesta/service-kit';

export const ledgerOptions = (
  config: LedgerConfig,
  keyConfig: KeyProviderConfig,
  onUnavailable: (error: Error) => void,
): LedgerOptions => ({
  databaseUrl: config.databaseUrl,
  migrationUrl: config.migrationUrl,
  vaultUrl: config.vaultUrl,
  vaultMigrationUrl: config.vaultMigrationUrl,
  origin: config.origin,
  keys: config.keys,
  keyEncryption: keyEncryptionOf(keyConfig, onUnavailable),
  policy: readPolicy(config.policy),
  witnessPolicy: config.witnessPolicy === undefined ? undefined : readWitnessPolicy(config.witnessPolicy),
});

export const keyEncryptionOf = (config: KeyProviderConfig, onUnavailable: (error: Error) => void): KeyEncryption => ({
  open: (keyring) => openKeyProvider(config, { service: 'ledger', keyring, onUnavailable }),
  needsKeyring: config.provider === 'local',
});

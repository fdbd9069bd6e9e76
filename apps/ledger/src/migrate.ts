import { sealedLogGrants } from '@attesta/event-log';
import { grantToService, runMigrations } from '@attesta/service-kit';
import { vaultGrants } from '@attesta/vault';
import { amendmentGrants } from './amendments.schema.js';
import { cosignatureGrants } from './cosignatures.schema.js';
import { disposalGrants } from './disposals.schema.js';
import { Ledger1763800000000 } from './migrations/1763800000000-ledger.js';
import { Vault1763800000001 } from './migrations/1763800000001-vault.js';
import { RejectedPeople1763800000002 } from './migrations/1763800000002-rejected-people.js';
import { Amendments1763800000003 } from './migrations/1763800000003-amendments.js';
import { Disposals1763800000004 } from './migrations/1763800000004-disposals.js';
import { VaultDisposals1763800000005 } from './migrations/1763800000005-vault-disposals.js';
import { Cosignatures1764200000006 } from './migrations/1764200000006-cosignatures.js';
import { rejectionGrants } from './rejections.schema.js';

/** The databases of log and vault, as the service, and as their owners where those are others. */
export interface LedgerDatabases {
  databaseUrl: string;
  /** Owner of the tables; the service's own role then may only read and append. */
  migrationUrl?: string | undefined;
  vaultUrl: string;
  vaultMigrationUrl?: string | undefined;
}

/** Brings both to their newest migration, and lets the service's own roles do what they need. */
export async function migrate(databases: LedgerDatabases): Promise<void> {
  await migrateLog(databases);
  await migrateVault(databases);
}

export async function migrateLog({ databaseUrl, migrationUrl }: Pick<LedgerDatabases, 'databaseUrl' | 'migrationUrl'>): Promise<void> {
  await runMigrations(migrationUrl ?? databaseUrl, [
    Ledger1763800000000,
    RejectedPeople1763800000002,
    Amendments1763800000003,
    Disposals1763800000004,
    Cosignatures1764200000006,
  ]);
  await grantToService(databaseUrl, migrationUrl, (role) =>
    [
      sealedLogGrants(role),
      rejectionGrants(role),
      amendmentGrants(role),
      disposalGrants(role),
      cosignatureGrants(role),
      `grant select, insert, update, delete on feed_cursor, feed_parked, relay_cursor, relay_parked to ${role};`,
    ].join(''),
  );
}

export async function migrateVault({
  vaultUrl,
  vaultMigrationUrl,
}: Pick<LedgerDatabases, 'vaultUrl' | 'vaultMigrationUrl'>): Promise<void> {
  await runMigrations(vaultMigrationUrl ?? vaultUrl, [Vault1763800000001, VaultDisposals1763800000005]);
  await grantToService(vaultUrl, vaultMigrationUrl, vaultGrants);
}

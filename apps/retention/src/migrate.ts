import { grantToService, runMigrations } from '@attesta/service-kit';
import { Retention1764200000000 } from './migrations/1764200000000-retention.js';
import { RetentionAppendAtOnce1765100000000 } from './migrations/1765100000000-append-at-once.js';
import { retentionGrants } from './retention.schema.js';

/** Brings the database to the newest migration; the service's own role gets what it needs of it where another one is the owner. */
export async function migrate({ databaseUrl, migrationUrl }: { databaseUrl: string; migrationUrl?: string | undefined }): Promise<void> {
  await runMigrations(migrationUrl ?? databaseUrl, [Retention1764200000000, RetentionAppendAtOnce1765100000000]);
  await grantToService(databaseUrl, migrationUrl, retentionGrants);
}

import { grantToService, runMigrations } from '@attesta/service-kit';
import { consentGrants } from './consent.schema.js';
import { Consent1764000000000 } from './migrations/1764000000000-consent.js';
import { ConsentForgetting1764300000000 } from './migrations/1764300000000-forgetting.js';
import { ConsentAppendAtOnce1765100000000 } from './migrations/1765100000000-append-at-once.js';

/** Brings the database to the newest migration; the service's own role gets what it needs of it where another one is the owner. */
export async function migrate({ databaseUrl, migrationUrl }: { databaseUrl: string; migrationUrl?: string | undefined }): Promise<void> {
  await runMigrations(migrationUrl ?? databaseUrl, [
    Consent1764000000000,
    ConsentForgetting1764300000000,
    ConsentAppendAtOnce1765100000000,
  ]);
  await grantToService(databaseUrl, migrationUrl, consentGrants);
}

import { grantToService, runMigrations } from '@attesta/service-kit';
import { Requests1764100000000 } from './migrations/1764100000000-requests.js';
import { Disposals1764200000000 } from './migrations/1764200000000-disposals.js';
import { RequestsForgetting1764300000000 } from './migrations/1764300000000-forgetting.js';
import { Sessions1764600000000 } from './migrations/1764600000000-sessions.js';
import { RequestsAppendAtOnce1765100000000 } from './migrations/1765100000000-append-at-once.js';
import { requestsGrants } from './requests.schema.js';

/** Brings the database to the newest migration; the service's own role gets what it needs of it where another one is the owner. */
export async function migrate({ databaseUrl, migrationUrl }: { databaseUrl: string; migrationUrl?: string | undefined }): Promise<void> {
  await runMigrations(migrationUrl ?? databaseUrl, [
    Requests1764100000000,
    Disposals1764200000000,
    RequestsForgetting1764300000000,
    Sessions1764600000000,
    RequestsAppendAtOnce1765100000000,
  ]);
  await grantToService(databaseUrl, migrationUrl, requestsGrants);
}

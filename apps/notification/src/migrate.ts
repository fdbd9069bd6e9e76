import { grantToService, runMigrations } from '@attesta/service-kit';
import { Notification1764400000000 } from './migrations/1764400000000-notification.js';
import { NotificationAppendAtOnce1765100000000 } from './migrations/1765100000000-append-at-once.js';
import { notificationGrants } from './notification.schema.js';

/** Brings the database to the newest migration; the service's own role gets what it needs of it where another one is the owner. */
export async function migrate({ databaseUrl, migrationUrl }: { databaseUrl: string; migrationUrl?: string | undefined }): Promise<void> {
  await runMigrations(migrationUrl ?? databaseUrl, [Notification1764400000000, NotificationAppendAtOnce1765100000000]);
  await grantToService(databaseUrl, migrationUrl, notificationGrants);
}

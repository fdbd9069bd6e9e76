import { grantToService, runMigrations } from '@attesta/service-kit';
import { registerGrants } from './audit.schema.js';
import { integrityGrants } from './integrity.schema.js';
import { Audit1763900000000 } from './migrations/1763900000000-audit.js';
import { AuditForgetting1764300000000 } from './migrations/1764300000000-forgetting.js';
import { AuditMessages1764500000000 } from './migrations/1764500000000-messages.js';
import { AuditAnswers1764600000000 } from './migrations/1764600000000-answers.js';
import { AuditSearch1764700000000 } from './migrations/1764700000000-search.js';
import { AuditFindings1764800000000 } from './migrations/1764800000000-findings.js';
import { AuditRebuild1764900000000 } from './migrations/1764900000000-rebuild.js';
import { AuditWitnesses1765000000000 } from './migrations/1765000000000-witnesses.js';
import { AuditAppendAtOnce1765100000000 } from './migrations/1765100000000-append-at-once.js';
import { giveUpOutdated } from './rebuild-owner.js';
import { rebuildGrants } from './rebuild.schema.js';

/** The database as the service, and as its owner where that is another. */
export interface AuditDatabase {
  databaseUrl: string;
  /** Owner of the tables; the service's own role then may only do what it needs. */
  migrationUrl?: string | undefined;
  now?: (() => Date) | undefined;
}

/** Brings the database to the newest migration, ends a rebuild that it outdates, and lets the service's own role do what it needs. */
export async function migrate({ databaseUrl, migrationUrl, now = () => new Date() }: AuditDatabase): Promise<void> {
  const ran = await runMigrations(migrationUrl ?? databaseUrl, [
    Audit1763900000000,
    AuditForgetting1764300000000,
    AuditMessages1764500000000,
    AuditAnswers1764600000000,
    AuditSearch1764700000000,
    AuditFindings1764800000000,
    AuditRebuild1764900000000,
    AuditWitnesses1765000000000,
    AuditAppendAtOnce1765100000000,
  ]);
  if (ran.length > 0) await giveUpOutdated(migrationUrl ?? databaseUrl, now());
  await grantToService(databaseUrl, migrationUrl, (role) => registerGrants(role) + integrityGrants(role) + rebuildGrants(role));
}

import type pg from 'pg';
import { registerGrants } from './audit.schema.js';
import { NEXT_SCHEMA } from './rebuild.schema.js';
import { NEXT, within } from './register-set.js';

/** Where the service is not the owner of its tables it may do with the second set what it may with the present one. */
export async function grantNext(tx: Pick<pg.PoolClient, 'query'>, serviceUrl: string, ownerUrl: string | undefined): Promise<void> {
  if (!ownerUrl || ownerUrl === serviceUrl) return;
  const role = `"${decodeURIComponent(new URL(serviceUrl).username).replaceAll('"', '""')}"`;
  await tx.query(`grant usage on schema ${NEXT_SCHEMA} to ${role}`);
  await within(tx, NEXT, () => tx.query(registerGrants(role)));
}

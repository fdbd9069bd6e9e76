import pg from 'pg';
import { registerGrants } from './audit.schema.js';
import { NEXT_SCHEMA } from './rebuild.schema.js';
import { dropNext, NEXT, within } from './register-set.js';

/** Where the service is not the owner of its tables it may do with the second set what it may with the present one. */
export async function grantNext(tx: Pick<pg.PoolClient, 'query'>, serviceUrl: string, ownerUrl: string | undefined): Promise<void> {
  if (!ownerUrl || ownerUrl === serviceUrl) return;
  const role = `"${decodeURIComponent(new URL(serviceUrl).username).replaceAll('"', '""')}"`;
  await tx.query(`grant usage on schema ${NEXT_SCHEMA} to ${role}`);
  await within(tx, NEXT, () => tx.query(registerGrants(role)));
}

/** A set that was being filled is not what the tables are since a migration: it is given up. */
export async function giveUpOutdated(ownerUrl: string, now: Date): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await owner.query('begin');
    await owner.query(`update rebuild set state = 'given-up', ended_at = $1 where state in ('filling', 'differs')`, [now]);
    await dropNext(owner);
    await owner.query('commit');
  } finally {
    await owner.end();
  }
}

import pg from 'pg';

/**
 * Where a service is not the owner of its tables it gets what it needs and no more; run after the migrations, as the owner. It may read which
 * migrations were applied: started without the owner's URL it finds that there is nothing to do, or that there is and it may not.
 */
export async function grantToService(serviceUrl: string, ownerUrl: string | undefined, grants: (role: string) => string): Promise<void> {
  if (!ownerUrl || ownerUrl === serviceUrl) return;
  const role = `"${decodeURIComponent(new URL(serviceUrl).username).replaceAll('"', '""')}"`;
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await owner.query(`grant usage on schema public to ${role}; grant select on migration to ${role}; ${grants(role)}`);
  } finally {
    await owner.end();
  }
}

import pg from 'pg';

/** Where a service is not the owner of its tables it gets what it needs and no more; run after the migrations, as the owner. */
export async function grantToService(serviceUrl: string, ownerUrl: string | undefined, grants: (role: string) => string): Promise<void> {
  if (!ownerUrl || ownerUrl === serviceUrl) return;
  const role = `"${decodeURIComponent(new URL(serviceUrl).username).replaceAll('"', '""')}"`;
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await owner.query(`grant usage on schema public to ${role}; ${grants(role)}`);
  } finally {
    await owner.end();
  }
}

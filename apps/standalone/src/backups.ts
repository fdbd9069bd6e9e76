import pg from 'pg';

/** Backups as a restore finds them: copies of whole databases on the same server, file by file. The services must be down. */
export class Backups {
  constructor(
    private readonly adminUrl: (database?: string) => string,
    /** Tells this backup from others. */
    private readonly name: string,
  ) {}

  async take(databases: readonly string[]): Promise<void> {
    await this.asSuperuser(async (client) => {
      for (const database of databases) await copy(client, `attesta_${database}`, this.copyOf(database));
    });
  }

  /** Puts the databases back as they were when the backup was taken; whatever came since is gone. */
  async restore(databases: readonly string[]): Promise<void> {
    await this.asSuperuser(async (client) => {
      for (const database of databases) {
        await client.query(`drop database ${client.escapeIdentifier(`attesta_${database}`)} with (force)`);
        await copy(client, this.copyOf(database), `attesta_${database}`);
      }
    });
  }

  async discard(databases: readonly string[]): Promise<void> {
    await this.asSuperuser(async (client) => {
      for (const database of databases) await client.query(`drop database if exists ${client.escapeIdentifier(this.copyOf(database))}`);
    });
  }

  private copyOf(database: string): string {
    return `backup_${this.name}_${database}`;
  }

  private async asSuperuser(work: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = new pg.Client({ connectionString: this.adminUrl() });
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
    }
  }
}

/** With its owner and who may connect. */
async function copy(client: pg.Client, from: string, to: string): Promise<void> {
  const { rows } = await client.query<{ owner: string; acl: string[] | null }>(
    'select r.rolname as owner, d.datacl::text[] as acl from pg_database d join pg_roles r on r.oid = d.datdba where d.datname = $1',
    [from],
  );
  const { owner, acl } = rows[0]!;
  const [source, target] = [client.escapeIdentifier(from), client.escapeIdentifier(to)];
  await client.query(`create database ${target} template ${source} owner ${client.escapeIdentifier(owner)}`);
  await client.query(`revoke connect on database ${target} from public`);
  for (const grant of acl ?? []) {
    const [role = '', rights = ''] = grant.split('=');
    if (role !== '' && role !== owner && rights.includes('c')) await client.query(`grant connect on database ${target} to ${role}`);
  }
}

import { EnvVariable, IsPostgresUrl } from '../config/index.js';
import { loadConfigs } from '../config/load-config.js';
import { LogConfig } from '../config/service.config.js';
import type { ConfigClass } from '../config/variable.js';
import { useJsonLogs } from '../logging/json-logger.js';
import { runProcess } from '../run-process.js';

/** A database as its service, and as its owner. */
export interface DatabaseUrls {
  databaseUrl: string;
  migrationUrl: string;
}

/**
 * A process that migrates and ends, for a job that alone holds the owners' passwords: services then run without them.
 * @param prefixes of the variables, such as CONSENT for CONSENT_DATABASE_URL and CONSENT_MIGRATION_URL
 * @param migrate gets the databases in the order of the prefixes
 */
export const runMigrationProcess = (
  service: string,
  prefixes: readonly string[],
  migrate: (...databases: DatabaseUrls[]) => Promise<void>,
): Promise<void> =>
  runProcess(async () => {
    const [{ level }, ...databases] = loadConfigs<[LogConfig, ...DatabaseUrls[]]>([LogConfig, ...prefixes.map(urlsOf)]);
    useJsonLogs({ service: `${service}-migrations`, level });
    await migrate(...databases);
  });

function urlsOf(prefix: string): ConfigClass<DatabaseUrls> {
  class Urls implements DatabaseUrls {
    @EnvVariable({
      name: `${prefix}_DATABASE_URL`,
      kind: 'url',
      secret: true,
      about: 'The database as the service: its user is granted what it needs.',
    })
    @IsPostgresUrl()
    databaseUrl!: string;

    @EnvVariable({ name: `${prefix}_MIGRATION_URL`, kind: 'url', secret: true, about: 'The same database as its owner.' })
    @IsPostgresUrl()
    migrationUrl!: string;
  }
  return Urls;
}

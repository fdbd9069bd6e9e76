import { Logger } from '@nestjs/common';
import pg from 'pg';
import { DataSource } from 'typeorm';
import type { MigrationInterface } from 'typeorm';

export type MigrationClass = new () => MigrationInterface;

/** TypeORM prints failed migrations to standard output whatever `logging` says; we log what is thrown. */
const nothing = (): void => undefined;
const SILENT = {
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: nothing,
  log: nothing,
};

/** Any constant will do, as long as all versions of all services use the same: locks are per database. */
const LOCK = 4_867_203_115;
const LOCK_WAIT = '10min';

/**
 * Brings a service's database to the newest migration, each in its own transaction. Replicas that start together wait for
 * each other on an advisory lock held by a connection of its own, so that one migrates and the rest find nothing to do.
 * @returns names of the migrations that ran now
 */
export async function runMigrations(url: string, migrations: readonly MigrationClass[]): Promise<string[]> {
  const guard = new pg.Client({ connectionString: url, application_name: 'attesta-migrations' });
  guard.on('error', () => undefined); // a lost lock connection surfaces in the query below or in end()
  await guard.connect();
  try {
    await guard.query(`set lock_timeout = '${LOCK_WAIT}'`);
    await guard.query('select pg_advisory_lock($1)', [LOCK]);
    return await migrate(url, migrations);
  } finally {
    await guard.end();
  }
}

async function migrate(url: string, migrations: readonly MigrationClass[]): Promise<string[]> {
  const source = new DataSource({
    type: 'postgres',
    driver: pg,
    url,
    applicationName: 'attesta-migrations',
    migrations: [...migrations],
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    installExtensions: false,
    logger: SILENT,
    poolSize: 1,
  });
  await source.initialize();
  try {
    const ran = await source.runMigrations();
    const logger = new Logger('migrations');
    for (const { name } of ran) logger.log('migration applied', { migration: name });
    return ran.map(({ name }) => name);
  } finally {
    await source.destroy();
  }
}

import { Logger } from '@nestjs/common';
import pg from 'pg';
import { unprotectedDatabase } from '../config/unprotected.js';

export interface PoolOptions {
  url: string;
  /** Shown in pg_stat_activity, such as `attesta-ledger`. */
  name: string;
  /** Connections at most. */
  max?: number;
  /** Milliseconds a statement may run on the server; 0 = no limit. */
  statementTimeoutMs?: number;
  /** Milliseconds a transaction may sit idle before the server ends it. */
  idleInTransactionMs?: number;
  /** Milliseconds to wait for a connection. */
  connectTimeoutMs?: number;
}

/**
 * A pool whose statements end by themselves. Connections that PostgreSQL closes while idle (a restart, a failover) are
 * logged and replaced; without the listener they would end the process.
 */
export function createPool(options: PoolOptions): pg.Pool {
  const logger = new Logger('postgres');
  warnOnce(logger, options.url);
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.name,
    max: options.max ?? 10,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    idle_in_transaction_session_timeout: options.idleInTransactionMs ?? 60_000,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    keepAlive: true,
  });
  pool.on('error', (error) => logger.warn('an idle connection was lost', { error }));
  // Whoever has a connection hears from its query that it was cut. What comes besides, or a second time when it was given back, would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Hosts that were warned of: a process has several pools, and a rebuild opens more. */
const warned = new Set<string>();

function warnOnce(logger: Logger, url: string): void {
  const unprotected = unprotectedDatabase(url);
  if (!unprotected || warned.has(unprotected.host)) return;
  warned.add(unprotected.host);
  logger.warn('the connection to PostgreSQL leaves this machine without TLS, or without verifying who answers; see docs/configuration.md', {
    host: unprotected.host,
  });
}

/** A readiness check: the database answers. */
export const databaseAnswers = (pool: pg.Pool) => async (): Promise<void> => {
  await pool.query('select 1');
};

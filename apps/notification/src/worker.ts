import { randomInt } from 'node:crypto';
import pg from 'pg';

const CLASS = 0x6d736773;

/** Numbers of the processes that are alive, as SQL. */
export const WORKING = `select objid::bigint from pg_locks where locktype = 'advisory' and classid = ${CLASS} and objsubid = 2
  and database = (select oid from pg_database where datname = current_database()) and granted`;

/** A process that hands messages off, known by a lock that it holds as long as it lives. */
export class Worker {
  /** Under which this process claims messages. */
  number = 0;
  private client: pg.Client | undefined;

  constructor(private readonly databaseUrl: string) {}

  /** A new number where there is none yet, or the connection was lost: others think that we died. */
  async open(): Promise<void> {
    if (this.client) return;
    const client = new pg.Client({ connectionString: this.databaseUrl, application_name: 'attesta-notification-worker', keepAlive: true });
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    await client.connect();
    const number = randomInt(2 ** 31);
    await client.query('select pg_advisory_lock($1, $2)', [CLASS, number]);
    this.client = client;
    this.number = number;
  }

  /** Others know that we live. */
  get alive(): boolean {
    return this.client !== undefined;
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.end();
  }

  private lost(client: pg.Client): void {
    if (this.client === client) this.client = undefined;
  }
}

import type { FulfilmentTask } from '@attesta/sdk';
import type pg from 'pg';
import type { MappedTable, Mapping } from './mapping.js';
import { find, type Match, type Scope, type Statement } from './statements.js';
import { jsonValues } from './values.js';

/** The task cannot be done; the transaction is rolled back. The reason holds no value of the person. */
export class TaskFailure extends Error {
  override readonly name = 'TaskFailure';
}

export interface RunStatement {
  /** Without its parameters. */
  sql: string;
  /** Rows that it read, changed or deleted. */
  rows: number;
}

export interface TransactionOptions {
  /** Reading is one snapshot of everything; writing sees what was committed before it got the lock on the person's row. */
  write: boolean;
  /** Everything is undone at the end. */
  undo: boolean;
}

type Named = Pick<FulfilmentTask, 'identifiers' | 'collectedUntil'>;

const LOCK_TIMEOUT = '10s';
/** Data exceptions (PostgreSQL error codes, class 22): an identifier that is not of the column's type. */
const isDataException = (error: unknown): boolean => codeOf(error)?.startsWith('22') ?? false;

/** A transaction about one person. */
export class PersonTransaction {
  readonly statements: RunStatement[] = [];

  private constructor(
    private readonly client: pg.PoolClient,
    private readonly options: TransactionOptions,
  ) {}

  static async run<T>(pool: pg.Pool, options: TransactionOptions, work: (tx: PersonTransaction) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let broken: Error | undefined;
    // Without a listener a cut connection would end the process.
    const note = (error: Error) => (broken = error);
    client.on('error', note);
    try {
      await client.query(options.write ? 'begin' : 'begin isolation level repeatable read read only');
      if (options.write) await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
      const result = await work(new PersonTransaction(client, options));
      // What a commit would still find wrong.
      if (options.undo) await client.query('set constraints all immediate');
      await client.query(options.undo ? 'rollback' : 'commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(note);
      throw error;
    } finally {
      client.off('error', note);
      client.release(broken);
    }
  }

  /** @throws TaskFailure when identifiers lead to more than one person */
  async locate(mapping: Mapping, { identifiers, collectedUntil: until }: Named): Promise<Scope> {
    const found = new Map<MappedTable, Match[]>();
    for (const table of mapping.tables) {
      const { rows } = table;
      if (rows.by === 'parent') continue;
      const matched = new Map<string, Match>();
      const key = rows.by === 'key' ? rows.key : undefined;
      for (const { scheme, value } of identifiers) {
        const lookup = rows.find.get(scheme);
        if (!lookup) continue;
        const match = { ...lookup, value };
        for (const row of await this.tryFind(find(table, match, key, this.options.write && isChangeable(table)))) {
          // Each row by its key; of a log, all rows by the identifier.
          if (key === undefined) matched.set(`${scheme} ${value}`, match);
          else if (row.key === null) throw new TaskFailure(`a ${table.name} has no ${key}`);
          else matched.set(String(row.key), { column: key, ignoreCase: false, value: row.key });
        }
      }
      if (key !== undefined && matched.size > 1) throw new TaskFailure(`the identifiers lead to more than one person in ${table.name}`);
      found.set(table, [...matched.values()]);
    }
    return { found, until };
  }

  async query({ sql, values }: Statement): Promise<pg.QueryArrayResult<unknown[]>> {
    const result = await this.client.query<unknown[]>({ text: sql, values, rowMode: 'array', types: jsonValues });
    this.statements.push({ sql, rows: result.rowCount ?? 0 });
    return result;
  }

  private async tryFind({ sql, values }: Statement): Promise<{ key: unknown }[]> {
    await this.client.query('savepoint finding');
    try {
      const { rows, rowCount } = await this.client.query<{ key: unknown }>(sql, values);
      this.statements.push({ sql, rows: rowCount ?? 0 });
      return rows;
    } catch (error) {
      if (!isDataException(error)) throw error;
      await this.client.query('rollback to savepoint finding');
      return [];
    }
  }
}

const isChangeable = ({ erase, columns }: MappedTable): boolean => erase !== 'keep' || columns.some(({ rectify }) => rectify);

/** SQLSTATE of an error of PostgreSQL. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

import { REGISTER_TABLES, type Audit } from '@attesta/audit';
import { number } from './bench.js';
import type { Workshop } from './workshop.js';

/** Positions of one block of the search index: rows are repeated by whole blocks. */
const BLOCK = 4_096;
/** What cannot be there twice, or is no row of an entry. */
const ONCE = new Set(['finding', 'to_judge', 'tally', 'search_block', 'search_built']);

/**
 * Makes registers `times` as large: every row again, further on, as if the log had gone on in the same way about the same people. Quicker by far
 * than sealing so many entries, and the tables that are asked are as large. @returns the entries that the registers then stand for
 */
export async function repeatRegisters(workshop: Workshop, { pool }: Audit, entries: number, times: number): Promise<number> {
  const shift = Math.ceil(entries / BLOCK) * BLOCK;
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0; set synchronous_commit = off; set enable_seqscan = on');
    for (let k = 1; k < times; k++) {
      workshop.say(`registers of ${number(entries * (k + 1))} entries ...`);
      for (const table of REGISTER_TABLES.filter((one) => !ONCE.has(one))) {
        const columns = await columnsOf(client, table);
        const shifted = columns.map((column) => (column === 'position' ? `position + ${k * shift}` : column));
        await client.query(
          `insert into ${table} (${columns.join(', ')}) select ${shifted.join(', ')} from ${table} where position < ${shift}`,
        );
      }
      const blocks = (k * shift) / BLOCK;
      await client.query(`insert into search_block select term, block + ${blocks}, bits from search_block where block < ${shift / BLOCK}`);
      await client.query(
        `insert into search_built select block + ${blocks}, upto + ${k * shift}, recorded_from, recorded_to, occurred_from, occurred_to
           from search_built where block < ${shift / BLOCK}`,
      );
    }
    await client.query(`update tally set n = n * ${times}`);
    await client.query(`update feed_cursor set position = ${(times - 1) * shift} + position where consumer = 'audit'`);
    await client.query('reset all');
    await client.query('vacuum analyze');
  } finally {
    client.release();
  }
  await workshop.flushed();
  return entries * times;
}

async function columnsOf(
  client: { query: (text: string, values: unknown[]) => Promise<{ rows: unknown[] }> },
  table: string,
): Promise<string[]> {
  const { rows } = await client.query(
    `select column_name from information_schema.columns where table_schema = current_schema and table_name = $1 order by ordinal_position`,
    [table],
  );
  return (rows as { column_name: string }[]).map(({ column_name }) => column_name);
}

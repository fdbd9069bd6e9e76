import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type pg from 'pg';

const plain = promisify(gunzip);

/** The file of an export, a chunk at a time. @throws Error where it went away meanwhile: whoever reads it must not take the beginning for all */
export async function* fileOf(pool: pg.Pool, id: string, length: number): AsyncGenerator<Buffer> {
  let sent = 0;
  for (let n = 0; sent < length; n++) {
    const { rows } = await pool.query<{ bytes: Buffer }>({
      name: 'export chunk',
      text: `select c.bytes from export_chunk c join export e on e.id = c.export and e.state = 'done' where c.export = $1 and c.n = $2`,
      values: [id, n],
    });
    if (!rows[0]) throw new Error('The file of an export went away while it was read');
    const bytes = await plain(rows[0].bytes);
    sent += bytes.length;
    yield bytes;
  }
}

import { hash, randomBytes, randomFillSync } from 'node:crypto';
import pg from 'pg';

/**
 * What PostgreSQL itself takes on this machine at this moment: rows of the same size in binary-array UNNEST inserts with a contiguous counter, three
 * indexes and a SHA-256 leaf made here, and nothing else. The yardstick of the seal row.
 * @returns rows per second
 */
export async function appendLimit(
  url: string,
  { payload, batch = 500, connections = 2, seconds }: { payload: number; batch?: number; connections?: number; seconds: number },
): Promise<number> {
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      return client;
    }),
  );
  await clients[0]!.query(SCHEMA);
  const until = performance.now() + seconds * 1000;
  const started = performance.now();
  let rows = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < until) {
        await client.query({ name: 'limit', text: 'select limit_append($1,$2,$3,$4,$5,$6,$7,$8)', values: arrays(batch, payload) });
        rows += batch;
      }
    }),
  );
  const rate = rows / ((performance.now() - started) / 1000);
  await clients[0]!.query('drop table limit_row');
  await Promise.all(clients.map((client) => client.end()));
  return rate;
}

const SCHEMA = `
drop table if exists limit_row, limit_head; drop function if exists limit_append;
create table limit_row (seq bigint primary key, event_id uuid not null unique, tenant int not null, stream uuid not null, version int not null,
  type text not null, ref bytea not null, recorded_at timestamptz not null default now(), payload bytea not null, leaf bytea not null, unique (stream, version));
create table limit_head (v bigint not null) with (fillfactor = 50); insert into limit_head values (0);
create function limit_append(uuid[], int[], uuid[], int[], text[], bytea[], bytea[], bytea[]) returns bigint language plpgsql as $$
declare s bigint; n int := cardinality($1);
begin
  update limit_head set v = v + n returning v into s;
  insert into limit_row (seq, event_id, tenant, stream, version, type, ref, payload, leaf)
    select s - n + o, a, b, c, d, e, f, g, h from unnest($1, $2, $3, $4, $5, $6, $7, $8) with ordinality t(a, b, c, d, e, f, g, h, o);
  return s;
end $$;
checkpoint`;

const TYPE = Buffer.from('attesta.example.v1');

function arrays(n: number, payload: number): Buffer[] {
  const body = randomBytes(payload);
  const payloads = Buffer.allocUnsafe(n * payload);
  const leaf = Buffer.allocUnsafe(1 + payload);
  leaf[0] = 0;
  const leaves: string[] = [];
  for (let i = 0; i < n; i++) {
    body.writeUInt32BE(i, 0);
    body.copy(payloads, i * payload);
    body.copy(leaf, 1);
    leaves.push(hash('sha256', leaf, 'base64'));
  }
  return [
    array(2950, n, 16, uuid),
    array(23, n, 4, (b, o, i) => b.writeInt32BE(i & 15, o)),
    array(2950, n, 16, uuid),
    array(23, n, 4, (b, o) => b.writeInt32BE(1, o)),
    array(25, n, TYPE.length, (b, o) => TYPE.copy(b, o)),
    array(17, n, 16, (b, o) => randomFillSync(b, o, 16)),
    array(17, n, payload, (b, o, i) => payloads.copy(b, o, i * payload, (i + 1) * payload)),
    array(17, n, 32, (b, o, i) => b.write(leaves[i]!, o, 'base64')),
  ];
}

function uuid(b: Buffer, o: number): void {
  randomFillSync(b, o, 16);
  b.writeUIntBE(Date.now(), o, 6);
  b[o + 6] = (b[o + 6]! & 15) | 0x70;
  b[o + 8] = (b[o + 8]! & 63) | 128;
}

function array(oid: number, n: number, width: number, fill: (b: Buffer, o: number, i: number) => void): Buffer {
  const b = Buffer.allocUnsafe(20 + n * (4 + width));
  b.writeInt32BE(1, 0);
  b.writeInt32BE(0, 4);
  b.writeInt32BE(oid, 8);
  b.writeInt32BE(n, 12);
  b.writeInt32BE(1, 16);
  for (let i = 0, o = 20; i < n; i++, o += width) {
    b.writeInt32BE(width, o);
    o += 4;
    fill(b, o, i);
  }
  return b;
}

import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { throughput } from './bench.js';

/**
 * What single events cost without group commit: one insert of a row of the same size, one commit, on each of `connections`.
 * @returns rows per second
 */
export async function singleCommits(
  url: string,
  { payload, connections, seconds }: { payload: number; connections: number; seconds: number },
): Promise<number> {
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      return client;
    }),
  );
  await clients[0]!.query(
    `drop table if exists single_row;
     create table single_row (seq bigint generated always as identity primary key, event_id uuid not null unique, stream uuid not null,
       version int not null, recorded_at timestamptz not null default now(), payload bytea not null, leaf bytea not null, unique (stream, version))`,
  );
  const body = randomBytes(payload);
  const leaf = randomBytes(32);
  const rate = await throughput(seconds, connections, async (lane) => {
    const text = 'insert into single_row (event_id, stream, version, payload, leaf) values ($1, $2, 1, $3, $4)';
    await clients[lane]!.query({ name: 'single', text, values: [randomUUID(), randomUUID(), body, leaf] });
    return 1;
  });
  await clients[0]!.query('drop table single_row');
  await Promise.all(clients.map((client) => client.end()));
  return rate;
}

import { randomUUID } from 'node:crypto';
import { CONSENT_STATE_TOPIC, INTAKE_TOPIC, REJECTED_TOPIC, SEALED_TOPIC, TASKS_TOPIC, type Kafka } from '@attesta/transport';
import pg from 'pg';
import type { DumpPiece } from './system.js';

/** Every row of every table of every database of the server, bytes as hex. @param adminUrl superuser's, by database */
export async function* dumpPostgres(adminUrl: (database?: string) => string): AsyncIterable<DumpPiece> {
  const databases = await withClient(adminUrl(), (client) =>
    client.query<{ datname: string }>('select datname from pg_database where datallowconn and not datistemplate'),
  );
  for (const { datname } of databases.rows) yield* dumpDatabase(adminUrl(datname), datname);
}

async function* dumpDatabase(url: string, database: string): AsyncIterable<DumpPiece> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ schema: string; name: string }>(
      `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1, 2`,
    );
    for (const { schema, name } of tables.rows) {
      const table = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`;
      await client.query('begin read only');
      await client.query(`declare piece no scroll cursor for select t::text as row from ${table} t`);
      for (;;) {
        const { rows } = await client.query<{ row: string }>('fetch 500 from piece');
        if (rows.length === 0) break;
        yield { where: `${database}.${schema}.${name}`, text: rows.map(({ row }) => row).join('\n') };
      }
      await client.query('commit');
    }
  } finally {
    await client.end();
  }
}

/** Every message of the topics (ours, unless others are named), from the first to the last there is now: key, headers and value. */
export async function* dumpTopics(
  kafka: Kafka,
  topics = [INTAKE_TOPIC, SEALED_TOPIC, REJECTED_TOPIC, CONSENT_STATE_TOPIC, TASKS_TOPIC],
): AsyncIterable<DumpPiece> {
  const admin = kafka.admin();
  await admin.connect();
  const missing = new Map<string, bigint>();
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      if (BigInt(high) > BigInt(low)) missing.set(`${topic}/${partition}`, BigInt(high) - 1n);
    }
  }
  await admin.disconnect();
  const pieces: DumpPiece[] = [];
  const consumer = kafka.consumer({ groupId: `clauses-dump-${randomUUID()}` });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the topics could not be read to their end within 60 s')), 60_000);
      const look = () => {
        if (missing.size > 0) return;
        clearTimeout(late);
        resolve();
      };
      look();
      void consumer
        .run({
          autoCommit: false,
          eachMessage: ({ topic, partition, message: { key, value, headers, offset } }) => {
            const named = Object.entries(headers ?? {}).map(([name, header]) => `${name}: ${String(header)}`);
            pieces.push({ where: topic, text: [key?.toString(), ...named, value?.toString()].join('\n') });
            const last = missing.get(`${topic}/${partition}`);
            if (last !== undefined && BigInt(offset) >= last) missing.delete(`${topic}/${partition}`);
            look();
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  yield* pieces;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

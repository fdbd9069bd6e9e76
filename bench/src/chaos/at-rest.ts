import type { Distributed } from '@attesta/standalone';
import { connectKafka, INTAKE_TOPIC } from '@attesta/transport';
import pg from 'pg';
import { FOLLOWERS } from './services.js';

const LOOK_MS = 200;
/** Looks in a row at which nothing happens any more: a process whose feed stands still for a moment is not at rest. */
const QUIET = 10;
/** How long whatever was broken may take to be whole again, also on a machine that has other things to do. */
const PATIENCE_MS = 600_000;

/** Resolves when nothing follows any more: all that was taken is sealed, every service has read the log to its end and said what there was to say, and a checkpoint covers it. */
export async function atRest(system: Distributed): Promise<void> {
  const admin = connectKafka({ brokers: system.brokers, clientId: 'chaos-rest' }).admin();
  await admin.connect();
  try {
    let [last, quiet] = [-1, 0];
    await until('the system to come to rest', async () => {
      const offsets = await admin.fetchTopicOffsets(INTAKE_TOPIC);
      const { size, covered, taken } = await ledgerOf(system);
      const waits = offsets.some(({ partition, high }) => (taken.get(partition) ?? -1) < Number(high) - 1);
      const still = size === last && covered === size && !waits && (await everybodyFollowed(system, size));
      [last, quiet] = [size, still ? quiet + 1 : 0];
      return quiet >= QUIET;
    });
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** What no service could apply, and registers that are not what the log says. */
export async function unsound(system: Distributed): Promise<string[]> {
  const problems: string[] = [];
  for (const service of FOLLOWERS) {
    const { data } = await ask<{ data: { position: number }[] }>(system, `/ops/${service}/dlq`);
    if (data.length > 0) problems.push(`${service} set entries aside: ${data.map(({ position }) => position).join(', ')}`);
  }
  // What has been found so far is worth more than the reason why this last look failed.
  const digest = await ask<{ equal: boolean }>(system, '/ops/audit/digest?recount=true').catch((error: Error) => error);
  if (digest instanceof Error) problems.push(`the registers could not be recounted: ${digest.message}`);
  else if (!digest.equal) problems.push('the registers are not what a recount of the log comes to');
  return problems;
}

/** Ids of a source's events that are sealed. */
export async function sealedOf(system: Distributed, source: string): Promise<Set<string>> {
  const { rows } = await asSuperuser(system, 'attesta_ledger', (client) =>
    client.query<{ id: string }>(
      `select event->>'id' as id from entry, lateral (select convert_from(bytes, 'UTF8')::jsonb as event) e where event->>'source' = $1`,
      [source],
    ),
  );
  return new Set(rows.map(({ id }) => id));
}

/** Runs `work` as the superuser of the system's PostgreSQL. */
export async function asSuperuser<T>(system: Distributed, database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: system.postgres.adminUrl(database) });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** @throws Error when it does not come about in time */
export async function until(what: string, done: () => Promise<boolean> | boolean): Promise<void> {
  let last: unknown;
  for (const end = Date.now() + PATIENCE_MS; ; await pause(LOOK_MS)) {
    const found = await Promise.resolve()
      .then(done)
      .catch((error: unknown) => void (last = error));
    if (found) return;
    if (Date.now() > end) throw new Error(`${what} took longer than ${PATIENCE_MS / 1000} s`, { cause: last });
  }
}

function ledgerOf(system: Distributed): Promise<{ size: number; covered: number; taken: Map<number, number> }> {
  return asSuperuser(system, 'attesta_ledger', async (client) => {
    const { rows } = await client.query<{ size: string; covered: string }>(
      'select size, (select max(size) from checkpoint) as covered from log_head',
    );
    const cursors = await client.query<{ partition: number; position: string }>(
      `select partition, position from feed_cursor where consumer = 'intake' and topic = $1`,
      [INTAKE_TOPIC],
    );
    const taken = new Map(cursors.rows.map(({ partition, position }) => [partition, Number(position)]));
    return { size: Number(rows[0]!.size), covered: Number(rows[0]!.covered), taken };
  });
}

async function everybodyFollowed(system: Distributed, size: number): Promise<boolean> {
  for (const service of FOLLOWERS) {
    const { position } = await ask<{ position: number }>(system, `/ops/${service}/progress`);
    if (position < size - 1) return false;
    const carried = await asSuperuser(system, `attesta_${service}`, async (client) => {
      const { rows } = await client.query<{ carried: boolean | null }>(
        'select size - 1 <= (select position from relay_cursor where relay = $1) as carried from service_log_head',
        [`outbox //attesta/${service}`],
      );
      return rows[0]?.carried;
    });
    if (carried === false) return false;
  }
  return true;
}

async function ask<T>(system: Distributed, route: string): Promise<T> {
  const answer = await fetch(`${system.url}${route}`, {
    headers: { authorization: `Bearer ${await system.issuer.issueToken('operator')}` },
  });
  if (!answer.ok) throw new Error(`${route} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { SealedLogReader, sealedLogFunctions, sealedLogTables } from '@attesta/event-log';
import { createDatabase, startPostgres } from '@attesta/event-log/embedded';
import { createPool } from '@attesta/service-kit';
import { generator } from '@attesta/testing/random';
import { feedTables, PostgresFeed } from '@attesta/transport';
import type pg from 'pg';
import { number } from '../bench.js';
import { endPostgres, POSTGRES } from '../workshop.js';
import { NaiveLog } from './gap/naive-log.js';
import { Seen, tightReader } from './gap/readers.js';
import { Writer } from './gap/writer.js';
import type { Round } from './round.js';

const ROLLBACKS = 'appends rolled back';
const WRITERS = 16;
/** Of all transactions; each rollback leaves positions behind that were taken, and are taken again. */
const ROLLED_BACK = 0.15;
const BATCH = 20;

/** Writers that roll back, and readers that look as often as they can. The control, a table numbered by a sequence, has to lose some. */
export const gap: Round = {
  name: 'gap',
  faults: { [ROLLBACKS]: 3_000 },
  async run(chaos) {
    const directory = chaos.scratch();
    const server = await startPostgres({ dataDir: directory, settings: POSTGRES });
    chaos.cleanup.atExit(() => endPostgres(path.join(directory, 'postgres')));
    chaos.cleanup.defer(() => server.stop());
    const pools: pg.Pool[] = [];
    const open = async (name: string, tables: string) => {
      const pool = createPool({
        url: await createDatabase(server.adminUrl(), name, randomBytes(12).toString('hex')),
        name,
        max: name === 'gap_naive' ? WRITERS + 1 : 8,
      });
      pools.push(pool);
      await pool.query(tables);
      return pool;
    };
    const pool = await open('gap_log', sealedLogTables + sealedLogFunctions);
    const url = pool.options.connectionString!;
    const reader = new SealedLogReader(pool);
    const naive = await NaiveLog.open(await open('gap_naive', ''));

    const wanted = chaos.wanted(ROLLBACKS);
    let rolledBack = 0;
    const going = () => rolledBack < wanted;
    const writers = Array.from(
      { length: WRITERS },
      (_, i) =>
        new Writer({
          url,
          name: `w-${i}`,
          random: generator(chaos.between(0, 2 ** 32)),
          share: ROLLED_BACK,
          onRollback: () => rolledBack++,
        }),
    );
    const seen = Array.from({ length: 3 }, (_, i) => new Seen(`a tight reader of ${[7, 100, 1_000][i]} at a time`));
    const writing = Promise.all([
      ...writers.map((writer) => writer.run(going, BATCH)),
      naive.write(WRITERS, going, ROLLED_BACK, chaos.random),
    ]);
    let ended = false;
    const reading = seen.map((one, i) => tightReader(reader, one, [7, 100, 1_000][i]!, () => ended));
    const naiveReading = naive.read(() => ended);
    const subscribed = new Seen('a subscriber of the feed');
    const feedPool = await open(
      'gap_feed',
      `${feedTables}; create table seen (n bigint generated always as identity, position bigint not null)`,
    );
    const subscription = await new PostgresFeed(reader).subscribe({
      group: 'gap',
      pool: feedPool,
      // In the transaction that moves the cursor: what is rolled back with it was not seen.
      handle: async (events, tx) =>
        void (await tx.query('insert into seen (position) select unnest($1::bigint[])', [events.map(({ position }) => position)])),
    });
    await writing;
    const size = await reader.size();
    await subscription.caughtUp(size - 1);
    await subscription.stop();
    const { rows } = await feedPool.query<{ position: string }>('select position from seen order by n');
    subscribed.add(rows.map(({ position }) => ({ position: Number(position) })));
    ended = true;
    await Promise.all(reading);
    const missed = await naiveReading;
    await Promise.all(writers.map((writer) => writer.close()));

    const verdicts = [...seen, subscribed].map((one) => one.verdict(size));
    const acknowledged = writers.flatMap(({ sealed }) => [...sealed]);
    const held = await reader.read(-1, size);
    const idAt = new Map(held.map(({ position, bytes }) => [position, (JSON.parse(bytes.toString()) as { id: string }).id]));
    const elsewhere = acknowledged.filter(([id, position]) => idAt.get(position) !== id).length;
    const twice = held.length - new Set(idAt.values()).size;
    const problems = verdicts.flatMap(({ problems: found }) => found);
    if (elsewhere > 0) problems.push(`${elsewhere} entries are not where their receipts say`);
    if (acknowledged.length !== size) problems.push(`${acknowledged.length} events were acknowledged and ${size} are in the log`);
    if (missed === 0) problems.push('the naive cursor lost nothing: this round could not have shown a loss');
    for (const one of pools) await one.end();
    return {
      faults: { [ROLLBACKS]: rolledBack },
      acknowledged: acknowledged.length,
      lost: verdicts.reduce((sum, { lost }) => sum + lost, 0),
      duplicated: twice + verdicts.reduce((sum, { doubled }) => sum + doubled, 0),
      problems,
      notes: [
        `${WRITERS} writers, ${seen.length} tight readers and a subscriber over ${number(size)} entries`,
        `the control beside it: a cursor over a sequence lost ${number(missed)} of ${number(naive.committed)} rows`,
      ],
    };
  },
};

import fs from 'node:fs';
import { runMigrations } from '@attesta/service-kit';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { contractions, schemaOf } from './schema-rig.js';
import { inRepository } from './helm-rig.js';

const UNRELEASED = 'earlier than 0.1.0, the first release: nobody runs what came before it';

/**
 * What a migration takes from the version before it, and why no process of that version misses it. `docs/upgrading.md` has the rule; a line that is not
 * needed any more fails as well.
 */
const CONTRACTING: Record<string, string> = {
  'AuditMessages1764500000000: consent.recorded_at must be given': UNRELEASED,
  'AuditFindings1764800000000: finding_event.raised is gone': UNRELEASED,
  'AuditFindings1764800000000: finding_event.id must be given': UNRELEASED,
  'AuditFindings1764800000000: finding_event.event must be given': UNRELEASED,
  'AuditFindings1764800000000: finding_event.occurred_at must be given': UNRELEASED,
  'AuditFindings1764800000000: objection is gone': UNRELEASED,
  'VaultDisposals1763800000005: destruction.n must be given': UNRELEASED,
  'VaultDisposals1763800000005: destruction_n restricts destruction': UNRELEASED,
  'Disposals1764200000000: minor is gone': UNRELEASED,
  'Disposals1764200000000: task_check restricts task': UNRELEASED,
  'Disposals1764200000000: task_disposal_fkey restricts task': UNRELEASED,
  'Sessions1764600000000: outgoing_check restricts outgoing': UNRELEASED,
  'Sessions1764600000000: outgoing_session_fkey restricts outgoing': UNRELEASED,
};

/** The vault is a database of its own, which the ledger migrates too. */
const databases = fs
  .readdirSync(inRepository('apps'))
  .filter((service) => fs.existsSync(inRepository(`apps/${service}/dist/migrations`)))
  .flatMap((service) => {
    const files = fs.readdirSync(inRepository(`apps/${service}/dist/migrations`)).filter((file) => file.endsWith('.js'));
    const vault = files.filter((file) => file.includes('vault'));
    return [
      { name: service, service, files: files.filter((file) => !vault.includes(file)) },
      ...(vault.length > 0 ? [{ name: 'vault', service, files: vault }] : []),
    ];
  });

type Migration = Parameters<typeof runMigrations>[1][number];

describe('a migration only adds, so that processes of the version before go on beside the new ones', () => {
  let database: TestDatabase;
  beforeEach(async () => (database = await testDatabase()));
  afterEach(() => database.drop());

  const used = new Set<string>();

  it.each(databases)('$name', async ({ service, files }) => {
    const migrations: Migration[] = [];
    let before: Awaited<ReturnType<typeof schemaOf>> | undefined;
    const found: string[] = [];
    for (const file of files.sort()) {
      const [migration] = Object.values(
        (await import(inRepository(`apps/${service}/dist/migrations/${file}`))) as Record<string, Migration>,
      );
      migrations.push(migration!);
      await runMigrations(database.url, migrations);
      const after = await schemaOf(database.pool);
      if (before) found.push(...contractions(before, after).map((what) => `${migration!.name}: ${what}`));
      before = after;
    }
    expect(migrations.length).toBeGreaterThan(0);
    for (const line of found) used.add(line);
    expect(found.filter((line) => !(line in CONTRACTING))).toEqual([]);
  });

  it('lists nothing that no migration does', () => {
    expect(Object.keys(CONTRACTING).filter((line) => !used.has(line))).toEqual([]);
  });

  it.each([
    ['drop table visit', 'visit is gone'],
    ['alter table visit rename to call', 'visit is gone'],
    ['alter table visit drop column at', 'visit.at is gone'],
    ['alter table visit rename column at to since', 'visit.at is gone'],
    ['alter table visit alter column n type bigint', 'visit.n is bigint, was integer'],
    ['alter table visit alter column n set not null', 'visit.n must be given'],
    ['alter table visit add column who text not null', 'visit.who must be given'],
    ['alter table visit alter column m drop default', 'visit.m must be given'],
    ['create unique index one_a_day on visit (at)', 'one_a_day restricts visit'],
    ['alter table visit add constraint positive check (n > 0)', 'positive restricts visit'],
    ['drop function twice(integer)', 'twice(integer) is gone'],
    [
      'drop function twice(integer); create function twice(x integer) returns bigint language sql return x * 2',
      'twice(integer) answers otherwise',
    ],
    ['drop view visits', 'visits is gone'],
  ])('sees %s', async (change, what) => {
    await database.pool.query(`create table visit (at date, n integer, m integer not null default 0); create view visits as select 1 as one;
      create function twice(x integer) returns integer language sql return x * 2`);
    const before = await schemaOf(database.pool);
    await database.pool.query(change);
    expect(contractions(before, await schemaOf(database.pool))).toContain(what);
  });

  it('lets tables, columns that need not be given, indexes and functions come', async () => {
    await database.pool.query('create table visit (at date, n integer not null)');
    const before = await schemaOf(database.pool);
    await database.pool
      .query(`create table call (who text not null unique); alter table visit add column who text, add column m integer not null default 0;
      create index visit_at on visit (at); alter table visit alter column n drop not null; create function once() returns integer language sql return 1`);
    expect(contractions(before, await schemaOf(database.pool))).toEqual([]);
  });
});

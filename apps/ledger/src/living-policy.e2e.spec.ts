import { randomBytes, randomUUID } from 'node:crypto';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import type { CloudEvent } from '@attesta/events';
import { amendmentTable } from './amendments.schema.js';
import { Ledger } from './ledger.js';
import { collection, openLedgerRig, type LedgerRig } from './spec-rig.js';

let rig: LedgerRig;
/** A second ledger on the same databases, open all the while. */
let other: Ledger;
let owner: TestDatabase;
beforeAll(async () => {
  rig = await openLedgerRig();
  other = await Ledger.open(rig.ledger.options);
  owner = rig.databases[0]!;
});
afterAll(async () => {
  await other.close();
  await rig.close();
});

const TURN = "hashtextextended('attesta amendments', 0)";
const SOURCE = '//attesta/consent';
const published = (version: string, data: Record<string, unknown> = {}, change: Record<string, unknown> = {}) =>
  ({
    specversion: '1.0',
    id: randomUUID(),
    source: SOURCE,
    type: 'attesta.notice.published.v1',
    time: '2026-01-04T09:00:00Z',
    ...change,
    data: { version, language: 'en', digest: 'a'.repeat(64), effectiveAt: '2026-01-03T00:00:00Z', ...data },
  }) as CloudEvent;
const registered = (purpose: string, title = 'Loyalty') =>
  ({
    ...published('-'),
    type: 'attesta.purpose.registered.v1',
    data: {
      purpose,
      title,
      bases: [{ jurisdiction: 'th-pdpa', bases: ['contract'] }],
      citation: 'PDPA s.24(3)',
      separable: true,
      objection: 'none',
    },
  }) as CloudEvent;
const consent = (noticeVersion: string) =>
  ({
    ...collection(),
    type: 'attesta.consent.captured.v1',
    data: { purposes: ['marketing'], status: 'refused', method: 'online-form', noticeVersion, language: 'en' },
  }) as CloudEvent;
const send = (ledger: Ledger, ...events: object[]) => ledger.sealer.submit(events as CloudEvent[], { transport: 'internal' });
const outcome = async (ledger: Ledger, ...events: object[]) =>
  (await send(ledger, ...events)).map(({ status, problems }) => (problems ? problems.map(({ code }) => code).join() : status));

describe('a notice published at runtime', () => {
  test('may be cited here, at a ledger that was open already, and after a restart', async () => {
    expect(await outcome(rig.ledger, consent('2026-a'))).toEqual(['unknown-notice-version']);
    expect(await outcome(rig.ledger, published('2026-a'))).toEqual(['sealed']);
    expect(await outcome(rig.ledger, consent('2026-a'))).toEqual(['sealed']);
    expect(await outcome(other, consent('2026-a'))).toEqual(['sealed']);
    expect(other.policy.notices.get('2026-a')).toMatchObject([{ language: 'en', effectiveAt: '2026-01-04T09:00:00Z' }]);
    const third = await Ledger.open(rig.ledger.options);
    expect(third.policy.notices.get('2026-a')).toEqual(rig.ledger.policy.notices.get('2026-a'));
    expect(await outcome(third, consent('2026-a'))).toEqual(['sealed']);
    await third.close();
  });

  test('may be cited by what follows it in the same call, and not by what precedes it', async () => {
    expect(await outcome(rig.ledger, consent('2026-b'), published('2026-b'), consent('2026-b'))).toEqual([
      'unknown-notice-version',
      'sealed',
      'sealed',
    ]);
  });

  test('is a duplicate when it comes again, anywhere', async () => {
    const event = published('2026-c');
    const [first] = await send(rig.ledger, event);
    for (const ledger of [rig.ledger, other, rig.ledger]) expect(await send(ledger, event)).toEqual([{ ...first, status: 'duplicate' }]);
  });

  test('has one text for each language', async () => {
    await send(rig.ledger, published('2026-d'));
    for (const ledger of [rig.ledger, other]) {
      expect(await outcome(ledger, published('2026-d', { digest: 'b'.repeat(64) }))).toEqual(['notice-changed']);
    }
    expect(await outcome(other, published('2026-d', { language: 'th', digest: 'b'.repeat(64) }))).toEqual(['sealed']);
  });

  test('is sealed once when two ledgers publish two texts at the same moment', async () => {
    const race = (n: number) =>
      Promise.all([
        outcome(rig.ledger, published(`race-${n}`, { digest: 'c'.repeat(64) })),
        outcome(other, published(`race-${n}`, { digest: 'd'.repeat(64) })),
      ]);
    for (let n = 0; n < 10; n++) expect((await race(n)).flat().sort()).toEqual(['notice-changed', 'sealed']);
    await Promise.all([rig.ledger.livingPolicy.refresh(), other.livingPolicy.refresh()]);
    expect(other.policy.notices).toEqual(rig.ledger.policy.notices);
  });
});

describe('a purpose registered at runtime', () => {
  test('may be collected for, at every ledger', async () => {
    const forLoyalty = (purpose: string) => collection({}, { purposes: [purpose] });
    expect(await outcome(other, forLoyalty('loyalty-club'))).toEqual(['unknown-purpose']);
    expect(await outcome(rig.ledger, registered('loyalty-club'))).toEqual(['sealed']);
    expect(await outcome(rig.ledger, forLoyalty('loyalty-club'))).toEqual(['sealed']);
    expect(await outcome(other, forLoyalty('loyalty-club'))).toEqual(['sealed']);
  });

  test('may be named by a notice at a ledger that has not seen it, and never becomes another', async () => {
    await send(rig.ledger, registered('loyalty-two'));
    expect(await outcome(other, published('2026-e', { purposes: ['loyalty-two'] }))).toEqual(['sealed']);
    expect(await outcome(other, registered('loyalty-two', 'Something else'))).toEqual(['purpose-exists']);
  });
});

describe('a ledger that dies while it amends', () => {
  test('before the event is appended, leaves a key that means nothing', async () => {
    await owner.pool.query('insert into amendment (key) values ($1)', [randomBytes(16).toString('hex')]);
    const third = await Ledger.open(rig.ledger.options);
    expect(await outcome(third, published('2026-f'))).toEqual(['sealed']);
    await third.close();
    expect(await outcome(other, consent('2026-f'))).toEqual(['sealed']);
  });

  test('before it could append, lets the event be sealed when it is sent again, even as something else', async () => {
    const event = published('2026-g');
    await cutWhileAppending(() => send(rig.ledger, event));
    expect(await outcome(other, consent('2026-g'))).toEqual(['unknown-notice-version']);
    expect(await outcome(other, { ...collection(), id: event.id, source: SOURCE })).toEqual(['sealed']);
    expect(await outcome(rig.ledger, published('2026-g', { digest: 'e'.repeat(64) }), consent('2026-g'))).toEqual(['sealed', 'sealed']);
    await expect(other.livingPolicy.refresh()).resolves.toBeUndefined();
  });

  test('before it answered, has published all the same: others see it, and the sender hears of a duplicate', async () => {
    const event = published('2026-h');
    const third = await Ledger.open(rig.ledger.options);
    await send(third, event);
    await third.close(); // nothing else was to be written
    expect(await outcome(rig.ledger, published('2026-h', { digest: 'f'.repeat(64) }), event)).toEqual(['notice-changed', 'duplicate']);
  });

  test('gives its turn away with its connection', async () => {
    const dead = await owner.pool.connect();
    dead.on('error', () => undefined);
    const { rows } = await dead.query<{ pid: number }>(`select pg_backend_pid() as pid, pg_advisory_lock(${TURN})`);
    const waiting = outcome(rig.ledger, published('2026-i'), consent('2026-i'));
    await someoneWaits('advisory');
    await owner.pool.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
    expect(await waiting).toEqual(['sealed', 'sealed']);
    dead.release(true);
  });

  /** Cuts the connection that amends after the key was written, while the append waits for the head of the log. */
  async function cutWhileAppending(amend: () => Promise<unknown>): Promise<void> {
    const holder = await owner.pool.connect();
    await holder.query('begin');
    await holder.query('select size from log_head for update');
    const failed = expect(amend()).rejects.toThrow('cannot be reached');
    await someoneWaits('transactionid');
    await owner.pool.query(
      `select pg_terminate_backend(l.pid) from pg_locks l join pg_database d on d.oid = l.database
        where l.locktype = 'advisory' and d.datname = current_database() and l.granted and (l.classid::bigint << 32 | l.objid::bigint) = ${TURN}`,
    );
    await failed;
    await holder.query('rollback');
    holder.release();
  }

  async function someoneWaits(kind: 'advisory' | 'transactionid'): Promise<void> {
    for (;;) {
      const { rows } = await owner.pool.query(
        `select 1 from pg_locks l join pg_stat_activity a on a.pid = l.pid
          where not l.granted and l.locktype = $1 and a.datname = current_database()`,
        [kind],
      );
      if (rows.length > 0) return;
    }
  }
});

test('what was sealed before the table was there is found by the migration', async () => {
  const [receipt] = await send(rig.ledger, published('2026-j'));
  await send(rig.ledger, collection({}, { context: { page: '"type":"attesta.notice.published.v1","v":1}' } }));
  const before = await owner.pool.query('select key from amendment a join entry e using (key) order by e.position');
  const fresh = await testDatabase();
  await fresh.pool.query(`create table entry (position bigint, key uuid, bytes bytea);
    create function refuse_change() returns trigger language plpgsql as 'begin return null; end'`);
  const { rows } = await owner.pool.query<{ position: string; key: string; bytes: Buffer }>('select position, key, bytes from entry');
  for (const { position, key, bytes } of rows) await fresh.pool.query('insert into entry values ($1, $2, $3)', [position, key, bytes]);
  await fresh.pool.query(amendmentTable);
  const found = await fresh.pool.query('select key from amendment join entry using (key) order by position');
  const another = await owner.pool.query(`select key from entry where position = ${receipt!.position}`);
  expect(found.rows).toContainEqual(another.rows[0]);
  expect(before.rows).toEqual(expect.arrayContaining(found.rows));
  await fresh.drop();
});

test('the list of amendments only grows', async () => {
  for (const change of [
    'delete from amendment',
    "update amendment set key = '00000000-0000-0000-0000-000000000000'",
    'truncate amendment',
  ]) {
    await expect(owner.pool.query(change)).rejects.toThrow('append-only');
    await expect(rig.ledger.pool.query(change)).rejects.toThrow('permission denied');
  }
});

describe('what others than the services of Attesta say', () => {
  const as = (type: string, data: Record<string, unknown>) =>
    ({ ...collection(), subject: randomUUID(), type: `attesta.${type}.v1`, data }) as unknown as CloudEvent;
  const consented = { purposes: ['marketing'], method: 'checkbox', by: 'subject' };

  test.each([
    ['that a consent is in force', as('consent.given', consented)],
    ['that a consent is not valid', as('consent.invalidated', consented)],
    ['that an objection is rejected', as('objection.decided', { purposes: ['fraud-prevention'], outcome: 'rejected', reason: 'no' })],
    ['that a restriction is lifted', as('restriction.lifted', { reason: 'no' })],
    [
      'that a person was forgotten',
      as('key.destroyed', {
        keys: [{ subject: randomUUID(), key: 'contact.1' }],
        scope: 'subject',
        reason: 'no',
        method: 'crypto-shredding',
      }),
    ],
    ['that a finding is resolved', as('finding.resolved', { finding: 'f-1', reason: 'no' })],
    ['that a purpose is registered', { ...registered('loyalty-forged'), source: '//storefront.m-med.example' }],
  ])('%s, is refused', async (_what, event) => {
    expect(await outcome(rig.ledger, event)).toEqual(['decision-not-yours']);
  });

  test('is no new notice; one that is registered they may post, also at a ledger that has not seen it yet', async () => {
    const posted = (version: string) => published(version, {}, { source: '//storefront.m-med.example' });
    expect(await outcome(rig.ledger, posted('2027-forged'))).toEqual(['unregistered-notice']);
    expect(await outcome(rig.ledger, published('2027-real'))).toEqual(['sealed']);
    expect(await outcome(other, posted('2027-real'))).toEqual(['sealed']);
  });
});

import { setTimeout as delay } from 'node:timers/promises';
import { TestLedger } from '@attesta/testing';
import { auditRig, collection, consent, disclosure, forgotten, link, person, use, type AuditRig } from './audit-rig.js';
import { REGISTER_TABLES } from './audit.schema.js';
import { readFindings } from './findings.projection.js';
import { ANNA as PART_0, PHONE as PART_1, TwoPartitions } from './partitions-rig.js';
import { policy } from './policy-rig.js';
import type { RebuildStep } from './rebuild.js';
import { registersOf } from './registers.js';

const ANNA = person(1);
const BEN = person(2);
const PHONE = person(3);

let ledger: TestLedger;
let rig: AuditRig;
let onStep: ((step: RebuildStep) => Promise<void> | void) | undefined;

const open = (options = {}) =>
  auditRig(
    { fetchLog: ledger.fetchLog, verifierKey: ledger.key.verifierKey, batchSize: 100, onRebuildStep: (step) => onStep?.(step), ...options },
    ledger,
  );

beforeEach(async () => {
  onStep = undefined;
  ledger = new TestLedger();
  ledger.seal(consent(ANNA, 'given', ['marketing']));
  ledger.seal(consent(ANNA, 'withdrawn', ['marketing']));
  ledger.seal(use(ANNA, { purposes: ['marketing'], basis: 'consent' }));
  ledger.seal(link(ANNA, PHONE));
  for (let i = 0; i < 300; i++) ledger.seal(i % 3 ? collection(person(1 + (i % 8))) : disclosure(BEN, 'logistics-provider'));
  rig = await open();
  await rig.audit.caughtUp(ledger.stored.length - 1);
});
afterEach(() => rig.close());

const last = () => ledger.stored.length - 1;
const digestsHold = async () => expect(await rig.audit.digest()).toEqual(await rig.audit.recount());
const tables = async () =>
  (
    await rig.db.pool.query<{ line: string }>(
      `select indexdef as line from pg_indexes where schemaname = 'public' and tablename = any($1)
       union all select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where conrelid = any($1::regclass[]::oid[])
       union all select table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || rank() over (partition by table_name order by ordinal_position) from information_schema.columns where table_schema = 'public' and table_name = any($1)
       union all select relname || ' ' || array_to_string(reloptions, ',') from pg_class where oid = any($1::regclass[]::oid[]) and reloptions is not null
       order by 1`,
      [REGISTER_TABLES],
    )
  ).rows.map(({ line }) => line);
const nextTables = async () => (await rig.db.pool.query(`select 1 from pg_tables where schemaname = 'registers_next'`)).rowCount;
const said = async () => (await rig.audit.log.readStream('findings')).map(({ data }) => data.finding);

it('covers the table of every register there is', () => {
  expect(REGISTER_TABLES).toEqual(expect.arrayContaining(registersOf(policy).map(({ table }) => table)));
});

describe('a rebuild', () => {
  it('gives the same registers, in tables that are the same to the name of the last index, and raises nothing again', async () => {
    const [before, shape, raised] = [await rig.audit.digest(), await tables(), await said()];
    expect(raised).toEqual(['use-after-withdrawal:2']);
    expect(await rig.audit.rebuild()).toMatchObject({ state: 'done', compared: { differing: [], position: last() } });
    expect(await rig.audit.digest()).toEqual(before);
    expect(await tables()).toEqual(shape);
    expect(await nextTables()).toBe(0);
    expect(await said()).toEqual(raised);
    await rig.report(collection(ANNA));
    await digestsHold();
  });

  it('twice in a row is no different', async () => {
    for (let i = 0; i < 2; i++) expect(await rig.audit.rebuild()).toMatchObject({ state: 'done' });
    await rig.report(collection(ANNA));
    await digestsHold();
  });

  it('leaves no answer empty, and none reaching less far than one before, while entries keep coming', async () => {
    let going = true;
    const load = (async () => {
      while (going) {
        ledger.seal(collection(person(1 + (last() % 9))));
        await delay(1);
      }
    })();
    let reached = -1;
    let asked = 0;
    const asking = (async () => {
      while (going) {
        const { position } = await rig.audit.standing.at();
        expect(position).toBeGreaterThanOrEqual(reached);
        reached = position;
        const { rows } = await rig.audit.pool.query<{ n: string }>('select count(*) as n from timeline where position <= $1', [position]);
        expect(Number(rows[0]!.n)).toBe(position + 1);
        asked++;
      }
    })();
    const before = last();
    expect(await rig.audit.rebuild()).toMatchObject({ state: 'done', compared: { differing: [] } });
    const after = last();
    await rig.audit.caughtUp(after + 20);
    going = false;
    await Promise.all([load, asking]);
    expect(asked).toBeGreaterThan(20);
    expect(after).toBeGreaterThan(before + 20);
    await rig.audit.caughtUp(last());
    await digestsHold();
  });

  it('over several partitions begins again where the slowest and the fastest were', async () => {
    const other = new TestLedger();
    const feed = new TwoPartitions(other);
    const two = await auditRig({ feed, fetchLog: other.fetchLog, verifierKey: other.key.verifierKey }, other);
    for (let i = 0; i < 40; i++) other.seal(collection(i % 2 ? PART_0 : PART_1));
    other.seal(consent(PART_0, 'withdrawn', ['marketing']));
    const wrong = other.seal(use(PART_0, { purposes: ['marketing'], basis: 'consent' }));
    await feed.deliver(0, wrong);
    await feed.deliver(1, 20);
    expect(await two.audit.rebuild()).toMatchObject({ state: 'done', compared: { differing: [], position: 20 } });
    // The whole of it is in there, and was judged.
    expect(await two.audit.standing.position()).toBe(wrong);
    expect((await two.audit.log.readStream('findings')).map(({ data }) => data.finding)).toEqual([`use-after-withdrawal:${wrong}`]);
    const more = other.seal(collection(PART_1));
    await feed.deliver(0, more);
    await feed.deliver(1, more);
    await two.audit.caughtUp(more);
    expect(await two.audit.digest()).toEqual(await two.audit.recount());
    await two.close();
  });

  it('keeps what is set aside aside, and it can be replayed', async () => {
    await rig.db.pool.query(`alter table collection add constraint no_paper check (method <> 'paper-form')`);
    await rig.report(collection(ANNA, { method: 'paper-form' }));
    await rig.report(collection(ANNA));
    expect(await rig.audit.rebuild()).toMatchObject({ state: 'done', compared: { differing: [] } });
    expect((await rig.audit.standing.at()).lag.parked).toBe(2);
    await rig.db.pool.query('alter table collection drop constraint no_paper');
    expect(await rig.audit.feed.parked.replay(ANNA)).toEqual({ applied: 2, left: 0 });
    await digestsHold();
  });

  it('that is given up leaves nothing behind', async () => {
    let given = false;
    onStep = async (step) => {
      if (step === 'filling' && !given) given = await rig.audit.rebuilding.giveUp();
    };
    const before = await rig.audit.digest();
    expect(await rig.audit.rebuild()).toMatchObject({ state: 'given-up' });
    while ((await nextTables()) !== 0) await delay(20);
    expect(await rig.audit.rebuilding.giveUp()).toBe(false);
    expect(await rig.audit.digest()).toEqual(before);
    onStep = undefined;
    expect(await rig.audit.rebuild()).toMatchObject({ state: 'done' });
  });
});

describe('killed', () => {
  const STEPS: RebuildStep[] = ['ordered', 'filling', 'caught-up', 'compared', 'held', 'swapping', 'swapped'];

  it.each(STEPS)('when it had come to "%s", it is done by whoever comes next', async (step) => {
    const before = await rig.audit.digest();
    let killed = false;
    const died = new Promise<void>((resolve) => {
      onStep = async (at) => {
        if (at !== step || killed) return;
        killed = true;
        await rig.db.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'attesta-audit%'`,
        );
        resolve();
        throw new Error('killed');
      };
    });
    await rig.audit.rebuilding.order('keep').catch(() => undefined);
    await died;
    await rig.audit.close();
    const heir = await open({ databaseUrl: rig.db.url });
    expect(await heir.audit.rebuilding.ended()).toMatchObject({ state: 'done', compared: { differing: [] } });
    await heir.audit.caughtUp(last());
    expect(await heir.audit.digest()).toEqual(before);
    expect(await nextTables()).toBe(0);
    const { db } = rig;
    rig = { ...heir, db, close: () => heir.close().then(() => db.drop()) };
    await rig.report(collection(ANNA));
    await digestsHold();
  });

  it('while two processes are there, the other goes on', async () => {
    const other = await open({ databaseUrl: rig.db.url });
    expect(await rig.audit.rebuild()).toMatchObject({ state: 'done' });
    await digestsHold();
    await other.close();
  });
});

describe('registers that are not what the log says', () => {
  const falsify = (position = 10) =>
    rig.db.pool.query(`update disclosure set recipient = 'survey-contractor' where position = $1`, [position]);

  it('are named with the first position, raised, and kept beside those that are', async () => {
    await falsify();
    await rig.db.pool.query('delete from collection where position = 21');
    const differing = [
      { register: 'collections', position: 21 },
      { register: 'disclosures', position: 10 },
    ];
    expect(await rig.audit.rebuild()).toMatchObject({ state: 'differs', compared: { differing } });
    expect(await nextTables()).toBe(REGISTER_TABLES.length);
    const events = await rig.audit.log.readStream('findings');
    expect(events.at(-1)!.data).toMatchObject({
      rule: 'register-differs',
      severity: 'violation',
      positions: [10, 21],
      explanation: expect.stringContaining('disclosures (first at position 10)'),
    });
    await rig.carryOutbox();
  });

  it('are mended by a swap, which goes on where the other ended', async () => {
    await falsify();
    await rig.audit.rebuild();
    await rig.report(collection(BEN));
    expect(await rig.audit.rebuild('swap')).toMatchObject({ state: 'done', compared: { differing: [{ register: 'disclosures' }] } });
    await digestsHold();
    expect((await said()).filter((finding) => String(finding).startsWith('register-differs'))).toHaveLength(1);
  });

  it('are looked at anew by another rebuild', async () => {
    await falsify();
    await rig.audit.rebuild();
    await falsify(13);
    expect(await rig.audit.rebuild()).toMatchObject({
      state: 'differs',
      compared: { differing: [{ register: 'disclosures', position: 10 }] },
    });
    expect(await rig.audit.rebuilding.giveUp()).toBe(true);
    while ((await nextTables()) !== 0) await delay(20);
  });

  it('hid a finding, which is raised when they are mended', async () => {
    await rig.db.pool.query(`delete from consent where status = 'withdrawn'`);
    const wrong = await rig.report(use(ANNA, { purposes: ['marketing'], basis: 'consent' }));
    expect(await said()).toEqual(['use-after-withdrawal:2']);
    await rig.audit.rebuild();
    expect(await said()).not.toContain(`use-after-withdrawal:${wrong}`);
    await rig.audit.rebuild('swap');
    expect(await said()).toContain(`use-after-withdrawal:${wrong}`);
    expect((await readFindings(rig.audit.pool, { asOf: last(), limit: 10 })).map(({ finding }) => finding)).toContain(
      `use-after-withdrawal:${wrong}`,
    );
    await digestsHold();
  });
});

describe('somebody who is forgotten meanwhile', () => {
  const held = async (schema: string) =>
    (
      await rig.db.pool.query<{ held: string }>(
        `select count(*) as held from ${schema}.timeline t join ${schema}.timeline_subject s using (position) where s.subject = $1 and leaf_hash is null`,
        [ANNA],
      )
    ).rows[0]!.held;

  it.each(['caught-up', 'compared'] as const)('when it had come to "%s", is forgotten in both sets at once', async (step) => {
    let inBoth: string[] | undefined;
    onStep = async (at) => {
      if (at !== step || inBoth) return;
      inBoth = [];
      const before = [await held('public'), await held('registers_next')];
      await rig.report(forgotten(ANNA));
      inBoth = [...before, await held('public'), await held('registers_next')];
    };
    expect(await rig.audit.rebuild()).toMatchObject({ state: 'done', compared: { differing: [] } });
    expect(inBoth).toEqual([inBoth![0], inBoth![0], '0', '0']);
    expect(Number(inBoth![0])).toBeGreaterThan(10);
    expect(await held('public')).toBe('0');
    await digestsHold();
  });

  it('is forgotten in a set that is kept for looking', async () => {
    await rig.db.pool.query(`update disclosure set recipient = 'survey-contractor' where position = 10`);
    await rig.audit.rebuild();
    await rig.report(forgotten(ANNA));
    expect([await held('public'), await held('registers_next')]).toEqual(['0', '0']);
  });
});

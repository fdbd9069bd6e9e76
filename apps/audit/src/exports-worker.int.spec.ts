import { createHash } from 'node:crypto';
import { forgotten, person } from './audit-rig.js';
import { ANNA, exportDesk, type ExportDesk } from './exports-rig.js';
import { ExportWorker, LEASE_MS } from './exports-worker.js';
import type { ExportView } from './exports.js';
import { buildAll, fillRegisters } from './search-rig.js';

const DAY = 86_400_000;

let desk: ExportDesk;
beforeEach(async () => {
  desk = await exportDesk();
});
afterEach(() => desk.http.close());

describe('the worker', () => {
  const ROWS = 3_500;
  beforeEach(async () => {
    await fillRegisters(desk.rig.db.pool, 3, ROWS - 1);
    await buildAll(desk.rig.db.pool);
  });

  it('takes over from one that fell silent between two pieces, and the file is the same', async () => {
    const { id: whole } = await desk.order({ q: '', format: 'jsonl' });
    const { sha256 } = await desk.done(whole);
    const { id } = await desk.order({ q: '', format: 'jsonl' });
    await desk.rig.db.pool.query(
      `update export set state = 'running', worker = $2, lease_until = $3, attempts = 1, rows = 1000, bytes = 10 where id = $1`,
      [id, person(77), new Date(desk.clock.now + LEASE_MS)],
    );
    await desk.rig.db.pool.query(`insert into export_chunk values ($1, 0, 'half'), ($1, 7, 'a chunk')`, [id]);
    await new ExportWorker(desk.rig.audit).work();
    expect(await desk.stateOf(id)).toMatchObject({ state: 'running', progress: { rows: 1000 } });
    desk.clock.now += LEASE_MS + 1;
    expect(await desk.done(id)).toMatchObject({ state: 'done', sha256, progress: { rows: ROWS } });
    expect(
      createHash('sha256')
        .update((await desk.fileOf(id)).bytes)
        .digest('hex'),
    ).toBe(sha256);
  });

  it('several at once do each export once', async () => {
    const ids = await Promise.all(
      ['jsonl', 'csv', 'jsonl', 'csv'].map(async (format) => (await desk.order({ q: 'type:disclosure.*', format })).id),
    );
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        while (await new ExportWorker(desk.rig.audit).work());
      }),
    );
    const jobs = await Promise.all(ids.map(desk.done));
    expect(jobs.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
    const { rows } = await desk.rig.db.pool.query('select 1 from export where attempts <> 1');
    expect(rows).toEqual([]);
  });

  it('stops when it is cancelled', async () => {
    const { id } = await desk.order({ q: '', format: 'jsonl' });
    const { pool } = desk.rig.db;
    await pool.query('create table written (n int)');
    await pool.query(
      `create function stop_it() returns trigger language plpgsql as $$ begin
         insert into written values (new.n);
         if new.n = 1 then update export set state = 'cancelled', worker = null, finished_at = now() where id = new.export; end if;
         return new;
       end $$`,
    );
    await pool.query('create trigger stop_it after insert on export_chunk for each row execute function stop_it()');
    expect(await desk.done(id)).toMatchObject({ state: 'cancelled' });
    await desk.http.get(`/v1/exports/${id}/file`).expect(404);
    expect((await pool.query('select n from written order by n')).rows).toEqual([{ n: 0 }, { n: 1 }]);
    await new ExportWorker(desk.rig.audit).expire();
    expect((await pool.query('select 1 from export_chunk')).rowCount).toBe(0);
  });

  it('gives one up that fails again and again, and one that cannot be done at once', async () => {
    const { id } = await desk.order({ q: '', format: 'jsonl' });
    await desk.rig.db.pool.query(
      "create function fail() returns trigger language plpgsql as $$ begin raise exception using errcode = '40001'; end $$",
    );
    await desk.rig.db.pool.query('create trigger fail before insert on export_chunk for each row execute function fail()');
    expect(await desk.done(id)).toMatchObject({ state: 'failed', failure: 'given-up' });
    await desk.rig.db.pool.query(
      "create or replace function fail() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$",
    );
    const { id: other } = await desk.order({ q: '', format: 'jsonl' });
    expect(await desk.done(other)).toMatchObject({ state: 'failed', failure: 'not-exported' });
    expect((await desk.http.get(`/v1/exports/${other}/file`)).status).toBe(404);
  });

  it('keeps a file seven days and its row ninety more', async () => {
    const { id } = await desk.order({ q: 'recipient:bank', format: 'csv' });
    await desk.done(id);
    desk.clock.now += 7 * DAY - 1;
    await new ExportWorker(desk.rig.audit).expire();
    expect(await desk.stateOf(id)).toMatchObject({ state: 'done' });
    desk.clock.now += 1;
    await new ExportWorker(desk.rig.audit).expire();
    expect(await desk.stateOf(id)).toMatchObject({ state: 'expired' });
    expect((await desk.rig.db.pool.query('select 1 from export_chunk')).rowCount).toBe(0);
    await desk.http.get(`/v1/exports/${id}/file`).expect(404);
    desk.clock.now += 91 * DAY;
    await new ExportWorker(desk.rig.audit).expire();
    await desk.http.get(`/v1/exports/${id}`).expect(404);
  });
});

describe('when somebody is forgotten', () => {
  it('files that hold their entries are gone, those under way begin again, and others stay', async () => {
    const all = await desk.order({ q: '', format: 'jsonl' });
    const annas = await desk.order({ q: `subject:${ANNA} recipient:nobody`, format: 'jsonl' });
    const collections = await desk.order({ register: 'collections', format: 'csv' });
    const disclosures = await desk.order({ register: 'disclosures', format: 'csv' });
    const bank = await desk.order({ q: 'recipient:bank', format: 'evidence' });
    for (const { id } of [all, annas, collections, disclosures, bank]) expect((await desk.done(id)).state).toBe('done');
    const begun = await desk.order({ q: 'type:collection.*', format: 'jsonl' });
    await desk.rig.db.pool.query(`update export set state = 'running', worker = $2, lease_until = 'infinity', rows = 9 where id = $1`, [
      begun.id,
      person(77),
    ]);

    await desk.rig.report(forgotten(ANNA));
    const left = (await desk.http.get('/v1/exports').expect(200)).body.data as ExportView[];
    expect(Object.fromEntries(left.map(({ id, state }) => [id, state]))).toEqual({
      [disclosures.id]: 'done',
      [bank.id]: 'done',
      [begun.id]: expect.stringMatching(/queued|running|done/) as string,
    });
    expect(await desk.done(begun.id)).toMatchObject({ state: 'done', progress: { rows: 1 } });
    expect(JSON.parse((await desk.fileOf(begun.id)).bytes.toString())).toMatchObject({ position: 0, reduced: true });
  });
});

import { createHash } from 'node:crypto';
import { verifyEvidence } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { unzipSync } from 'fflate';
import { auditRig, collection, consent, disclosure, forgotten, person, type AuditRig } from './audit-rig.js';
import { ExportWorker, LEASE_MS } from './exports-worker.js';
import { piecesOf } from './exports-pieces.js';
import { findExport, type ExportView } from './exports.js';
import { buildAll, fillRegisters, serveAudit, type Http } from './search-rig.js';

const [ANNA, BEN] = [person(1), person(2)];
const DAY = 86_400_000;
let rig: AuditRig;
let http: Http;
let now = Date.parse('2026-04-01T00:00:00Z');

beforeEach(async () => {
  rig = await auditRig({ now: () => new Date(now) });
  http = await serveAudit(rig);
  await rig.report(collection(ANNA));
  await rig.report(disclosure(BEN, 'bank'));
  await rig.report(consent(BEN, 'given', ['marketing', 'analytics'], { reason: 'said "yes", twice' }));
});
afterEach(() => http.close());

const order = async (body: object, role: 'auditor' | 'dpo' | 'second-auditor' = 'auditor') =>
  (await http.post('/v1/exports', { reason: 'case 12', ...body }, role).expect(202)).body as ExportView;
const stateOf = async (id: string) => (await http.get(`/v1/exports/${id}`, 'dpo').expect(200)).body as ExportView;
const work = () => new ExportWorker(rig.audit).work();
async function done(id: string): Promise<ExportView> {
  for (;;) {
    await work();
    const job = await stateOf(id);
    if (job.state !== 'queued' && job.state !== 'running') return job;
    await new Promise(setImmediate);
  }
}
const fileOf = async (id: string) => {
  const answer = await http
    .get(`/v1/exports/${id}/file`)
    .buffer(true)
    .parse((stream, end) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => end(null, Buffer.concat(parts)));
    })
    .expect(200);
  return { bytes: answer.body as Buffer, headers: answer.headers };
};
/** Positions that a bundle proves. */
function proved(zip: Uint8Array): number[] {
  const report = verifyEvidence(nodePrimitives, new Map(Object.entries(unzipSync(zip))), rig.ledger.key.verifierKey);
  expect(report.problems).toEqual([]);
  return report.proved;
}
const accesses = async () => (await rig.audit.log.readStream('access')).map(({ subject, actor, data }) => ({ subject, actor, ...data }));

it('JSON Lines hold the exact entries, newest first, with their leaf hashes; and the file proves its own hash', async () => {
  const { id } = await order({ q: '', format: 'jsonl' });
  const job = await done(id);
  expect(job).toMatchObject({ state: 'done', as_of: 2, progress: { rows: 3, total: 3, total_is: 'exact', percent: 100 }, mine: false });
  const { bytes, headers } = await fileOf(id);
  expect(bytes.toString()).toBe(
    rig.ledger.stored
      .map(
        (stored) =>
          `{"position":${stored.position},"leafHash":"${stored.leafHash.toString('base64')}","reduced":false,"entry":${stored.bytes.toString()}}\n`,
      )
      .reverse()
      .join(''),
  );
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(job.sha256);
  expect(headers).toMatchObject({
    'content-type': expect.stringContaining('jsonl') as string,
    'content-length': String(bytes.length),
    'content-disposition': `attachment; filename="export-${id.slice(0, 8)}.jsonl"`,
    'repr-digest': `sha-256=:${Buffer.from(job.sha256!, 'hex').toString('base64')}:`,
  });
});

it('CSV is flat, quoted, and no formula', async () => {
  const { id } = await order({ q: '-type:collection.*', format: 'csv' });
  await done(id);
  const lines = (await fileOf(id)).bytes.toString().split('\r\n');
  expect(lines[0]).toBe(
    'position,recordedAt,time,type,title,subject,source,actor,recipient,purposes,categories,basis,method,channel,data,leafHash,reduced',
  );
  expect(lines[1]).toMatch(/^2,2026-03-01T09:00:00.000Z,.*,marketing; analytics,,,checkbox,,"\{""language""/);
  expect(lines[2]).toContain(',bank,service-fulfilment,contact,contract,,,');
  expect(lines.slice(3)).toEqual(['']);
});

it('a cell that begins like a formula is text', async () => {
  await rig.report({ ...collection(ANNA), actor: '=HYPERLINK("x")', source: '+1' });
  const { id } = await order({ q: 'position:3', format: 'csv' });
  await done(id);
  expect((await fileOf(id)).bytes.toString()).toContain(`,'+1,"'=HYPERLINK(""x"")",`);
});

it('a register is exported whole, in both forms', async () => {
  const { id } = await order({ register: 'disclosures', format: 'jsonl' });
  expect(await done(id)).toMatchObject({ state: 'done', progress: { rows: 1 } });
  expect(JSON.parse((await fileOf(id)).bytes.toString())).toMatchObject({
    position: 1,
    recipient: 'bank',
    purposes: ['service-fulfilment'],
  });
  const { id: table } = await order({ register: 'consents', format: 'csv' });
  await done(table);
  const lines = (await fileOf(table)).bytes.toString().trim().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain('position,subject,purpose,status');
});

it('evidence proves itself offline', async () => {
  const { id } = await order({ q: 'type:disclosure.*,consent.*', format: 'evidence' });
  expect(await done(id)).toMatchObject({ state: 'done', progress: { rows: 2 } });
  expect(proved((await fileOf(id)).bytes)).toEqual([1, 2]);
});

it('evidence of more than a bundle holds is several bundles, each of which proves itself', async () => {
  const { id } = await order({ q: '', format: 'evidence' });
  const job = (await findExport(rig.audit.pool, id, undefined))!;
  const pieces: Uint8Array[] = [];
  for await (const { bytes } of piecesOf(rig.audit, job, 2)) pieces.push(bytes);
  const parts = unzipSync(Buffer.concat(pieces));
  expect(Object.entries(parts).map(([name, zip]) => [name, proved(zip)])).toEqual([
    ['evidence-00001.zip', [1, 2]],
    ['evidence-00002.zip', [0]],
  ]);
});

describe('who may have what', () => {
  it('one’s own; a dpo everybody’s; and downloads are recorded', async () => {
    const { id } = await order({ q: `subject:${ANNA}`, format: 'jsonl' });
    await done(id);
    for (const path of [`/v1/exports/${id}`, `/v1/exports/${id}/file`]) await http.get(path, 'second-auditor').expect(404);
    await http.remove(`/v1/exports/${id}`, 'second-auditor').expect(404);
    expect((await http.get('/v1/exports', 'second-auditor').expect(200)).body).toEqual({ data: [], next_cursor: null, has_more: false });
    expect((await http.get('/v1/exports', 'dpo').expect(200)).body.data).toMatchObject([{ id, mine: false, query: `subject:${ANNA}` }]);
    await fileOf(id);
    await http.remove(`/v1/exports/${id}`).expect(204);
    expect(await accesses()).toMatchObject([
      {
        action: 'export.created',
        resource: 'POST /v1/exports jsonl subject',
        subject: ANNA,
        reason: 'case 12',
        asOf: 2,
        actor: 'auditor-7',
      },
      { action: 'export.downloaded', resource: 'GET /v1/exports/:id/file', subject: ANNA, reason: 'case 12', rows: 1 },
      { action: 'export.removed', resource: 'DELETE /v1/exports/:id' },
    ]);
    await http.get(`/v1/exports/${id}/file`).expect(404);
  });

  it.each([
    [{ format: 'csv', reason: 'case' }, 'query-or-register'],
    [{ q: '', register: 'consents', format: 'csv', reason: 'case' }, 'query-or-register'],
    [{ register: 'pg_shadow', format: 'csv', reason: 'case' }, 'no-such-register'],
    [{ register: 'consents', format: 'evidence', reason: 'case' }, 'evidence-of-register'],
    [{ q: 'a', format: 'pdf', reason: 'case' }, 'invalid-fields'],
    [{ q: 'a', format: 'csv' }, 'invalid-fields'],
    [{ q: 'a', format: 'csv', reason: 'for anna@mail.example' }, 'invalid-fields'],
    [{ q: 'anna@mail.example', format: 'csv', reason: 'case' }, 'personal-value-in-query'],
  ])('refused: %j', async (body, slug) => {
    expect((await http.post('/v1/exports', body).expect(400)).body.type).toBe(`https://attesta.dev/problems/${slug}`);
  });

  it('the same order twice is one export, and another one with its id is refused', async () => {
    const body = { id: person(800), q: 'recipient:bank', format: 'csv', reason: 'case 12' };
    const [first, second] = await Promise.all([http.post('/v1/exports', body), http.post('/v1/exports', body)]);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect((await http.get('/v1/exports')).body.data).toHaveLength(1);
    expect(await accesses()).toHaveLength(1);
    await http.post('/v1/exports', { ...body, q: 'recipient:other' }).expect(409);
    await http.post('/v1/exports', body, 'second-auditor').expect(409);
  });

  it('no more than some at once, listed page by page', async () => {
    for (let n = 0; n < 10; n++)
      await rig.db.pool.query(
        `insert into export (id, query, format, reason, owner, role, as_of, state, created_at, lease_until) values ($1, '', 'csv', 'case', 'auditor-7', 'auditor', 0, 'running', $2, 'infinity')`,
        [person(900 + n), new Date(now + n)],
      );
    expect((await http.post('/v1/exports', { q: '', format: 'csv', reason: 'case' }).expect(409)).body.type).toContain('too-many-exports');
    const { body } = await http.get('/v1/exports?limit=6').expect(200);
    const { body: rest } = await http.get(`/v1/exports?limit=6&cursor=${body.next_cursor}`).expect(200);
    expect([...body.data, ...rest.data].map(({ id }: ExportView) => id)).toEqual(Array.from({ length: 10 }, (_, i) => person(909 - i)));
  });
});

describe('the worker', () => {
  const ROWS = 3_500;
  beforeEach(async () => {
    await fillRegisters(rig.db.pool, 3, ROWS - 1);
    await buildAll(rig.db.pool);
  });

  it('takes over from one that fell silent between two pieces, and the file is the same', async () => {
    const { id: whole } = await order({ q: '', format: 'jsonl' });
    const { sha256 } = await done(whole);
    const { id } = await order({ q: '', format: 'jsonl' });
    await rig.db.pool.query(
      `update export set state = 'running', worker = $2, lease_until = $3, attempts = 1, rows = 1000, bytes = 10 where id = $1`,
      [id, person(77), new Date(now + LEASE_MS)],
    );
    await rig.db.pool.query(`insert into export_chunk values ($1, 0, 'half'), ($1, 7, 'a chunk')`, [id]);
    await work();
    expect(await stateOf(id)).toMatchObject({ state: 'running', progress: { rows: 1000 } });
    now += LEASE_MS + 1;
    expect(await done(id)).toMatchObject({ state: 'done', sha256, progress: { rows: ROWS } });
    expect(
      createHash('sha256')
        .update((await fileOf(id)).bytes)
        .digest('hex'),
    ).toBe(sha256);
  });

  it('several at once do each export once', async () => {
    const ids = await Promise.all(
      ['jsonl', 'csv', 'jsonl', 'csv'].map(async (format) => (await order({ q: 'type:disclosure.*', format })).id),
    );
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        while (await work());
      }),
    );
    const jobs = await Promise.all(ids.map(done));
    expect(jobs.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
    const { rows } = await rig.db.pool.query('select 1 from export where attempts <> 1');
    expect(rows).toEqual([]);
  });

  it('stops when it is cancelled', async () => {
    const { id } = await order({ q: '', format: 'jsonl' });
    const { pool } = rig.db;
    await pool.query(
      "create function stop_it() returns trigger language plpgsql as $$ begin if new.n = 1 then delete from export_chunk; update export set state = 'cancelled', worker = null, finished_at = now() where id = new.export; end if; return new; end $$",
    );
    await pool.query('create trigger stop_it after insert on export_chunk for each row execute function stop_it()');
    expect(await done(id)).toMatchObject({ state: 'cancelled' });
    await http.get(`/v1/exports/${id}/file`).expect(404);
    await new ExportWorker(rig.audit).expire();
    expect((await pool.query('select 1 from export_chunk')).rowCount).toBe(0);
  });

  it('gives one up that fails again and again, and one that cannot be done at once', async () => {
    const { id } = await order({ q: '', format: 'jsonl' });
    await rig.db.pool.query(
      "create function fail() returns trigger language plpgsql as $$ begin raise exception using errcode = '40001'; end $$",
    );
    await rig.db.pool.query('create trigger fail before insert on export_chunk for each row execute function fail()');
    expect(await done(id)).toMatchObject({ state: 'failed', failure: 'given-up' });
    await rig.db.pool.query("create or replace function fail() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$");
    const { id: other } = await order({ q: '', format: 'jsonl' });
    expect(await done(other)).toMatchObject({ state: 'failed', failure: 'not-exported' });
    expect((await http.get(`/v1/exports/${other}/file`)).status).toBe(404);
  });

  it('keeps a file seven days and its row ninety more', async () => {
    const { id } = await order({ q: 'recipient:bank', format: 'csv' });
    await done(id);
    now += 7 * DAY - 1;
    await new ExportWorker(rig.audit).expire();
    expect(await stateOf(id)).toMatchObject({ state: 'done' });
    now += 1;
    await new ExportWorker(rig.audit).expire();
    expect(await stateOf(id)).toMatchObject({ state: 'expired' });
    expect((await rig.db.pool.query('select 1 from export_chunk')).rowCount).toBe(0);
    await http.get(`/v1/exports/${id}/file`).expect(404);
    now += 91 * DAY;
    await new ExportWorker(rig.audit).expire();
    await http.get(`/v1/exports/${id}`).expect(404);
  });
});

describe('when somebody is forgotten', () => {
  it('files that hold their entries are gone, those under way begin again, and others stay', async () => {
    const all = await order({ q: '', format: 'jsonl' });
    const annas = await order({ q: `subject:${ANNA} recipient:nobody`, format: 'jsonl' });
    const collections = await order({ register: 'collections', format: 'csv' });
    const disclosures = await order({ register: 'disclosures', format: 'csv' });
    const bank = await order({ q: 'recipient:bank', format: 'evidence' });
    for (const { id } of [all, annas, collections, disclosures, bank]) expect((await done(id)).state).toBe('done');
    const begun = await order({ q: 'type:collection.*', format: 'jsonl' });
    await rig.db.pool.query(`update export set state = 'running', worker = $2, lease_until = 'infinity', rows = 9 where id = $1`, [
      begun.id,
      person(77),
    ]);

    await rig.report(forgotten(ANNA));
    const left = (await http.get('/v1/exports').expect(200)).body.data as ExportView[];
    expect(Object.fromEntries(left.map(({ id, state }) => [id, state]))).toEqual({
      [disclosures.id]: 'done',
      [bank.id]: 'done',
      [begun.id]: expect.stringMatching(/queued|running|done/) as string,
    });
    expect(await done(begun.id)).toMatchObject({ state: 'done', progress: { rows: 1 } });
    expect(JSON.parse((await fileOf(begun.id)).bytes.toString())).toMatchObject({ position: 0, reduced: true });
  });
});

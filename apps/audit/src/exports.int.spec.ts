import { createHash } from 'node:crypto';
import { verifyEvidence } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { unzipSync } from 'fflate';
import { collection, person } from './audit-rig.js';
import { piecesOf } from './exports-pieces.js';
import { ANNA, exportDesk, type ExportDesk } from './exports-rig.js';
import { findExport, type ExportView } from './exports.js';

let desk: ExportDesk;
beforeEach(async () => {
  desk = await exportDesk();
});
afterEach(() => desk.http.close());

/** Positions that a bundle proves. */
function proved(zip: Uint8Array): number[] {
  const report = verifyEvidence(nodePrimitives, new Map(Object.entries(unzipSync(zip))), desk.rig.ledger.key.verifierKey);
  expect(report.problems).toEqual([]);
  return report.proved;
}
const accesses = async () =>
  (await desk.rig.audit.log.readStream('access')).map(({ subject, actor, data }) => ({ subject, actor, ...data }));

it('JSON Lines hold the exact entries, newest first, with their leaf hashes; and the file proves its own hash', async () => {
  const { id } = await desk.order({ q: '', format: 'jsonl' });
  const job = await desk.done(id);
  expect(job).toMatchObject({ state: 'done', as_of: 2, progress: { rows: 3, total: 3, total_is: 'exact', percent: 100 }, mine: false });
  const { bytes, headers } = await desk.fileOf(id);
  expect(bytes.toString()).toBe(
    desk.rig.ledger.stored
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
  const { id } = await desk.order({ q: '-type:collection.*', format: 'csv' });
  await desk.done(id);
  const lines = (await desk.fileOf(id)).bytes.toString().split('\r\n');
  expect(lines[0]).toBe(
    'position,recordedAt,time,type,title,subject,source,actor,recipient,purposes,categories,basis,method,channel,data,leafHash,reduced',
  );
  expect(lines[1]).toMatch(/^2,2026-03-01T09:00:00.000Z,.*,marketing; analytics,,,checkbox,,"\{""language""/);
  expect(lines[2]).toContain(',bank,service-fulfilment,contact,contract,,,');
  expect(lines.slice(3)).toEqual(['']);
});

it('a cell that begins like a formula is text', async () => {
  await desk.rig.report({ ...collection(ANNA), actor: '=HYPERLINK("x")', source: '+1' });
  const { id } = await desk.order({ q: 'position:3', format: 'csv' });
  await desk.done(id);
  expect((await desk.fileOf(id)).bytes.toString()).toContain(`,'+1,"'=HYPERLINK(""x"")",`);
});

it('a register is exported whole, in both forms', async () => {
  const { id } = await desk.order({ register: 'disclosures', format: 'jsonl' });
  expect(await desk.done(id)).toMatchObject({ state: 'done', progress: { rows: 1 } });
  expect(JSON.parse((await desk.fileOf(id)).bytes.toString())).toMatchObject({
    position: 1,
    recipient: 'bank',
    purposes: ['service-fulfilment'],
  });
  const { id: table } = await desk.order({ register: 'consents', format: 'csv' });
  await desk.done(table);
  const lines = (await desk.fileOf(table)).bytes.toString().trim().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain('position,subject,purpose,status');
});

it('evidence proves itself offline', async () => {
  const { id } = await desk.order({ q: 'type:disclosure.*,consent.*', format: 'evidence' });
  expect(await desk.done(id)).toMatchObject({ state: 'done', progress: { rows: 2 } });
  expect(proved((await desk.fileOf(id)).bytes)).toEqual([1, 2]);
});

it('evidence of more than a bundle holds is several bundles, each of which proves itself', async () => {
  const { id } = await desk.order({ q: '', format: 'evidence' });
  const job = (await findExport(desk.rig.audit.pool, id, undefined))!;
  const pieces: Uint8Array[] = [];
  for await (const { bytes } of piecesOf(desk.rig.audit, job, 2)) pieces.push(bytes);
  const parts = unzipSync(Buffer.concat(pieces));
  expect(Object.entries(parts).map(([name, zip]) => [name, proved(zip)])).toEqual([
    ['evidence-00001.zip', [1, 2]],
    ['evidence-00002.zip', [0]],
  ]);
});

describe('who may have what', () => {
  it('one’s own; a dpo everybody’s; and downloads are recorded', async () => {
    const { id } = await desk.order({ q: `subject:${ANNA}`, format: 'jsonl' });
    await desk.done(id);
    for (const path of [`/v1/exports/${id}`, `/v1/exports/${id}/file`]) await desk.http.get(path, 'second-auditor').expect(404);
    await desk.http.remove(`/v1/exports/${id}`, 'second-auditor').expect(404);
    expect((await desk.http.get('/v1/exports', 'second-auditor').expect(200)).body).toEqual({
      data: [],
      next_cursor: null,
      has_more: false,
    });
    expect((await desk.http.get('/v1/exports', 'dpo').expect(200)).body.data).toMatchObject([
      { id, mine: false, query: `subject:${ANNA}` },
    ]);
    await desk.fileOf(id);
    await desk.http.remove(`/v1/exports/${id}`).expect(204);
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
    await desk.http.get(`/v1/exports/${id}/file`).expect(404);
  });

  it('the same order twice is one export, and another one with its id is refused', async () => {
    const body = { id: person(800), q: 'recipient:bank', format: 'csv', reason: 'case 12' };
    const [first, second] = await Promise.all([desk.http.post('/v1/exports', body), desk.http.post('/v1/exports', body)]);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect((await desk.http.get('/v1/exports')).body.data).toHaveLength(1);
    expect(await accesses()).toHaveLength(1);
    await desk.http.post('/v1/exports', { ...body, q: 'recipient:other' }).expect(409);
    await desk.http.post('/v1/exports', body, 'second-auditor').expect(409);
  });

  it('no more than some at once, listed page by page', async () => {
    for (let n = 0; n < 10; n++)
      await desk.rig.db.pool.query(
        `insert into export (id, query, format, reason, owner, role, as_of, state, created_at, lease_until) values ($1, '', 'csv', 'case', 'auditor-7', 'auditor', 0, 'running', $2, 'infinity')`,
        [person(900 + n), new Date(desk.clock.now + n)],
      );
    expect((await desk.http.post('/v1/exports', { q: '', format: 'csv', reason: 'case' }).expect(409)).body.type).toContain(
      'too-many-exports',
    );
    const { body } = await desk.http.get('/v1/exports?limit=6').expect(200);
    const { body: rest } = await desk.http.get(`/v1/exports?limit=6&cursor=${body.next_cursor}`).expect(200);
    expect([...body.data, ...rest.data].map(({ id }: ExportView) => id)).toEqual(Array.from({ length: 10 }, (_, i) => person(909 - i)));
  });
});

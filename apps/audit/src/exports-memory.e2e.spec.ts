import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { auditRig, person, type AuditRig } from './audit-rig.js';
import { fileOf } from './exports-file.js';
import { addExport, findExport } from './exports.js';
import { GROUP } from './projector.js';
import { fillRegisters } from './search-rig.js';

const CHILD = path.resolve(import.meta.dirname, '../dist/exports-process-rig.js');
const ROWS = Number(process.env.EXPORT_ROWS ?? 200_000);
const MADE = 25_000;
/** What the service takes by itself is 53. */
const HEAP_MB = 96;
const GROWTH_KB = 120_000;

let rig: AuditRig;
beforeAll(async () => {
  rig = await auditRig();
  await fillRegisters(rig.db.pool, 0, MADE - 1);
  for (let made = MADE; made < ROWS; made *= 2) {
    await rig.db.pool.query(
      'insert into timeline select position + $1, subject, type, time, recorded_at, bytes, leaf_hash from timeline where position + $1 < $2',
      [made, ROWS],
    );
  }
  await rig.db.pool.query('update feed_cursor set position = $2 where consumer = $1', [GROUP, ROWS - 1]);
}, 120_000);
afterAll(() => rig.close());

it.each(['jsonl', 'csv'] as const)(
  'many rows as %s in little memory, each once, and the hash is that of the file',
  async (format) => {
    const id = person(format === 'csv' ? 1 : 2);
    const said = { query: '', register: null, reason: 'case 12', owner: 'auditor-7', role: 'auditor' };
    await addExport(rig.db.pool, { id, format, asOf: ROWS - 1, createdAt: new Date(), ...said });
    const { stdout } = await promisify(execFile)(process.execPath, [`--max-old-space-size=${HEAP_MB}`, CHILD, rig.db.url]);
    expect(Number(stdout)).toBeLessThan(GROWTH_KB);

    const job = (await findExport(rig.db.pool, id, undefined))!;
    expect(job).toMatchObject({ state: 'done', rows: ROWS });
    const digest = createHash('sha256');
    let rest = '';
    let expected = ROWS;
    const positionOf = (line: string) => Number(/^(?:\{"position":)?(\d+),/.exec(line)?.[1]);
    for await (const part of fileOf(rig.db.pool, id, job.bytes)) {
      digest.update(part);
      const lines = (rest + part.toString()).split('\n');
      rest = lines.pop()!;
      for (const line of lines)
        if (!line.startsWith('position,') && positionOf(line) !== --expected) throw new Error(`after ${expected + 1}: ${line}`);
    }
    expect([rest, expected]).toEqual(['', 0]);
    expect(digest.digest('hex')).toBe(job.sha256);
  },
  ROWS * 1.2,
);

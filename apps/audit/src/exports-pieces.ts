import { Zip, ZipPassThrough } from 'fflate';
import type { Audit } from './audit.js';
import { collectEvidence, EvidenceRefused } from './evidence.js';
import { asCsv, entriesAsCsv, entriesAsJson, rowsAsJson, type Lines } from './exports-format.js';
import { exportable, registerRows } from './exports-rows.js';
import type { Job } from './exports.js';
import { MOST_EVIDENCE } from './queries.js';
import { parseSearch, type SearchQuery } from './search-language.js';
import { look, type Found } from './search.js';

/** Some of the file, and how far it has come with it. */
export interface Piece {
  bytes: Uint8Array;
  rows: number;
  /** Everything from here up is in the file, where it goes by position. */
  lookedTo?: number;
}

const AT_ONCE = 1_000;
/** A ZIP of them stays well under 4 GB, beyond which it would take another format. */
const MOST_BUNDLES = 100;

/** The file of a job from its beginning: the same rows each time, unless somebody in them is forgotten. */
export async function* piecesOf(audit: Audit, job: Job, mostInBundle = MOST_EVIDENCE): AsyncGenerator<Piece> {
  if (job.register !== null) yield* registerPieces(audit, job);
  else if (job.format === 'evidence') yield* evidencePieces(audit, job, queryOf(job), mostInBundle);
  else yield* entryPieces(audit, job, queryOf(job), job.format === 'csv' ? entriesAsCsv : entriesAsJson);
}

function queryOf({ query }: Job): SearchQuery {
  const parsed = parseSearch(query!);
  if (!parsed.ok) throw new Error('The query of the export is not understood any more');
  return parsed.query;
}

async function* entryPieces(audit: Audit, { asOf }: Job, query: SearchQuery, lines: Lines<Found>): AsyncGenerator<Piece> {
  yield headOf(lines);
  for (let from: number | undefined = asOf; from !== undefined && from >= 0;) {
    const { rows, down } = await look(audit.pool, query, { from, limit: AT_ONCE });
    yield { bytes: Buffer.from(lines.of(rows)), rows: rows.length, lookedTo: down ?? 0 };
    from = down === undefined ? undefined : down - 1;
  }
}

async function* registerPieces(audit: Audit, { register: name, format, asOf }: Job): AsyncGenerator<Piece> {
  const register = exportable(audit.policy).find((one) => one.name === name);
  if (!register) throw new Error('There is no such register any more');
  const columns = register.columns.map((column) => column.name);
  const lines: Lines<object> =
    format === 'csv' ? asCsv(columns, (row) => columns.map((column) => (row as Record<string, unknown>)[column])) : rowsAsJson;
  yield headOf(lines);
  for await (const rows of registerRows(audit.pool, register, asOf)) yield { bytes: Buffer.from(lines.of(rows)), rows: rows.length };
}

const headOf = ({ head }: Lines<never>): Piece => ({ bytes: Buffer.from(head), rows: 0 });

/** The bundle that POST /v1/evidence makes; where it would hold too many entries, a ZIP of several, each of which proves itself. */
async function* evidencePieces(audit: Audit, { asOf, createdAt }: Job, query: SearchQuery, most: number): AsyncGenerator<Piece> {
  const outer = new Outer(createdAt);
  let from: number | undefined = asOf;
  for (let part = 1; from !== undefined && from >= 0; part++) {
    const positions: number[] = [];
    while (from !== undefined && from >= 0 && positions.length < most) {
      const limit = Math.min(AT_ONCE, most - positions.length);
      const { rows, down } = await look(audit.pool, query, { from, limit });
      positions.push(...rows.map(({ position }) => position));
      yield { bytes: Buffer.alloc(0), rows: 0, lookedTo: down ?? 0 };
      from = down === undefined ? undefined : down - 1;
    }
    if (positions.length === 0 && part > 1) break;
    if (part > MOST_BUNDLES) throw new EvidenceRefused('too-many', `The query finds more entries than ${MOST_BUNDLES} bundles hold.`);
    const { zip } = await collectEvidence(audit, { positions });
    if (from === undefined && part === 1) return yield { bytes: zip, rows: positions.length };
    yield { bytes: outer.add(`evidence-${String(part).padStart(5, '0')}.zip`, zip), rows: positions.length };
  }
  yield { bytes: outer.end(), rows: 0 };
}

/** A ZIP of files that are ZIPs already. */
class Outer {
  private readonly chunks: Uint8Array[] = [];
  private readonly zip = new Zip((error, chunk) => {
    if (error) throw error;
    this.chunks.push(chunk);
  });

  constructor(private readonly mtime: Date) {}

  add(name: string, content: Uint8Array): Uint8Array {
    const file = new ZipPassThrough(name);
    file.mtime = this.mtime;
    this.zip.add(file);
    file.push(content, true);
    return Buffer.concat(this.chunks.splice(0));
  }

  end(): Uint8Array {
    this.zip.end();
    return Buffer.concat(this.chunks.splice(0));
  }
}

import type { Entry } from '@attesta/events';
import { formatProof, leafHash, TILE_WIDTH, tileWidth, toBase64, verifyInclusion, type EvidenceManifest } from '@attesta/proof';
import { nodePrimitives, verifierProgram } from '@attesta/proof/node';
import type { Audit } from './audit.js';
import { readme, summary } from './evidence-texts.js';
import { recordOf } from './links.projection.js';
import type { SignedCheckpoint } from './checkpoints.js';
import { MOST_EVIDENCE } from './queries.js';
import { RECORD, recordParameters } from './timeline.projection.js';
import { zipped } from './zipped.js';

export type WantedEvidence = { positions: number[] } | { subject: string; /** Leave out what only relates to them. */ ownOnly: boolean };

/** No bundle can be made of what was asked for. */
export class EvidenceRefused extends Error {
  override name = 'EvidenceRefused';
  constructor(
    readonly why: 'unknown' | 'too-many' | 'incomplete' | 'uncovered',
    message: string,
  ) {
    super(message);
  }
}

/** The registers hold other bytes than the log proves: somebody changed them. */
export class RegisterDiffers extends Error {
  override name = 'RegisterDiffers';
}

export interface EvidenceEntry {
  position: number;
  bytes: Uint8Array;
  entry: Entry;
}

/** An entry as the registers have it. */
interface Held extends EvidenceEntry {
  /** People in it are forgotten: it is what is left. */
  reduced: boolean;
}

/**
 * An evidence bundle (format attesta-evidence-v1) as a ZIP. Each proof is checked before it is handed out.
 * @throws EvidenceRefused, RegisterDiffers
 */
export async function collectEvidence(audit: Audit, wanted: WantedEvidence): Promise<{ zip: Buffer; listed: number[]; asOf: number }> {
  const position = await audit.standing.position();
  const held = 'positions' in wanted ? await byPositions(audit, wanted.positions, position) : await bySubject(audit, wanted, position);
  const complete = 'subject' in wanted ? completeness(wanted.subject, held) : undefined;
  const signed = await covering(audit, position);
  const entries = await asSealed(audit, held, signed);
  const proofs = await prove(audit, entries, signed);
  const { origin, size, root } = signed.checkpoint;
  const manifest: EvidenceManifest = {
    format: 'attesta-evidence-v1',
    origin,
    ...('subject' in wanted && { subject: wanted.subject }),
    createdAt: audit.now().toISOString(),
    asOf: { position, size, root: toBase64(root) },
    entries: entries.map((entry) => ({
      position: entry.position,
      file: `entries/${entry.position}.json`,
      proof: `proofs/${entry.position}.tlog-proof`,
    })),
    ...(complete && { complete }),
  };
  const key = await audit.checkpoints.key();
  const files: [string, string | Uint8Array][] = [
    ['README.txt', readme(manifest)],
    ['summary.html', summary(manifest, entries)],
    ['manifest.json', `${JSON.stringify(manifest, null, 2)}\n`],
    ['checkpoint', signed.note],
    ['key', `${key}\n`],
    ['verify.mjs', verifierProgram()],
    ...entries.map((entry): [string, Uint8Array] => [`entries/${entry.position}.json`, entry.bytes]),
    ...proofs.map((proof, i): [string, string] => [`proofs/${entries[i]!.position}.tlog-proof`, proof]),
  ];
  return { zip: await zipped(files, audit.now()), listed: entries.map((entry) => entry.position), asOf: position };
}

async function byPositions(audit: Audit, positions: number[], asOf: number): Promise<Held[]> {
  const { rows } = await audit.pool.query<Stored>(
    'select position, bytes, leaf_hash is not null as reduced from timeline where position = any($1::int8[]) and position <= $2 order by position',
    [positions, asOf],
  );
  if (rows.length !== positions.length) throw new EvidenceRefused('unknown', 'Some of these positions are not in the registers (yet).');
  return rows.map(fromStored);
}

async function bySubject(audit: Audit, { subject, ownOnly }: { subject: string; ownOnly: boolean }, asOf: number): Promise<Held[]> {
  const spans = ownOnly ? [{ subject, after: -1, upto: asOf }] : await recordOf(audit.pool, subject, asOf);
  const { rows } = await audit.pool.query<Stored>(
    `select t.position, t.bytes, t.leaf_hash is not null as reduced from ${RECORD} r join timeline t on t.position = r.position where (not $6 or t.subject = $1[1]) order by t.position limit $7`,
    [...recordParameters(spans, { asOf, limit: MOST_EVIDENCE }), ownOnly, MOST_EVIDENCE + 1],
  );
  if (rows.length === 0) throw new EvidenceRefused('unknown', 'Nothing is sealed about this subject.');
  if (rows.length > MOST_EVIDENCE)
    throw new EvidenceRefused('too-many', `There are more than ${MOST_EVIDENCE} entries about this subject.`);
  return rows.map(fromStored);
}

/** The subject's own entries number from 1 without a hole, or the registers lack some: then nothing is claimed and nothing handed out. */
function completeness(subject: string, entries: readonly EvidenceEntry[]): EvidenceManifest['complete'] {
  const own = entries.filter(({ entry }) => entry.subject?.id === subject);
  if (own.length === 0) return undefined;
  if (own.some(({ entry }, i) => entry.subject!.seq !== i + 1)) {
    throw new EvidenceRefused('incomplete', 'The registers lack entries of this subject, so the bundle would not be complete.');
  }
  return { subject, from: 1, to: own.length };
}

const WAIT_MS = 5_000;

/** A checkpoint over everything up to a position; the integrator signs one within a second of the sealing. */
async function covering(audit: Audit, position: number): Promise<SignedCheckpoint> {
  for (const until = Date.now() + WAIT_MS; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const signed = await audit.checkpoints.latest(0);
    if (signed.checkpoint.size > position) return signed;
    if (Date.now() > until) throw new EvidenceRefused('uncovered', 'No signed checkpoint covers these entries yet.');
  }
}

/** The entries as they were sealed: what the registers hold less of, from the ledger's log. */
async function asSealed(audit: Audit, held: readonly Held[], { checkpoint }: SignedCheckpoint): Promise<EvidenceEntry[]> {
  const { reader } = audit.checkpoints;
  const bundles = new Map<number, Promise<Uint8Array[]>>();
  return Promise.all(
    held.map(async ({ reduced, ...entry }) => {
      if (!reduced) return entry;
      const n = Math.floor(entry.position / TILE_WIDTH);
      if (!bundles.has(n)) bundles.set(n, reader.bundle(n, tileWidth(0, n, checkpoint.size)));
      const bytes = (await bundles.get(n)!)[entry.position % TILE_WIDTH];
      if (!bytes) throw new EvidenceRefused('unknown', `The log has no entry ${entry.position}.`);
      return { ...entry, bytes, entry: JSON.parse(Buffer.from(bytes).toString()) as Entry };
    }),
  );
}

const AT_ONCE = 16;

/** Inclusion proofs from the ledger's tiles, as C2SP tlog-proof files. */
async function prove(
  audit: Audit,
  entries: readonly EvidenceEntry[],
  { note, checkpoint: { size, root } }: SignedCheckpoint,
): Promise<string[]> {
  const { reader } = audit.checkpoints;
  const { sha256 } = nodePrimitives;
  const proofs: string[] = [];
  for (let i = 0; i < entries.length; i += AT_ONCE) {
    const some = entries.slice(i, i + AT_ONCE);
    const found = await Promise.all(some.map(({ position }) => reader.inclusionProof(position, size)));
    for (const [k, proof] of found.entries()) {
      const { position: index, bytes } = some[k]!;
      if (!verifyInclusion(sha256, { index, size, leaf: leafHash(sha256, bytes), proof, root })) {
        throw new RegisterDiffers(`The entry that the registers hold for position ${index} is not the one in the log`);
      }
      proofs.push(formatProof({ index, proof, checkpoint: note }));
    }
  }
  return proofs;
}

interface Stored {
  position: string;
  bytes: Buffer;
  reduced: boolean;
}

const fromStored = ({ position, bytes, reduced }: Stored): Held => ({
  position: Number(position),
  bytes,
  reduced,
  entry: JSON.parse(bytes.toString()) as Entry,
});

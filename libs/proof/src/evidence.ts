import { fromBase64, toBase64 } from './base64.js';
import { equalBytes, fromUtf8 } from './bytes.js';
import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { EntryScanner, explainEntry } from './entry-scanner.js';
import { parseManifest, type EvidenceManifest } from './evidence-manifest.js';
import { reason } from './log-report.js';
import { formatVerifierKey, openNote, parseVerifierKey, type VerifierKey } from './note.js';
import type { Primitives } from './primitives.js';
import { parseProof } from './proof-file.js';
import { leafHash } from './tree-hash.js';
import { verifyInclusion } from './tree-proof.js';

export interface EvidenceProblem {
  /** File of the bundle concerned. */
  file: string;
  /** Position of the entry concerned. */
  position?: number;
  /** For a person; never contains content of an entry. */
  message: string;
}

export interface EvidenceReport {
  /** True if every entry of the bundle is proved to stand in the log that the key signed for, and the claims of the manifest hold. */
  ok: boolean;
  /** Whose word the signature is checked against: a key the caller brought, or the one that lay in the bundle. */
  keyFrom: 'caller' | 'bundle';
  /** Verifier key line used. */
  key?: string;
  checkpoint?: Checkpoint;
  manifest?: EvidenceManifest;
  /** Positions of the entries proved, rising. */
  proved: number[];
  problems: EvidenceProblem[];
}

/** Finds what is wrong; throws nothing for hostile files. */
type Check = (file: string, message: string, position?: number) => void;

interface ProvedEntry {
  position: number;
  leaf: Uint8Array;
  subject?: { id: string; seq: number; prev?: string };
}

/**
 * Checks an evidence bundle offline: the checkpoint's signature, each entry's inclusion in its tree, and, where the manifest claims a
 * subject's entries to be complete from one number to another, that none is left out between them. `files` are the bundle's by path.
 * Without `trusted` (a verifier key line from elsewhere) the bundle's own key is used, which proves the bundle consistent but not whose it is.
 */
export function verifyEvidence(primitives: Primitives, files: ReadonlyMap<string, Uint8Array>, trusted?: string): EvidenceReport {
  const problems: EvidenceProblem[] = [];
  const check: Check = (file, message, position) => {
    problems.push({ file, message, ...(position === undefined ? {} : { position }) });
  };
  const manifest = attempt(check, 'manifest.json', () => parseManifest(textOf(files, 'manifest.json')));
  const key = readKey(files, trusted, check);
  const note = attempt(check, 'checkpoint', () => textOf(files, 'checkpoint'));
  const checkpoint =
    key && note !== undefined ? attempt(check, 'checkpoint', () => parseCheckpoint(openNote(primitives, note, [key]).text)) : undefined;

  const entries: ProvedEntry[] = [];
  if (manifest && checkpoint && note !== undefined) {
    checkHead(manifest, checkpoint, key!, check);
    for (const listed of manifest.entries) {
      const entry = attempt(check, listed.proof, () => proveEntry(primitives, files, listed, checkpoint, note), listed.position);
      if (entry) entries.push(entry);
    }
    checkUnlisted(manifest, files, check);
    if (manifest.complete) checkComplete(manifest.complete, entries, check);
  }
  return {
    ok: problems.length === 0,
    keyFrom: trusted === undefined ? 'bundle' : 'caller',
    ...(key ? { key: formatVerifierKey(key.name, key.publicKey) } : {}),
    ...(checkpoint ? { checkpoint } : {}),
    ...(manifest ? { manifest } : {}),
    proved: entries.map(({ position }) => position),
    problems,
  };
}

function readKey(files: ReadonlyMap<string, Uint8Array>, trusted: string | undefined, check: Check): VerifierKey | undefined {
  const own = attempt(check, 'key', () => parseVerifierKey(textOf(files, 'key')));
  if (trusted === undefined) return own;
  const given = attempt(check, 'key', () => {
    try {
      return parseVerifierKey(trusted);
    } catch (error) {
      throw new Error(`the trusted key given is no verifier key line: ${reason(error)}`, { cause: error });
    }
  });
  if (own && given && (own.name !== given.name || !equalBytes(own.publicKey, given.publicKey))) {
    check('key', 'the key in the bundle is not the trusted key');
  }
  return given;
}

function checkHead(manifest: EvidenceManifest, { origin, size, root }: Checkpoint, key: VerifierKey, check: Check): void {
  if (origin !== key.name) check('checkpoint', 'the checkpoint is of another log than the key');
  if (origin !== manifest.origin) check('manifest.json', 'the origin is not that of the checkpoint');
  if (manifest.asOf.size !== size || manifest.asOf.root !== toBase64(root))
    check('manifest.json', 'asOf does not name the size and root of the checkpoint');
  if (manifest.asOf.position >= size) check('manifest.json', 'asOf names a position that the checkpoint does not cover');
}

/** Reads an entry and its proof; throws what is wrong with them. */
function proveEntry(
  { sha256 }: Primitives,
  files: ReadonlyMap<string, Uint8Array>,
  { position, file, proof: proofFile }: EvidenceManifest['entries'][number],
  { size, root }: Checkpoint,
  note: string,
): ProvedEntry {
  const bytes = fileOf(files, file);
  const { index, proof, checkpoint } = parseProof(textOf(files, proofFile));
  if (index !== position) throw new Error(`the proof is for position ${index}`);
  if (checkpoint !== note) throw new Error('the proof carries another checkpoint than the bundle');
  const leaf = leafHash(sha256, bytes);
  if (!verifyInclusion(sha256, { index, size, leaf, proof, root })) {
    throw new Error(`${file} with this proof does not lead to the root of the checkpoint: one of them was changed`);
  }
  if (!new EntryScanner().scan(bytes)) throw new Error(`${file} ${explainEntry(bytes)}`);
  const { subject } = JSON.parse(fromUtf8(bytes)) as Pick<ProvedEntry, 'subject'>;
  return { position, leaf, ...(subject ? { subject } : {}) };
}

/** Proved files that the manifest does not list would be read by people but checked by nobody. */
function checkUnlisted(manifest: EvidenceManifest, files: ReadonlyMap<string, Uint8Array>, check: Check): void {
  const listed = new Set(manifest.entries.flatMap(({ file, proof }) => [file, proof]));
  for (const path of files.keys()) {
    if (/^(?:entries|proofs)\/./.test(path) && !path.endsWith('/') && !listed.has(path))
      check(path, 'the manifest does not list this file');
  }
}

/** The subject's entries must be numbered from one end to the other, each carrying the leaf hash of the one before. */
function checkComplete(
  { subject, from, to }: NonNullable<EvidenceManifest['complete']>,
  entries: readonly ProvedEntry[],
  check: Check,
): void {
  const own = entries.filter((entry) => entry.subject?.id === subject).sort((a, b) => a.subject!.seq - b.subject!.seq);
  let expected = from;
  let before: ProvedEntry | undefined;
  for (const entry of own) {
    const { seq, prev } = entry.subject!;
    if (seq !== expected) {
      check('manifest.json', `the subject's entry number ${expected} is left out, or number ${seq} is too many`, entry.position);
      return;
    }
    if (before && !equalBytes(fromBase64(prev ?? '')!, before.leaf)) {
      check('manifest.json', "does not carry the leaf hash of the subject's entry before", entry.position);
    }
    before = entry;
    expected++;
  }
  if (expected !== to + 1) check('manifest.json', `the subject's entries ${expected} to ${to} are left out`);
}

function attempt<T>(check: Check, file: string, step: () => T, position?: number): T | undefined {
  try {
    return step();
  } catch (error) {
    check(file, reason(error), position);
    return undefined;
  }
}

function fileOf(files: ReadonlyMap<string, Uint8Array>, path: string): Uint8Array {
  const bytes = files.get(path);
  if (!bytes) throw new Error(`${path} is missing`);
  return bytes;
}

function textOf(files: ReadonlyMap<string, Uint8Array>, path: string): string {
  try {
    return fromUtf8(fileOf(files, path));
  } catch (error) {
    throw error instanceof TypeError ? new Error(`${path} is not valid UTF-8`) : error;
  }
}

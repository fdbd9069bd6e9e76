import { pointer } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import {
  formatProof,
  formatVerifierKey,
  leafHash,
  openNote,
  parseCheckpoint,
  parseProof,
  parseVerifierKey,
  splitNote,
  verifyInclusion,
  type Checkpoint,
  type Primitives,
  type VerifierKey,
} from '@attesta/proof';
import { contradictions } from './certificate-contradictions.js';
import { differences } from './certificate-differences.js';
import { disposalEntries, sealedIn, type DisposalEntries, type Sealed } from './certificate-entries.js';
import {
  CERTIFICATE_FORMAT,
  type CertificateProblem,
  type CertificateStatement,
  type DestructionCertificate,
  type EvidenceEntry,
} from './certificate-form.js';
import { certificateIn, type CertificateOutline } from './certificate-outline.js';
import { informativeOf, statementOf } from './certificate-statement.js';
import { textsOf } from './certificate-texts.js';

export interface CertificateCheck {
  primitives: Primitives;
  /** Verifier key line of the log, known from elsewhere. Without it the certificate's own is used, which proves it consistent but not whose it is. */
  verifierKey?: string | undefined;
  /** The policy it was drawn up under, to check `informative` too, which nothing sealed covers. */
  policy?: Policy | undefined;
}

export interface CertificateReport {
  /** True if the entries stand in the log that the key signed for, bear each other out, and the certificate says what they say. */
  ok: boolean;
  keyFrom: 'caller' | 'certificate';
  /** Verifier key line used. */
  key?: string;
  checkpoint?: Checkpoint;
  /** Who else signed the checkpoint, by the names there. Their signatures are not checked. */
  cosigners: string[];
  /** Only where all that it states is proved; `informative` is as it came, but for its outline. */
  certificate?: DestructionCertificate;
  problems: CertificateProblem[];
}

type Problem = (at: string, message: string, fix: string) => void;

const AGAIN = 'get the certificate again, and do not rely on this one';
const ANOTHER = 'ask the company to explain: this is its own ledger';

/** Checks the file of a certificate, offline. Throws nothing for hostile files; RangeError for a trusted key that is none. */
export function verifyCertificate(text: string, { primitives, verifierKey, policy }: CertificateCheck): CertificateReport {
  const problems: CertificateProblem[] = [];
  const problem: Problem = (at, message, fix) => problems.push({ at, message, fix });
  const report: CertificateReport = { ok: false, keyFrom: verifierKey === undefined ? 'certificate' : 'caller', cosigners: [], problems };

  const certificate = attempt(problem, '', AGAIN, () => certificateIn(text));
  if (!certificate) return report;
  const key = keyOf(certificate.evidence.verifierKey, verifierKey, problem);
  if (!key) return report;
  report.key = formatVerifierKey(key.name, key.publicKey);
  const { checkpoint: note } = certificate.evidence;
  const checkpoint = attempt(problem, '/evidence/checkpoint', AGAIN, () => headOf(primitives, note, key));
  if (!checkpoint) return report;
  report.checkpoint = checkpoint;
  report.cosigners = splitNote(note)
    .signatures.map(({ name }) => name)
    .filter((name) => name !== key.name);

  const disposal = disposalOf(primitives, certificate.evidence.entries, note, checkpoint, problem);
  if (!disposal) return report;
  for (const message of contradictions(disposal)) problem('/evidence/entries', message, ANOTHER);
  const statement = statementOf(disposal, checkpoint.origin);
  checkSayings(certificate, statement, policy, problem);
  if (problems.length > 0) return report;
  const { informative, evidence } = certificate;
  return { ...report, ok: true, certificate: { format: CERTIFICATE_FORMAT, statement, texts: textsOf(statement), informative, evidence } };
}

function keyOf(own: string, trusted: string | undefined, problem: Problem): VerifierKey | undefined {
  const ownKey = attempt(problem, '/evidence/verifierKey', AGAIN, () => {
    const key = parseVerifierKey(own);
    if (formatVerifierKey(key.name, key.publicKey) !== own) throw new Error('the verifier key line is not written as such lines are');
    return key;
  });
  if (trusted === undefined) return ownKey;
  const key = trustedKey(trusted);
  if (ownKey && formatVerifierKey(key.name, key.publicKey) !== own) {
    problem(
      '/evidence/verifierKey',
      'the key in the certificate is not the key you gave',
      'make sure whose key yours is; else do not rely on this',
    );
  }
  return key;
}

function trustedKey(line: string): VerifierKey {
  try {
    return parseVerifierKey(line);
  } catch (error) {
    throw new RangeError(`the trusted key is no verifier key line: ${messageOf(error)}`, { cause: error });
  }
}

function headOf(primitives: Primitives, note: string, key: VerifierKey): Checkpoint {
  const checkpoint = parseCheckpoint(openNote(primitives, note, [key]).text);
  if (checkpoint.origin !== key.name) throw new Error('the checkpoint is of another log than the key');
  return checkpoint;
}

/** The entries, where every one of them is proved. */
function disposalOf(
  primitives: Primitives,
  entries: readonly EvidenceEntry[],
  note: string,
  checkpoint: Checkpoint,
  problem: Problem,
): DisposalEntries | undefined {
  const sealed: Sealed[] = [];
  for (const [i, one] of entries.entries()) {
    const at = pointer('/evidence/entries', i);
    const entry = attempt(problem, at, AGAIN, () => sealedIn(one.entry, provedPosition(primitives, one, note, checkpoint)));
    if (!entry) continue;
    if (sealed.length > 0 && entry.position <= sealed.at(-1)!.position) problem(at, 'the entries do not rise by position', AGAIN);
    sealed.push(entry);
  }
  return sealed.length === entries.length ? attempt(problem, '/evidence/entries', AGAIN, () => disposalEntries(sealed)) : undefined;
}

function provedPosition({ sha256 }: Primitives, { entry, tlogProof }: EvidenceEntry, note: string, { size, root }: Checkpoint): number {
  const { index, proof, checkpoint, extra } = parseProof(tlogProof);
  if (checkpoint !== note) throw new Error('the proof carries another checkpoint than the certificate');
  if (extra || formatProof({ index, proof, checkpoint }) !== tlogProof) throw new Error('the proof holds more than a proof');
  const leaf = leafHash(sha256, new TextEncoder().encode(entry));
  if (!verifyInclusion(sha256, { index, size, leaf, proof, root })) {
    throw new Error('the entry with this proof does not lead to the root of the checkpoint: one of them was changed');
  }
  return index;
}

function checkSayings(
  certificate: CertificateOutline,
  statement: CertificateStatement,
  policy: Policy | undefined,
  problem: Problem,
): void {
  for (const { at, message } of differences(certificate.statement, statement, '/statement')) problem(at, message, AGAIN);
  for (const { at, message } of differences(certificate.texts, textsOf(statement), '/texts')) problem(at, message, AGAIN);
  if (!policy) return;
  for (const { at, message } of differences(certificate.informative, informativeOf(statement, policy), '/informative')) {
    problem(at, message, 'check with the policy of the version that the certificate names');
  }
}

function attempt<T>(problem: Problem, at: string, fix: string, step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    problem(at, messageOf(error), fix);
    return undefined;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export { canonical, quote } from './canonical.js';
export { fromBase64, toBase64 } from './base64.js';
export type { Primitives, Sha256 } from './primitives.js';
export { portableSha256 } from './portable-sha256.js';
export { emptyRoot, leafHash, nodeHash } from './tree-hash.js';
export { Frontier, type FrontierState } from './frontier.js';
export {
  consistencyProof,
  inclusionProof,
  rootAt,
  verifyConsistency,
  verifyInclusion,
  type Consistency,
  type HashAt,
  type Inclusion,
} from './tree-proof.js';
export {
  MAX_ENTRY_SIZE,
  TILE_WIDTH,
  decodeEntryBundle,
  encodeEntryBundle,
  entriesPath,
  parseTilePath,
  tilePath,
  tilesBetween,
  tileWidth,
  type TileAddress,
} from './tile.js';
export { TileTree, type TileTreeEvents } from './tile-tree.js';
export {
  NoteError,
  formatVerifierKey,
  openNote,
  parseVerifierKey,
  signNote,
  splitNote,
  type NoteSignature,
  type VerifierKey,
} from './note.js';
export { cosign, formatWitnessKey, parseWitnessKey, readCosignatures, type Cosignature } from './cosignature.js';
export {
  WitnessPolicyError,
  parseWitnessPolicy,
  witnessPolicyOf,
  witnessedTime,
  type PolicyWitness,
  type WitnessPolicy,
} from './witness-policy.js';
export { checkWitnesses, type WitnessDemand, type Witnessed } from './log-witnesses.js';
export { formatCheckpoint, parseCheckpoint, type Checkpoint } from './checkpoint.js';
export { ProofFileError, formatProof, parseProof, type ProofFile } from './proof-file.js';
export { LogError, LogReader, type LogFetch } from './log-reader.js';
export { verifyLog, type LogReport, type VerifyLogOptions } from './verify-log.js';
export type { LogProblem, LogProblemKind } from './log-report.js';
export { LogStateError, parseLogState, type LogState } from './log-state.js';
export { verifyEvidence, type EvidenceProblem, type EvidenceReport } from './evidence.js';
export { parseManifest, type EvidenceManifest } from './evidence-manifest.js';
export { describeEvidence } from './evidence-summary.js';
export { followKeyChanges, formatKeyChange, leadsTo, openByKeyOrNext, parseKeyChange, type KeyChange } from './key-change.js';

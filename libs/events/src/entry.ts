/**
 * The sealed, stored form of an event: RFC 8785 canonical JSON. The format is fixed; a change would be a `v: 2` beside this one.
 * `data` holds no personal values, and its `related` is reduced to subject ids and roles.
 */
export interface Entry {
  v: 1;
  id: string;
  source: string;
  type: string;
  /** When it happened, by the publisher. */
  time: string;
  /** When it was sealed, by the sealer's clock. The order of the log is position, never this. */
  recordedAt: string;
  /** `seq` counts the subject's entries from 1 without gaps; `prev` is the base64 leaf hash of the one before, absent for seq 1. */
  subject?: { id: string; seq: number; prev?: string };
  actor?: string;
  data: Record<string, unknown>;
  sealed?: SealedPart[];
}

/** Commits to one ciphertext that is kept beside the entry and can be deleted without touching it. */
export interface SealedPart {
  subject: string;
  /** `<retention class>.<version>` of the data key. */
  key: string;
  alg: 'A256GCM';
  /** base64 */
  nonce: string;
  /** base64 of SHA-256(ciphertext || tag) */
  sha256: string;
}

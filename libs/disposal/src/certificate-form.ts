import type { EventTypes } from '@attesta/events';

type DisposalCompleted = EventTypes['attesta.disposal.completed.v1'];

export const CERTIFICATE_FORMAT = 'attesta.destruction-certificate.v1';

/**
 * What proves that personal data was destroyed, to whoever holds it, without a word of ours: its canonical JSON (RFC 8785) is the certificate.
 * `statement` follows from the sealed entries under `evidence`, which stand in the log that the checkpoint there is the head of; the signature of the
 * checkpoint is the signature of the certificate. `texts` follow from the statement. `informative` is in no entry: it is for reading only.
 */
export interface DestructionCertificate {
  format: typeof CERTIFICATE_FORMAT;
  statement: CertificateStatement;
  texts: CertificateTexts;
  informative: CertificateInformative;
  evidence: CertificateEvidence;
}

/** What the sealed entries say of a disposal, and nothing else. Times are RFC 3339; positions are those of the log. */
export interface CertificateStatement {
  /** Id of the disposal. */
  number: string;
  /** Origin of the log. */
  log: string;
  cause: DisposalCompleted['cause'];
  request?: string;
  action: DisposalCompleted['action'];
  outcome: DisposalCompleted['outcome'];
  /** `subject`: everything, and with it who the pseudonym was; `class`: data of these retention classes. */
  scope: DisposalCompleted['scope'];
  categories: string[];
  classes: string[];
  /** When what was destroyed had been collected. */
  collected?: NonNullable<DisposalCompleted['collected']>;
  /** `<retention class>.<version>` of each data key that was destroyed. */
  keys: string[];
  /** How many sealed parts went, with their keys or by themselves, and how many of them by themselves. */
  parts: number;
  partsRemoved: number;
  methods: DisposalCompleted['methods'];
  /** Retention rules that had ended, with the law. */
  basis: DisposalCompleted['rules'];
  survivors: DisposalCompleted['survivors'];
  systems: DisposalCompleted['acknowledgements'];
  priorNotice: DisposalCompleted['priorNotice'];
  /** At and after this position nothing is sealed under the keys. */
  fence?: number;
  positions: {
    started: number;
    closed?: number;
    answered?: number;
    instructed: number[];
    destroyed?: number;
    removed: number[];
    completed: number;
  };
  /** When the ledger sealed it, by its clock. */
  recordedAt: { started: string; destroyed?: string; completed: string };
}

export interface Bilingual {
  en: string;
  th: string;
}

/** How the data was destroyed, what that is worth in law, and how the certificate can be relied on. */
export interface CertificateTexts {
  methods: Bilingual[];
  caveats: Bilingual[];
  pseudonym: Bilingual;
  signature: Bilingual;
}

export interface Titled {
  id: string;
  title: string;
  title_th?: string;
}

/** What the policy adds: titles, and until when a backup can hold what was destroyed. */
export interface CertificateInformative {
  policy: { id: string; version: string };
  categories: Titled[];
  classes: Titled[];
  backups: { keptFor: string; until: string };
}

/** All that it takes to check a certificate offline. */
export interface CertificateEvidence {
  /** Rising by position. */
  entries: EvidenceEntry[];
  /** The signed note that every proof carries, witness cosignatures included. */
  checkpoint: string;
  /** Verifier key line of the log. Whoever checks should know it from elsewhere. */
  verifierKey: string;
}

export interface EvidenceEntry {
  /** The sealed entry, word for word: canonical JSON (RFC 8785). */
  entry: string;
  /** C2SP tlog-proof of that entry. */
  tlogProof: string;
}

/** One thing that is wrong, for a person. */
export interface CertificateProblem {
  /** JSON pointer into the certificate. */
  at: string;
  message: string;
  fix: string;
}

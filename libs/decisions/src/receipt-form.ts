import type { Entry } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type { ConsentStatus } from './status.js';

/** What a receipt is made of. Time and identity come in as data. */
export interface ReceiptInput {
  /** A sealed `attesta.consent.captured.v1`. */
  entry: Entry;
  /** Where it stands in the log. */
  position: number;
  policy: Policy;
  receiptId: string;
  /** RFC 3339. */
  issuedAt: string;
  /** Where each purpose stands when the receipt is issued. */
  standing: ReadonlyMap<string, ConsentStatus>;
}

/**
 * A consent receipt after ISO/IEC TS 27560:2023, 6.4, with the names of that standard. `record` follows from the sealed entry alone, and is
 * all that a proof of the entry covers. What else the standard wants of a record lies at the same places under `informative`:
 * `completeRecord` puts the two together.
 */
export interface ConsentReceipt {
  metadata: { schema_version: typeof RECEIPT_SCHEMA; receipt_id: string; issued_at: string };
  record: ConsentRecord;
  informative: Informative;
}

export const RECEIPT_SCHEMA = 'ISO/IEC TS 27560:2023 receipt, attesta 1';
export const RECORD_SCHEMA = 'ISO/IEC TS 27560:2023 record, attesta 1';

/** Kind of data of a choice that names none: whatever the notice names for the purpose. No category of a policy can have this id. */
export const ANY_PII = '*';
/** Validity of a choice that sets no end: until the person chooses otherwise. */
export const INDEFINITE = 'indefinite';

/** What the sealed entry says of a choice, and nothing else. The person is known by subject id alone. */
export interface ConsentRecord {
  metadata: {
    schema_version: typeof RECORD_SCHEMA;
    /** Id of the event, unique within `source`. */
    record_id: string;
    source: string;
    position: number;
    /** When it was sealed. */
    recorded_at: string;
    pii_principal_id: string;
  };
  processing: {
    privacy_notice: { version: string; wording_digest?: string };
    language: string;
    purposes: RecordedPurpose[];
  };
  event: [ConsentEvent];
}

export interface RecordedPurpose {
  purpose: string;
  pii_information: { pii_type: string }[];
  channels?: string[];
  /** Only where the entry names it; so is the jurisdiction. */
  pii_controllers?: string[];
  jurisdiction?: string;
}

export interface ConsentEvent {
  event_time: string;
  accepted_at?: string;
  /** ISO 8601, or INDEFINITE. */
  validity_duration: string;
  /** The subject id, or in which role another spoke for the person. */
  entity_id: string;
  entity_role: 'subject' | 'guardian' | 'controller';
  /** Type of consent in the W3C Data Privacy Vocabulary. */
  event_type: 'ExpressedConsent' | 'ExplicitlyExpressedConsent';
  /** Consent status in the same vocabulary, as of the event. */
  event_state: string;
  /** How the choice was made: a method of the policy. */
  indication_method: string;
  capacity?: string;
  evidence?: { kind: string; digest?: string };
}

export interface Titled {
  title?: string;
  title_th?: string;
}

/** What the policy and the present add. Nothing here is in the sealed entry, so no proof of it covers it. */
export interface Informative {
  standing: { purpose: string; event_state: string | null; as_of: string }[];
  processing: { privacy_notice: Titled & { url?: string; announced?: string; digest?: string }; purposes: InformativePurpose[] };
  party_identification: PartyIdentification[];
  event: [{ indication_method_title?: string; indication_method_title_th?: string }];
}

export interface InformativePurpose extends Titled {
  lawful_basis?: Titled & { basis: string; citation: string };
  pii_information: (Titled & { special_pii_category?: true })[];
  pii_controllers: string[];
  /** ISO 3166-1 alpha-2. */
  storage_locations: string[];
  /** Each rule that bears on the purpose; the one that ends last decides. */
  retention_period: { pii_types?: string[]; duration: string; trigger: string; action: string; citation: string }[];
  services?: (Titled & { service: string; effect: string })[];
  jurisdiction: string;
  recipient_third_parties: string[];
  withdrawal_method: { party_id: string; contact?: string; email?: string; address?: string; phone?: string; url?: string };
  privacy_rights: (Titled & { right: string; citation?: string })[];
  authority_party?: string;
}

export interface PartyIdentification {
  party_id: string;
  party_name: string;
  party_name_th?: string;
  party_role: string;
  party_type: 'organisation' | 'authority';
  party_address: string;
  party_contact: string;
  party_email?: string;
  party_phone?: string;
  party_url?: string;
}

/** A receipt with everything that it takes to check it offline. */
export interface ProvenReceipt {
  receipt: ConsentReceipt;
  proof: ReceiptProof;
}

export interface ReceiptProof {
  position: number;
  /** The sealed entry, word for word: canonical JSON (RFC 8785). */
  entry: string;
  /** C2SP tlog-proof of that entry. */
  tlogProof: string;
  /** Verifier key line of the log. Whoever checks should know it from elsewhere. */
  verifierKey: string;
}

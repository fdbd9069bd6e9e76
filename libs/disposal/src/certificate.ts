import type { Policy } from '@attesta/policy';
import { canonical, parseProof } from '@attesta/proof';
import { contradictions } from './certificate-contradictions.js';
import { disposalEntries, sealedIn } from './certificate-entries.js';
import { CERTIFICATE_FORMAT, type DestructionCertificate, type EvidenceEntry } from './certificate-form.js';
import { informativeOf, statementOf } from './certificate-statement.js';
import { textsOf } from './certificate-texts.js';

/** What a certificate is made of; all of it comes from the ledger, but for the policy. */
export interface CertificateInput {
  /** A sealed `attesta.disposal.completed.v1` with its proof. */
  completed: EvidenceEntry;
  /** The other entries of the disposal, in any order: started, closed, answered by the systems, instructed, destroyed, removed. */
  related: readonly EvidenceEntry[];
  /** The signed note that all the proofs carry. */
  checkpoint: string;
  verifierKey: string;
  /** Titles and the backups' period are taken from it. */
  policy: Policy;
}

/** The certificate of a disposal, the same for the same input. @throws RangeError when the entries do not bear it out: then there must be none */
export function certificateOf({ completed, related, checkpoint, verifierKey, policy }: CertificateInput): DestructionCertificate {
  const entries = [...related, completed].toSorted((a, b) => positionOf(a) - positionOf(b));
  const disposal = disposalEntries(entries.map((one) => sealedIn(one.entry, positionOf(one))));
  const problems = contradictions(disposal);
  if (problems.length > 0) throw new RangeError(`the entries do not bear a certificate out: ${problems.join('; ')}`);
  const statement = statementOf(disposal, originOf(checkpoint));
  return {
    format: CERTIFICATE_FORMAT,
    statement,
    texts: textsOf(statement),
    informative: informativeOf(statement, policy),
    evidence: { entries, checkpoint, verifierKey },
  };
}

/** The file of a certificate: it has this one spelling. */
export const certificateText = (certificate: DestructionCertificate): string => canonical(certificate);

const positionOf = ({ tlogProof }: EvidenceEntry): number => parseProof(tlogProof).index;
const originOf = (checkpoint: string): string => checkpoint.slice(0, checkpoint.indexOf('\n'));

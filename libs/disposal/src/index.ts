export { occurrenceOf, settled, type Told } from './occurrences.js';
export { partsOf, type Part } from './inventory.js';
export { ERASURE_ASKED, meaning, schedule, type Action, type Holding, type Keeping, type Occurrence, type Schedule } from './schedule.js';
export { certificateOf, certificateText, type CertificateInput } from './certificate.js';
export { verifyCertificate, type CertificateCheck, type CertificateReport } from './certificate-check.js';
export {
  CERTIFICATE_FORMAT,
  type Bilingual,
  type CertificateEvidence,
  type CertificateProblem,
  type CertificateStatement,
  type DestructionCertificate,
  type EvidenceEntry,
} from './certificate-form.js';

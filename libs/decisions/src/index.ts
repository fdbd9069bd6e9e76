export * from './fact.js';
export { factIn, holdsFact, type FactSource } from './sealed-facts.js';
export {
  EMPTY_RECORD,
  agesAt,
  recordOf,
  type PersonRecord,
  type RecordedChoice,
  type RecordedObjection,
  type RecordedRestriction,
} from './record.js';
export { DPV, inForce, standingOf, type ConsentQuestion, type ConsentStatus, type Standing } from './status.js';
export { invalidity, jurisdictionOf, ruleAt, type Invalidity } from './validity.js';
export { decide, type Decision, type DecisionRequest } from './decide.js';
export { decisionProblems } from './decision-problems.js';
export { REASONS, type Reason, type ReasonCode } from './reasons.js';
export { POLICY_KEY, policyOf, type PersonState, type PolicyState, type StateChange } from './state.js';
export type * from './receipt-form.js';
export { completeRecord, consentReceipt, provenReceipt } from './receipt.js';
export { receiptMismatches } from './receipt-mismatches.js';
export { kantaraReceipt, type KantaraController, type KantaraPurpose, type KantaraReceipt } from './kantara-receipt.js';
export { identitySpans, type IdentitySpan, type Tie } from './identity-spans.js';

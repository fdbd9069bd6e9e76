export { loadPolicy } from './load-policy.js';
export { type Policy, PolicyError, withNotice } from './policy.js';
export { checkEvent } from './check-event.js';
export { findCardNumbers, looksLikeCard } from './card-number.js';
export { personalKind } from './personal-kind.js';
export { ageRule, isContractor, isSensitive, isTransferAbroad, mayReceive, noticeText, restsOnConsent, retentionRules } from './facts.js';
export { ageOn, clockFor, deadline, sourceNoticeDue, type Deadline } from './deadline.js';
export type * from './policy-source.js';

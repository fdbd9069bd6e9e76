export { loadPolicy } from './load-policy.js';
export { type Policy, PolicyError } from './policy.js';
export { amend, amended, amends, withNotice, type Amendment } from './amend.js';
export { checkEvent } from './check-event.js';
export { findCardNumbers, looksLikeCard } from './card-number.js';
export { personalKind } from './personal-kind.js';
export {
  ageRule,
  consequencesOf,
  isContractor,
  isMarketing,
  isSensitive,
  isTransferAbroad,
  mayExpose,
  mayReceive,
  noticeText,
  restsOnConsent,
  retentionRules,
} from './facts.js';
export {
  ageOn,
  clockFor,
  deadline,
  endOfDuration,
  latestExtension,
  requestDeadline,
  sourceNoticeDue,
  timeBefore,
  type Deadline,
} from './deadline.js';
export { localDay, noticeAt, noticePeriod, supersededAt, tellsOf, type NoticePeriod } from './notice-period.js';
export type * from './policy-source.js';

export { KafkaSide, type KafkaSideOptions } from './kafka-side.js';
export { Ledger, type LedgerOptions } from './ledger.js';
export { EVENTS_BODY_LIMIT, LedgerModule, type LedgerModuleOptions } from './ledger.module.js';
export { ledgerOptions } from './ledger.options.js';
export { LivingPolicy } from './living-policy.js';
export type { Replayed } from './replay.js';
export { Sealer } from './sealer.js';
export { SubjectDirectory } from './subject-directory.js';
export { LogBusy, LogUnavailable } from './unavailable.js';

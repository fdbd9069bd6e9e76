export { KafkaSide, type KafkaSideOptions } from './kafka-side.js';
export { Ledger, type LedgerOptions } from './ledger.js';
export { EVENTS_BODY_LIMIT, LedgerModule, type LedgerModuleOptions } from './ledger.module.js';
export { ledgerOptions } from './ledger.options.js';
export { LivingPolicy } from './living-policy.js';
export { LogBusy, LogUnavailable, Sealer } from './sealer.js';
export { SubjectDirectory } from './subject-directory.js';

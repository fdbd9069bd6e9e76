export { Audit, AUDIT_SOURCE, type AuditOptions, type Outbox } from './audit.js';
export { AuditModule, type AuditModuleOptions } from './audit.module.js';
export type { RegisterDigests } from './digest.js';
export { REGISTER_TABLES } from './audit.schema.js';
export type { AsOf } from './standing.js';
export { digestOfAudit, restoreAudit } from './restoring.js';

export { OWN_ROUTES as RETENTION_ROUTES } from './own-routes.js';
export { RETENTION_SOURCE } from './disposal-store.js';
export { Retention, type Outbox, type RetentionOptions } from './retention.js';
export { RetentionModule } from './retention.module.js';
export { RETENTION_STATE, restoreRetention } from './restoring.js';

export { Consent, type ConsentOptions, type Outbox } from './consent.js';
export { ConsentModule, type ConsentModuleOptions } from './consent.module.js';
export { CONSENT_SOURCE } from './decision-events.js';
export { OWN_ROUTES as CONSENT_ROUTES } from './own-routes.js';
export { CONSENT_STATE, restoreConsent } from './restoring.js';
export { readChanges, stateSource, STATE_CHANNEL } from './state-store.js';

export { OWN_ROUTES as REQUESTS_ROUTES } from './own-routes.js';
export { REQUESTS_SOURCE } from './request-store.js';
export { Requests, type Outbox, type RequestsOptions } from './requests.js';
export { REQUESTS_RAW, RequestsModule, type RequestsModuleOptions } from './requests.module.js';
export { MailIntake, type MailOutcome } from './mail-intake.js';
export { openPostOffice, type PostOffice } from './post-office.js';
export { OpenDsr } from './opendsr.js';
export { openDsrOf } from './opendsr-options.js';
export { taskSource } from './task-source.js';

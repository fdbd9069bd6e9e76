export { OWN_ROUTES as REQUESTS_ROUTES } from './access-recorder.js';
export { ANSWER_LIMIT } from './fulfilment.controller.js';
export { REQUESTS_SOURCE } from './request-store.js';
export { Requests, type Outbox, type RequestsOptions } from './requests.js';
export { RequestsModule, type RequestsModuleOptions } from './requests.module.js';

export { NOTIFICATION_RAW, OWN_ROUTES as NOTIFICATION_ROUTES } from './own-routes.js';
export { openCarriers, type Carriers } from './open-carriers.js';
export { Notification, officerOf, type NotificationOptions, type Outbox } from './notification.js';
export { NOTIFICATION_SOURCE } from './source.js';
export { NotificationModule } from './notification.module.js';
export { NOTIFICATION_STATE, restoreNotification } from './restoring.js';

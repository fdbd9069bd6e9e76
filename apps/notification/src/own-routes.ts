/** Route patterns of this service. */
export const OWN_ROUTES = /^\/(?:v1\/(?:messages|alerts|alert-endpoints|notice-changes|breaches)|u|ops\/notification)(?:\/|$)/;

/** Forms of the page that stops messages, and of mail programs. */
export const NOTIFICATION_RAW = [{ path: '/u', limit: 4096 }];

/** CloudEvents source of what the notification service says. */
export const NOTIFICATION_SOURCE = '//attesta/notification';

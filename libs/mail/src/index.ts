export { isAddress, type OutgoingMail } from './mail-fields.js';
export { MailNotSent } from './mail-not-sent.js';
export { MailSender, type MailSenderOptions } from './mail-sender.js';
export { MailServer, type MailEnvelope, type MailServerOptions } from './mail-server.js';

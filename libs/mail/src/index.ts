export { MailNotSent, MailSender, type MailSenderOptions, type OutgoingMail } from './mail-sender.js';
export { MailServer, type MailEnvelope, type MailServerOptions } from './mail-server.js';

import { EnvVariable } from './variable.js';

/** Mail that a service sends. */
export class OutgoingMailConfig {
  @EnvVariable({
    name: 'SMTP_URL',
    kind: 'url',
    optional: true,
    secret: true,
    about: 'Where mail is sent, such as smtps://user:password@mail.example; without it each mail is a file in MAIL_DIRECTORY.',
  })
  smtpUrl?: string;

  @EnvVariable({
    name: 'MAIL_DIRECTORY',
    default: '.attesta/mail',
    about: 'The directory of mail that no SMTP_URL sends: for development.',
  })
  mailDirectory!: string;

  @EnvVariable({ name: 'MAIL_FROM', default: 'privacy@localhost.localdomain', about: 'The address that mail comes from.' })
  mailFrom!: string;
}

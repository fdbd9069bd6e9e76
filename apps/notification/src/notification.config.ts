import { EnvVariable, IsPostgresUrl, OutgoingMailConfig } from '@attesta/service-kit/configuration';
import { IsEmail, Matches, Max, Min } from 'class-validator';

/** How messages leave, and what is told of them: in every process that runs the notification service, the embedded one included. */
export class CarriersConfig extends OutgoingMailConfig {
  @EnvVariable({
    name: 'MAIL_FROM_NAME',
    optional: true,
    about: 'The name that mail of the notification service comes from; without it the first controller of the policy.',
  })
  mailFromName?: string;

  @EnvVariable({ name: 'MAIL_CONNECTIONS', kind: 'integer', default: '5', about: 'Connections to the SMTP server at once.' })
  @Min(1)
  @Max(100)
  mailConnections!: number;

  @EnvVariable({
    name: 'SMS_URL',
    kind: 'url',
    optional: true,
    about: 'Where text messages are posted as JSON {id, to, from, text, language}; without it none are sent.',
  })
  smsUrl?: string;

  @EnvVariable({ name: 'SMS_TOKEN', optional: true, secret: true, about: 'The bearer token of SMS_URL.' })
  smsToken?: string;

  @EnvVariable({ name: 'SMS_FROM', default: 'Attesta', about: 'Whom text messages come from.' })
  smsFrom!: string;

  @EnvVariable({
    name: 'BOUNCE_PORT',
    kind: 'integer',
    optional: true,
    about: 'The port on which the mail system delivers what could not be delivered (RFC 3464); without it nothing is learnt of bounces.',
  })
  @Min(0)
  @Max(65_535)
  bouncePort?: number;

  @EnvVariable({
    name: 'BOUNCE_PEERS',
    kind: 'list',
    default: '127.0.0.1',
    about: "Addresses or networks of the company's mail systems: nobody else may deliver bounces.",
  })
  bouncePeers!: string[];

  @EnvVariable({
    name: 'MESSAGES_PER_SECOND',
    kind: 'integer',
    default: '50',
    about: 'How many messages leave in a second at most, so that the mail system, and other traffic, keep up.',
  })
  @Min(1)
  @Max(100_000)
  messagesPerSecond!: number;

  @EnvVariable({
    name: 'ALERTS_GATHERED_MS',
    kind: 'integer',
    default: '60000',
    about: 'Milliseconds for which alerts that are not urgent are gathered before the officer is told of them in one message.',
  })
  @Min(0)
  @Max(86_400_000)
  alertsGatheredMs!: number;

  @EnvVariable({
    name: 'OFFICER_ADDRESS',
    optional: true,
    about: 'The e-mail address that alerts go to; without it that of the first controller of the policy.',
  })
  @IsEmail()
  officerAddress?: string;
}

export class NotificationConfig extends CarriersConfig {
  @EnvVariable({
    name: 'NOTIFICATION_DATABASE_URL',
    kind: 'url',
    secret: true,
    about: 'The PostgreSQL database of the notification service, as the service.',
  })
  @IsPostgresUrl()
  databaseUrl!: string;

  @EnvVariable({
    name: 'NOTIFICATION_MIGRATION_URL',
    kind: 'url',
    secret: true,
    optional: true,
    about: 'The same database as its owner, for migrations; without it the service owns its tables.',
  })
  @IsPostgresUrl()
  migrationUrl?: string;

  @EnvVariable({
    name: 'NOTIFICATION_KEYS',
    default: '.attesta/notification-keys',
    about: 'The directory of the key that encrypts what waiting messages say; made when it is not there.',
  })
  keys!: string;

  @EnvVariable({
    name: 'ATTESTA_PEPPER',
    secret: true,
    about: "The deployment's pepper (base64), as the ledger keeps it in its keys directory: refs are made with it.",
  })
  @Matches(/^[A-Za-z0-9+/]{22,}={0,2}$/, { message: 'must be at least 16 bytes in base64' })
  pepper!: string;

  @EnvVariable({
    name: 'LEDGER_URL',
    kind: 'url',
    default: 'http://localhost:4000',
    about: 'The base URL of the ledger, whose directory knows who is who and where they are reached.',
  })
  ledgerUrl!: string;

  @EnvVariable({
    name: 'CONSENT_URL',
    kind: 'url',
    default: 'http://localhost:4000',
    about: 'The base URL of the consent service, which is asked before anybody is written to.',
  })
  consentUrl!: string;

  @EnvVariable({
    name: 'REQUESTS_URL',
    kind: 'url',
    default: 'http://localhost:4000',
    about: 'The base URL of the requests service, which says where whoever asked is answered.',
  })
  requestsUrl!: string;

  @EnvVariable({
    name: 'PUBLIC_URL',
    kind: 'url',
    default: 'http://localhost:4000',
    about: 'Where data subjects reach this service: links to stop messages begin with it.',
  })
  publicUrl!: string;

  @EnvVariable({ name: 'ATTESTA_POLICY', default: 'policies/m-med.yaml', about: 'The policy file: the privacy notice as data.' })
  policy!: string;

  @EnvVariable({
    name: 'AUTH_CLIENT_ID',
    about: 'The client as which this process gets tokens from AUTH_ISSUER to ask the ledger, the consent service and the requests service.',
  })
  clientId!: string;

  @EnvVariable({ name: 'AUTH_CLIENT_SECRET', secret: true, about: 'The secret of AUTH_CLIENT_ID.' })
  clientSecret!: string;
}

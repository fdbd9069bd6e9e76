import { EnvVariable, IsPostgresUrl, OutgoingMailConfig } from '@attesta/service-kit/configuration';
import { Matches, Max, Min } from 'class-validator';

/** Mail of the requests service: in every process that runs it, the embedded one included. */
export class MailConfig extends OutgoingMailConfig {
  @EnvVariable({
    name: 'MAIL_ADDRESSES',
    kind: 'list',
    default: 'dpo@localhost.localdomain',
    about: "The data protection officer's addresses that the SMTP listener takes mail for, separated by commas.",
  })
  mailAddresses!: string[];

  @EnvVariable({
    name: 'MAIL_PORT',
    kind: 'integer',
    optional: true,
    about:
      "The port on which mail for the data protection officer is taken by SMTP, for the company's mail system; without it there is none.",
  })
  @Min(0)
  @Max(65_535)
  mailPort?: number;

  @EnvVariable({
    name: 'MAIL_PEERS',
    kind: 'list',
    default: '127.0.0.1',
    about: "Addresses or networks of the company's mail systems: nobody else may deliver.",
  })
  mailPeers!: string[];

  @EnvVariable({
    name: 'MAIL_TRUSTED',
    kind: 'list',
    default: '',
    about: "Authserv-ids (RFC 8601) of the company's own mail system: what it says of a sender is believed.",
  })
  mailTrusted!: string[];

  @EnvVariable({
    name: 'IMAP_URL',
    kind: 'url',
    optional: true,
    secret: true,
    about: 'A mailbox that is read instead, such as imaps://user:password@mail.example/INBOX.',
  })
  imapUrl?: string;

  @EnvVariable({
    name: 'IMAP_SINCE',
    optional: true,
    about: 'The day (YYYY-MM-DD) before which mail of that mailbox is left alone; without it all of it is read.',
  })
  @Matches(/^\d{4}-\d{2}-\d{2}$/, { message: 'must be a day such as 2026-01-31' })
  imapSince?: string;
}

export class RequestsConfig extends MailConfig {
  @EnvVariable({
    name: 'REQUESTS_DATABASE_URL',
    kind: 'url',
    secret: true,
    about: 'The PostgreSQL database of the requests service, as the service.',
  })
  @IsPostgresUrl()
  databaseUrl!: string;

  @EnvVariable({
    name: 'REQUESTS_MIGRATION_URL',
    kind: 'url',
    secret: true,
    optional: true,
    about: 'The same database as its owner, for migrations; without it the service owns its tables.',
  })
  @IsPostgresUrl()
  migrationUrl?: string;

  @EnvVariable({
    name: 'REQUESTS_KEYS',
    default: '.attesta/requests-keys',
    about: 'The directory of the key that encrypts what people wrote and systems answered; made when it is not there.',
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
    about: 'The base URL of the ledger, whose directory knows who is who.',
  })
  ledgerUrl!: string;

  @EnvVariable({
    name: 'PUBLIC_URL',
    kind: 'url',
    default: 'http://localhost:4000',
    about: 'Where data subjects reach this service: links to packages begin with it.',
  })
  publicUrl!: string;

  @EnvVariable({
    name: 'OPENDSR_CONTROLLERS',
    kind: 'list',
    default: '',
    about:
      "Other controllers that send requests by OpenDSR and have proved who the person is: each client's subject, and the scheme of its customer ids, such as partner-1=account; without it there are none.",
  })
  @Matches(/^[^=\s]{1,200}=[a-z][a-z0-9-]{0,31}$/, { each: true, message: 'must each look like partner-1=account' })
  openDsrControllers!: string[];

  @EnvVariable({
    name: 'OPENDSR_KEY',
    optional: true,
    secret: true,
    about:
      'The RSA key that signs answers by OpenDSR, in PEM; with its certificate. Without them a self-signed pair is made, for development.',
  })
  openDsrKey?: string;

  @EnvVariable({ name: 'OPENDSR_CERTIFICATE', optional: true, about: 'The certificate of that key, in PEM, from an authority.' })
  openDsrCertificate?: string;

  @EnvVariable({ name: 'ATTESTA_POLICY', default: 'policies/m-med.yaml', about: 'The policy file: the privacy notice as data.' })
  policy!: string;

  @EnvVariable({
    name: 'AUTH_CLIENT_ID',
    about: "The client as which this process gets tokens from AUTH_ISSUER to ask the ledger's directory and to read entries of the log.",
  })
  clientId!: string;

  @EnvVariable({ name: 'AUTH_CLIENT_SECRET', secret: true, about: 'The secret of AUTH_CLIENT_ID.' })
  clientSecret!: string;
}

import { EnvVariable, IsPostgresUrl } from '@attesta/service-kit/configuration';
import { IsInt, Max, Min } from 'class-validator';

export class AuditConfig {
  @EnvVariable({
    name: 'AUDIT_DATABASE_URL',
    kind: 'url',
    secret: true,
    about: 'The PostgreSQL database of the registers, as the service.',
  })
  @IsPostgresUrl()
  databaseUrl!: string;

  @EnvVariable({
    name: 'AUDIT_MIGRATION_URL',
    kind: 'url',
    secret: true,
    optional: true,
    about: 'The same database as its owner, for migrations; without it the service owns its tables.',
  })
  @IsPostgresUrl()
  migrationUrl?: string;

  @EnvVariable({
    name: 'LEDGER_URL',
    kind: 'url',
    default: 'http://localhost:4000',
    about:
      "The base URL of the ledger, whose checkpoints and tiles prove the audit service's answers, and whose directory knows who was erased.",
  })
  ledgerUrl!: string;

  @EnvVariable({ name: 'ATTESTA_POLICY', default: 'policies/m-med.yaml', about: 'The policy file: the privacy notice as data.' })
  policy!: string;

  @EnvVariable({
    name: 'ATTESTA_LOG_KEY',
    optional: true,
    about: "The ledger's verifier key line; without it the key that the ledger gives at start is believed.",
  })
  logKey?: string;

  @EnvVariable({
    name: 'ATTESTA_WITNESS_POLICY',
    optional: true,
    about:
      'The policy file of the ledger (C2SP tlog-policy): cosignatures are checked with the keys in it; without it they are shown as they stand.',
  })
  witnessPolicy?: string;

  @EnvVariable({
    name: 'INTEGRITY_SHARE',
    kind: 'integer',
    default: '10',
    about: 'Percent of the time, at most, that is spent on reading and hashing the log again, over and over.',
  })
  @IsInt()
  @Min(1)
  @Max(100)
  integrityShare!: number;

  @EnvVariable({
    name: 'AUTH_CLIENT_ID',
    about: "The client as which this process gets tokens from AUTH_ISSUER to ask the ledger's directory and to read entries of the log.",
  })
  clientId!: string;

  @EnvVariable({ name: 'AUTH_CLIENT_SECRET', secret: true, about: 'The secret of AUTH_CLIENT_ID.' })
  clientSecret!: string;
}

import { EnvVariable, IsPostgresUrl } from '@attesta/service-kit/configuration';
import { Matches, Max, Min } from 'class-validator';

export class RetentionConfig {
  @EnvVariable({
    name: 'RETENTION_DATABASE_URL',
    kind: 'url',
    secret: true,
    about: 'The PostgreSQL database of the retention service, as the service.',
  })
  @IsPostgresUrl()
  databaseUrl!: string;

  @EnvVariable({
    name: 'RETENTION_MIGRATION_URL',
    kind: 'url',
    secret: true,
    optional: true,
    about: 'The same database as its owner, for migrations; without it the service owns its tables.',
  })
  @IsPostgresUrl()
  migrationUrl?: string;

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
    about: "The base URL of the ledger, whose directory knows who is who and whose log proves the service's certificates.",
  })
  ledgerUrl!: string;

  @EnvVariable({
    name: 'DISPOSALS_PER_SECOND',
    kind: 'integer',
    default: '50',
    about: 'Of how many people something is disposed of in a second at most, so that other traffic keeps its latency.',
  })
  @Min(1)
  @Max(100_000)
  disposalsPerSecond!: number;

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

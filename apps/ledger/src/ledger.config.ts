import { EnvVariable, IsPostgresUrl } from '@attesta/service-kit/configuration';
import { IsIn, Matches } from 'class-validator';

/** What the log is called, and who may read it. */
export class PublishedLogConfig {
  @EnvVariable({
    name: 'ATTESTA_ORIGIN',
    default: 'localhost/attesta',
    about: 'The name of this log, first line of every checkpoint; it can never change.',
  })
  @Matches(/^[^\s+]{1,200}$/, { message: 'must be 1 to 200 characters without spaces or plus signs' })
  origin!: string;

  @EnvVariable({
    name: 'ATTESTA_LOG_ENTRIES',
    default: 'auditors',
    about: 'Who may read /log/tile/entries: auditors, or open for everybody.',
  })
  @IsIn(['auditors', 'open'])
  logEntries!: 'auditors' | 'open';

  @EnvVariable({
    name: 'ATTESTA_WITNESS_POLICY',
    optional: true,
    about:
      'A policy file (C2SP tlog-policy) that names witnesses with their keys and URLs, and how many make a checkpoint count as witnessed; without it none are asked.',
  })
  witnessPolicy?: string;
}

export class LedgerConfig extends PublishedLogConfig {
  @EnvVariable({
    name: 'LEDGER_DATABASE_URL',
    kind: 'url',
    secret: true,
    about: 'The PostgreSQL database of the log, as the service: it may read and append.',
  })
  @IsPostgresUrl()
  databaseUrl!: string;

  @EnvVariable({
    name: 'LEDGER_MIGRATION_URL',
    kind: 'url',
    secret: true,
    optional: true,
    about: 'The same database as its owner, for migrations; without it the service owns its tables.',
  })
  @IsPostgresUrl()
  migrationUrl?: string;

  @EnvVariable({
    name: 'VAULT_DATABASE_URL',
    kind: 'url',
    secret: true,
    about: 'The PostgreSQL database of subjects and keys; never the same as the log.',
  })
  @IsPostgresUrl()
  vaultUrl!: string;

  @EnvVariable({
    name: 'VAULT_MIGRATION_URL',
    kind: 'url',
    secret: true,
    optional: true,
    about: 'The vault database as its owner, for migrations.',
  })
  @IsPostgresUrl()
  vaultMigrationUrl?: string;

  @EnvVariable({
    name: 'ATTESTA_KEYS',
    default: '.attesta/keys',
    about: "The directory of the ledger's keys; made when the log is still empty.",
  })
  keys!: string;

  @EnvVariable({
    name: 'KAFKA_INTAKE_MAC',
    default: 'required',
    about:
      'Whether events over Kafka must prove by a MAC for which source they speak: required, or accepted, which takes those without one from anybody who may write to the topic. A wrong one is always refused.',
  })
  @IsIn(['required', 'accepted'])
  intakeMac!: 'required' | 'accepted';

  @EnvVariable({ name: 'ATTESTA_POLICY', default: 'policies/m-med.yaml', about: 'The policy file: the privacy notice as data.' })
  policy!: string;
}

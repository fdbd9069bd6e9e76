import { EnvVariable, IsPostgresUrl } from '@attesta/service-kit/configuration';

/** What a command about the key needs. */
export class WitnessKeyConfig {
  @EnvVariable({
    name: 'WITNESS_KEY',
    default: '.attesta/witness.pem',
    about: "The file of the witness's private key (PKCS #8 PEM, Ed25519); the command of apps/witness/dist/key.main.js makes it.",
  })
  key!: string;
}

export class WitnessConfig extends WitnessKeyConfig {
  @EnvVariable({
    name: 'WITNESS_NAME',
    about: 'What the witness is called in its cosignatures, like an address without its scheme: witness.example/attesta.',
  })
  name!: string;

  @EnvVariable({
    name: 'WITNESS_DATABASE_URL',
    kind: 'url',
    secret: true,
    about:
      'The PostgreSQL database that holds the newest checkpoint the witness signed of each log; its own, and never restored from a backup.',
  })
  @IsPostgresUrl()
  databaseUrl!: string;

  @EnvVariable({
    name: 'WITNESS_LOGS',
    about: 'A file with the verifier key line of each log to witness, as /log/key gives it; lines that begin with # are passed over.',
  })
  logs!: string;
}

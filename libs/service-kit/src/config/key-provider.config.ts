import { IsIn, Matches, ValidateBy, type ValidationArguments } from 'class-validator';
import { EnvVariable } from './variable.js';

const PROVIDERS = ['local', 'transit', 'kms'] as const;
const NAME = { message: 'may have letters, digits, dot, dash and underscore' };

/** Where the key-encryption keys of a service are. */
export class KeyProviderConfig {
  @EnvVariable({
    name: 'KEY_PROVIDER',
    default: 'local',
    about:
      'Where key-encryption keys are: local (the keyring file of the keys directory), transit (Vault or OpenBao) or kms (AWS). What another one wrapped before still opens while that is configured or its keyring is there; attesta keys rewrap brings it over.',
  })
  @IsIn(PROVIDERS)
  @ValidateBy(
    { name: 'provider', validator: { validate: (_, args) => lacking(args) === undefined } },
    { message: (args) => `needs ${lacking(args)}` },
  )
  provider!: (typeof PROVIDERS)[number];

  @EnvVariable({
    name: 'TRANSIT_URL',
    kind: 'url',
    optional: true,
    about: 'The Vault or OpenBao server, such as https://vault.internal:8200.',
  })
  transitUrl?: string;

  @EnvVariable({
    name: 'TRANSIT_KEY',
    default: 'attesta',
    about:
      'The name of the Transit key; of type aes256-gcm96, not derived. The token may read keys/<key>, and update encrypt/<key> and decrypt/<key>.',
  })
  @Matches(/^[A-Za-z0-9._-]{1,100}$/, NAME)
  transitKey!: string;

  @EnvVariable({ name: 'TRANSIT_MOUNT', default: 'transit', about: 'Where the Transit engine is mounted.' })
  @Matches(/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/, { message: 'is a path without a slash at its ends' })
  transitMount!: string;

  @EnvVariable({ name: 'TRANSIT_NAMESPACE', optional: true, about: 'The namespace of the server in which the engine is.' })
  transitNamespace?: string;

  @EnvVariable({ name: 'TRANSIT_TOKEN', secret: true, optional: true, about: 'The token for Transit; one that nobody has to renew.' })
  transitToken?: string;

  @EnvVariable({
    name: 'TRANSIT_TOKEN_SINK',
    optional: true,
    about: 'Instead of it the file in which an agent keeps the token (its sink), read anew for every request.',
  })
  transitTokenSink?: string;

  @EnvVariable({ name: 'TRANSIT_CA', optional: true, about: "Authorities that vouch for the server instead of the system's, in PEM." })
  transitCa?: string;

  @EnvVariable({
    name: 'KMS_KEY',
    optional: true,
    about:
      'Id, ARN or alias of a symmetric AWS KMS key. Credentials and region come as for every AWS client; the role may Encrypt, Decrypt and DescribeKey, and to rotate ReEncryptFrom and ReEncryptTo, with the encryption context attesta=<service>.',
  })
  kmsKey?: string;

  @EnvVariable({ name: 'KMS_REGION', optional: true, about: 'Its region, where the surroundings of the process do not say.' })
  kmsRegion?: string;

  @EnvVariable({
    name: 'KMS_ENDPOINT',
    kind: 'url',
    optional: true,
    about: 'Where KMS answers, where that is not the public endpoint of the region.',
  })
  kmsEndpoint?: string;
}

/** What the chosen provider still needs; undefined where nothing. */
function lacking(args: ValidationArguments | undefined): string | undefined {
  const { provider, transitUrl, transitToken, transitTokenSink, kmsKey } = args?.object as KeyProviderConfig;
  if (provider === 'kms') return kmsKey ? undefined : 'KMS_KEY';
  if (provider !== 'transit') return undefined;
  if (!transitUrl) return 'TRANSIT_URL';
  if (transitToken && transitTokenSink) return 'only one of TRANSIT_TOKEN and TRANSIT_TOKEN_SINK';
  return transitToken || transitTokenSink ? undefined : 'TRANSIT_TOKEN or TRANSIT_TOKEN_SINK';
}

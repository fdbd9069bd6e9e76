import type { KMSClient } from '@aws-sdk/client-kms';
import { KeyEncryptionKeyMissing, KeyProviderUnavailable, WrappedKeyAltered, type KeyProvider, type WrappedKey } from './key-provider.js';

export interface KmsOptions {
  /** Key id, ARN or alias of a symmetric encryption key. */
  key: string;
  region?: string | undefined;
  /** Where KMS answers, where that is not the region's public endpoint. */
  endpoint?: string | undefined;
  /** Bound to what is wrapped, as encryption context `attesta=<service>`: policies may name it, and CloudTrail shows it. */
  service: string;
}

type Sdk = typeof import('@aws-sdk/client-kms');

/** KMS has no batches. So many calls are under way at once: a fraction of the 20 to 100 thousand a second that a region allows an account. */
const AT_ONCE = 32;

const GONE = new Set(['NotFoundException', 'DisabledException', 'KMSInvalidStateException', 'InvalidKeyUsageException']);
const ALTERED = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);

/**
 * Key-encryption keys in AWS KMS. Credentials, and the region where none is given, come the way they do for every AWS client: environment, shared files,
 * web identity, the instance's role. The role needs kms:Encrypt, kms:Decrypt, kms:DescribeKey, and for rotation kms:ReEncryptFrom and kms:ReEncryptTo.
 */
export class KmsProvider implements KeyProvider {
  private constructor(
    private readonly sdk: Sdk,
    private readonly client: KMSClient,
    private readonly options: KmsOptions,
  ) {}

  static async open(options: KmsOptions): Promise<KmsProvider> {
    const sdk = await import('@aws-sdk/client-kms'); // loaded only where it is used
    const { region, endpoint } = options;
    const client = new sdk.KMSClient({
      ...(region !== undefined && { region }),
      ...(endpoint !== undefined && { endpoint }),
      maxAttempts: 4,
      requestHandler: {
        connectionTimeout: 3_000,
        requestTimeout: 10_000,
        throwOnRequestTimeout: true,
        httpsAgent: { maxSockets: AT_ONCE },
      },
    });
    return new KmsProvider(sdk, client, options);
  }

  wrap(keys: readonly Buffer[]): Promise<WrappedKey[]> {
    const { key } = this.options;
    return several(keys, async (Plaintext) => {
      const { CiphertextBlob, KeyId } = await this.asked(`kms:${key}`, () =>
        this.client.send(new this.sdk.EncryptCommand({ KeyId: key, Plaintext, EncryptionContext: this.context })),
      );
      return wrappedOf(KeyId, CiphertextBlob);
    });
  }

  unwrap(keys: readonly WrappedKey[]): Promise<Buffer[]> {
    return several(keys, async ({ kek, wrapped }) => {
      const { Plaintext } = await this.asked(kek, () =>
        this.client.send(new this.sdk.DecryptCommand({ KeyId: arnOf(kek), CiphertextBlob: wrapped, EncryptionContext: this.context })),
      );
      if (!Plaintext) throw new KeyProviderUnavailable('KMS answered without a plaintext');
      return Buffer.from(Plaintext);
    });
  }

  /** Inside KMS: the data keys do not leave it. */
  rewrap(keys: readonly WrappedKey[]): Promise<WrappedKey[]> {
    const { context } = this;
    return several(keys, async ({ kek, wrapped }) => {
      const { CiphertextBlob, KeyId } = await this.asked(kek, () =>
        this.client.send(
          new this.sdk.ReEncryptCommand({
            CiphertextBlob: wrapped,
            SourceKeyId: arnOf(kek),
            SourceEncryptionContext: context,
            DestinationKeyId: this.options.key,
            DestinationEncryptionContext: context,
          }),
        ),
      );
      return wrappedOf(KeyId, CiphertextBlob);
    });
  }

  /** The ARN behind an alias. Which of its key's own rotations wrapped something KMS does not tell: it keeps them all. */
  async current(): Promise<string> {
    const { key } = this.options;
    const { KeyMetadata } = await this.asked(`kms:${key}`, () => this.client.send(new this.sdk.DescribeKeyCommand({ KeyId: key })));
    const { Arn, KeyState, KeySpec = 'SYMMETRIC_DEFAULT', KeyUsage = 'ENCRYPT_DECRYPT' } = KeyMetadata ?? {};
    if (Arn === undefined || KeySpec !== 'SYMMETRIC_DEFAULT' || KeyUsage !== 'ENCRYPT_DECRYPT')
      throw new KeyEncryptionKeyMissing(
        `kms:${key}`,
        'is of a kind that cannot be used here; it must be SYMMETRIC_DEFAULT, for ENCRYPT_DECRYPT',
      );
    if (KeyState !== undefined && KeyState !== 'Enabled')
      throw new KeyEncryptionKeyMissing(`kms:${Arn}`, `cannot be used in its state ${KeyState}`);
    return `kms:${Arn}`;
  }

  owns(kek: string): boolean {
    return kek.startsWith('kms:');
  }

  close(): void {
    this.client.destroy();
  }

  private get context(): Record<string, string> {
    return { attesta: this.options.service };
  }

  private async asked<T>(kek: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const { name, message } = cause as Error;
      if (GONE.has(name)) throw new KeyEncryptionKeyMissing(kek, `cannot be used (${name}: ${message})`, { cause });
      if (ALTERED.has(name)) throw new WrappedKeyAltered(kek, { cause });
      throw new KeyProviderUnavailable(`KMS cannot be used (${name}: ${message})`, { cause });
    }
  }
}

function wrappedOf(arn: string | undefined, blob: Uint8Array | undefined): WrappedKey {
  if (arn === undefined || !blob) throw new KeyProviderUnavailable('KMS answered without a ciphertext');
  return { kek: `kms:${arn}`, wrapped: Buffer.from(blob) };
}

const arnOf = (kek: string): string => kek.slice('kms:'.length);

/** In the order given; ends at the first failure. */
async function several<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return results;
}

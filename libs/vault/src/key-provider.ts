/** A data key as the vault's database keeps it: useless without the key-encryption key it names. */
export interface WrappedKey {
  /** Which key-encryption key, and which version of it: `kek-1`, `transit:<mount>/<key>:v3`, `kms:<key ARN>`. */
  kek: string;
  wrapped: Buffer;
}

/**
 * Where key-encryption keys live. Implementations never let one out. All of it may throw KeyEncryptionKeyMissing and KeyProviderUnavailable: neither says
 * anything of the data keys, which are as they were.
 */
export interface KeyProvider {
  wrap(keys: readonly Buffer[]): Promise<WrappedKey[]>;
  /** @throws WrappedKeyAltered when what the database holds is not what was wrapped for this service */
  unwrap(keys: readonly WrappedKey[]): Promise<Buffer[]>;
  /** The same data keys under the newest key-encryption key. @throws WrappedKeyAltered */
  rewrap(keys: readonly WrappedKey[]): Promise<WrappedKey[]>;
  /** Name of the key-encryption key that new data keys are wrapped by. */
  current(): Promise<string>;
  /** Whether a key-encryption key of this name would be looked for here. */
  owns(kek: string): boolean;
}

/** A key-encryption key cannot be used now. Whoever meets this waits, and tries again. */
export class KeyProviderFailure extends Error {
  /** By which layers that know nothing of keys tell an outage from a fault of what they work on. */
  readonly code = 'EKEYPROVIDER';
}

/** The key-encryption key is not there: an outage that somebody has to mend, and not a destroyed data key. */
export class KeyEncryptionKeyMissing extends KeyProviderFailure {
  override readonly name = 'KeyEncryptionKeyMissing';
  constructor(
    readonly kek: string,
    why = 'is not in the keyring; restore it',
    options?: ErrorOptions,
  ) {
    super(`key-encryption key ${kek} ${why}, for data keys wrapped by it cannot be opened meanwhile`, options);
  }
}

/** Nobody answers for the key-encryption keys at the moment, or they refuse us: nothing is known of any key. */
export class KeyProviderUnavailable extends KeyProviderFailure {
  override readonly name = 'KeyProviderUnavailable';
}

/** The key-encryption key is there and does not open this: the bytes were changed, cut, or wrapped for another service. */
export class WrappedKeyAltered extends Error {
  override readonly name = 'WrappedKeyAltered';
  constructor(
    readonly kek: string,
    options?: ErrorOptions,
  ) {
    super(`a data key wrapped by ${kek} does not open: it was altered, or wrapped for another service`, options);
  }
}

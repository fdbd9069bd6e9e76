import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';

/** A data key as the vault's database keeps it: useless without the key-encryption key it names. */
export interface WrappedKey {
  kek: string;
  wrapped: Buffer;
}

/** Where key-encryption keys live. Implementations never let one out. */
export interface KeyProvider {
  wrap(keys: readonly Buffer[]): Promise<WrappedKey[]>;
  /** @throws KeyEncryptionKeyMissing when a key-encryption key is not there: that is an outage, not a destroyed key. */
  unwrap(keys: readonly WrappedKey[]): Promise<Buffer[]>;
}

export class KeyEncryptionKeyMissing extends Error {
  constructor(readonly kek: string) {
    super(`key-encryption key ${kek} is not in the keyring; restore it, for data keys wrapped by it cannot be opened meanwhile`);
  }
}

interface KeyringFile {
  current: string;
  keys: Record<string, string>;
}

/** Key-encryption keys in a file (mode 0600): the default for the embedded run. AES-256-GCM, the key's name as additional data. */
export class LocalKeyring implements KeyProvider {
  private readonly keys: Map<string, Buffer>;

  private constructor(private readonly ring: KeyringFile) {
    this.keys = new Map(Object.entries(ring.keys).map(([name, key]) => [name, Buffer.from(key, 'base64')]));
    if (!this.keys.has(ring.current)) throw new KeyEncryptionKeyMissing(ring.current);
  }

  /** Opens the file, or makes it with a fresh key. */
  static async open(file: string): Promise<LocalKeyring> {
    try {
      return new LocalKeyring(JSON.parse(await fs.readFile(file, 'utf8')) as KeyringFile);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const ring: KeyringFile = { current: 'kek-1', keys: { 'kek-1': randomBytes(32).toString('base64') } };
    await fs.writeFile(file, JSON.stringify(ring), { mode: 0o600, flag: 'wx' });
    return new LocalKeyring(ring);
  }

  wrap(keys: readonly Buffer[]): Promise<WrappedKey[]> {
    const kek = this.ring.current;
    return Promise.resolve(keys.map((key) => ({ kek, wrapped: this.seal(kek, key) })));
  }

  unwrap(keys: readonly WrappedKey[]): Promise<Buffer[]> {
    return Promise.resolve(keys.map(({ kek, wrapped }) => this.open(kek, wrapped)));
  }

  private seal(kek: string, key: Buffer): Buffer {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.kek(kek), nonce);
    cipher.setAAD(Buffer.from(kek));
    return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  }

  private open(kek: string, wrapped: Buffer): Buffer {
    const decipher = createDecipheriv('aes-256-gcm', this.kek(kek), wrapped.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(kek));
    decipher.setAuthTag(wrapped.subarray(wrapped.length - 16));
    return Buffer.concat([decipher.update(wrapped.subarray(12, wrapped.length - 16)), decipher.final()]);
  }

  private kek(name: string): Buffer {
    const key = this.keys.get(name);
    if (!key) throw new KeyEncryptionKeyMissing(name);
    return key;
  }
}

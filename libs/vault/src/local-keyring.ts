import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import { KeyEncryptionKeyMissing, WrappedKeyAltered, type KeyProvider, type WrappedKey } from './key-provider.js';
import { createSecretFile } from './secret-file.js';

/** The keyring as its file has it. */
export interface KeyringFile {
  current: string;
  /** Name to key, base64. */
  keys: Record<string, string>;
  /** When each was made (RFC 3339); those of before this was kept are absent. */
  made?: Record<string, string>;
}

const NONCE = 12;
const TAG = 16;

/**
 * Key-encryption keys in a file (mode 0600): the default. AES-256-GCM, the key's name as additional data. A file that was changed, as by a rotation, is
 * read again before the next key is wrapped, and when a key is asked for that was not in it.
 */
export class LocalKeyring implements KeyProvider {
  private keys = new Map<string, Buffer>();
  private newest = '';
  /** Of the file that was read. */
  private mark = '';

  private constructor(private readonly file: string) {}

  /** Opens the file, or makes it with a fresh key. */
  static async open(file: string): Promise<LocalKeyring> {
    await createSecretFile(file, () => {
      const made = { 'kek-1': new Date().toISOString() };
      return JSON.stringify({ current: 'kek-1', keys: { 'kek-1': randomBytes(32).toString('base64') }, made } satisfies KeyringFile);
    });
    return LocalKeyring.read(file);
  }

  /** @throws Error when there is none, or it is no keyring */
  static async read(file: string): Promise<LocalKeyring> {
    const keyring = new LocalKeyring(file);
    await keyring.refresh();
    return keyring;
  }

  async wrap(keys: readonly Buffer[]): Promise<WrappedKey[]> {
    await this.refresh();
    const kek = this.newest;
    return keys.map((key) => ({ kek, wrapped: this.seal(kek, key) }));
  }

  async unwrap(keys: readonly WrappedKey[]): Promise<Buffer[]> {
    if (keys.some(({ kek }) => !this.keys.has(kek))) await this.refresh();
    return keys.map((key) => this.open(key));
  }

  async rewrap(keys: readonly WrappedKey[]): Promise<WrappedKey[]> {
    return this.wrap(await this.unwrap(keys));
  }

  async current(): Promise<string> {
    await this.refresh();
    return this.newest;
  }

  owns(kek: string): boolean {
    return !kek.includes(':');
  }

  private async refresh(): Promise<void> {
    const { ino, mtimeNs, size } = await fs.stat(this.file, { bigint: true });
    const mark = `${ino} ${mtimeNs} ${size}`;
    if (mark === this.mark) return;
    const ring = JSON.parse(await fs.readFile(this.file, 'utf8')) as KeyringFile;
    const keys = new Map(Object.entries(ring.keys).map(([name, key]) => [name, Buffer.from(key, 'base64')]));
    if (!keys.has(ring.current)) throw new KeyEncryptionKeyMissing(ring.current);
    [this.keys, this.newest, this.mark] = [keys, ring.current, mark];
  }

  private seal(kek: string, key: Buffer): Buffer {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.kek(kek), nonce);
    cipher.setAAD(Buffer.from(kek));
    return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  }

  private open({ kek, wrapped }: WrappedKey): Buffer {
    const key = this.kek(kek);
    if (wrapped.length < NONCE + TAG) throw new WrappedKeyAltered(kek);
    const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, NONCE), { authTagLength: TAG });
    decipher.setAAD(Buffer.from(kek));
    decipher.setAuthTag(wrapped.subarray(wrapped.length - TAG));
    try {
      return Buffer.concat([decipher.update(wrapped.subarray(NONCE, wrapped.length - TAG)), decipher.final()]);
    } catch (cause) {
      throw new WrappedKeyAltered(kek, { cause });
    }
  }

  private kek(name: string): Buffer {
    const key = this.keys.get(name);
    if (!key) throw new KeyEncryptionKeyMissing(name);
    return key;
  }
}

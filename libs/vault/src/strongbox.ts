import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyProvider } from './key-provider.js';

/** What the database keeps of something personal: useless without the key-encryption key it names. */
export interface Box {
  kek: string;
  box: Buffer;
}

const NONCE = 12;
const TAG = 16;

/**
 * Encrypts what people wrote and what systems hold of them: AES-256-GCM under a key of its own, which is wrapped by the provider. `about` is bound
 * to the box, so that a row cannot be put in another's place.
 */
export class Strongbox {
  constructor(private readonly provider: KeyProvider) {}

  async seal(about: string, content: Uint8Array): Promise<Box> {
    const key = randomBytes(32);
    const [wrapped] = await this.provider.wrap([key]);
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(Buffer.from(about));
    const sealed = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(wrapped!.wrapped.length);
    return { kek: wrapped!.kek, box: Buffer.concat([length, wrapped!.wrapped, nonce, sealed]) };
  }

  /** @throws KeyEncryptionKeyMissing; Error when the box was made for something else, or altered */
  async open(about: string, { kek, box }: Box): Promise<Buffer> {
    const end = 2 + box.readUInt16BE(0);
    const [key] = await this.provider.unwrap([{ kek, wrapped: box.subarray(2, end) }]);
    const decipher = createDecipheriv('aes-256-gcm', key!, box.subarray(end, end + NONCE), { authTagLength: TAG });
    decipher.setAAD(Buffer.from(about));
    decipher.setAuthTag(box.subarray(box.length - TAG));
    return Buffer.concat([decipher.update(box.subarray(end + NONCE, box.length - TAG)), decipher.final()]);
  }

  sealJson(about: string, value: unknown): Promise<Box> {
    return this.seal(about, Buffer.from(JSON.stringify(value)));
  }

  /** As it was sealed: the caller knows what it put in. */
  async openJson<T>(about: string, box: Box): Promise<T> {
    return JSON.parse((await this.open(about, box)).toString()) as T;
  }
}

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyProvider } from './key-provider.js';

/** What the database keeps of something personal: useless without the key-encryption key it names. */
export interface Box {
  kek: string;
  box: Buffer;
}

/** Of the length of the wrapped key, with which a box begins. */
const LENGTH = 2;
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
    return { kek: wrapped!.kek, box: joined(wrapped!.wrapped, Buffer.concat([nonce, sealed])) };
  }

  /** @throws KeyEncryptionKeyMissing; Error when the box was made for something else, or altered */
  async open(about: string, { kek, box }: Box): Promise<Buffer> {
    const wrapped = wrappedIn(box);
    const end = LENGTH + wrapped.length;
    const [key] = await this.provider.unwrap([{ kek, wrapped }]);
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

/** The wrapped key that a box begins with. */
export const wrappedIn = (box: Buffer): Buffer => box.subarray(LENGTH, LENGTH + box.readUInt16BE(0));

/** The same box with its key wrapped by another key-encryption key. */
export const withWrapped = (box: Buffer, wrapped: Buffer): Buffer => joined(wrapped, box.subarray(LENGTH + wrappedIn(box).length));

function joined(wrapped: Buffer, rest: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH);
  length.writeUInt16BE(wrapped.length);
  return Buffer.concat([length, wrapped, rest]);
}

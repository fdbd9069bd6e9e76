import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import type { SealedPart } from '@attesta/events';
import { canonical, quote } from '@attesta/proof';
import { hmacSha256 } from './hmac.js';

/** What a sealed part is bound to. */
export interface SealContext {
  source: string;
  id: string;
  type: string;
  subject: string;
}

/** A data key in memory. `mac` derives the nonces. */
export interface DataKey {
  /** `<retention class>.<version>` */
  name: string;
  secret: Buffer;
  mac: Buffer;
}

export interface Sealed {
  part: SealedPart;
  ciphertext: Buffer;
}

const iv = Buffer.alloc(12);

/**
 * AES-256-GCM with a synthetic nonce, PRF(subject's own MAC key, AAD | plaintext): sealing the same event again gives the same bytes, so a
 * resubmission compares equal, and once the key is destroyed nothing is left that could confirm a guess.
 */
export function sealPart(key: DataKey, context: SealContext, personal: unknown): Sealed {
  const aad = aadOf(context);
  const plain = canonical(personal);
  iv.write(hmacSha256(key.mac, aad + plain), 0, 12, 'latin1');
  const cipher = createCipheriv('aes-256-gcm', key.secret, iv);
  cipher.setAAD(Buffer.from(aad));
  const body = cipher.update(plain, 'utf8');
  cipher.final();
  const ciphertext = Buffer.concat([body, cipher.getAuthTag()]);
  return {
    part: {
      subject: context.subject,
      key: key.name,
      alg: 'A256GCM',
      nonce: iv.toString('base64'),
      sha256: hash('sha256', ciphertext, 'base64'),
    },
    ciphertext,
  };
}

/** The personal values, or undefined when the ciphertext is not the one the entry commits to or does not open. */
export function openPart(key: DataKey, context: SealContext, part: SealedPart, ciphertext: Buffer): unknown {
  if (ciphertext.length < 16 || hash('sha256', ciphertext, 'base64') !== part.sha256) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.secret, Buffer.from(part.nonce, 'base64'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(aadOf(context)));
    decipher.setAuthTag(ciphertext.subarray(ciphertext.length - 16));
    const plain = Buffer.concat([decipher.update(ciphertext.subarray(0, -16)), decipher.final()]);
    return JSON.parse(plain.toString('utf8'));
  } catch {
    return undefined;
  }
}

const aadOf = ({ source, id, type, subject }: SealContext): string =>
  `["attesta.seal.v1",${quote(source)},${quote(id)},${quote(type)},${quote(subject)}]`;

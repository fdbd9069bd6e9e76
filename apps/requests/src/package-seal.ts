import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';

/** A package that could not be sealed or opened; neither token nor content is in the message. */
export class PackageSealError extends Error {
  override readonly name = 'PackageSealError';

  constructor(
    readonly why: 'bad-token' | 'not-opened',
    message: string,
  ) {
    super(message);
  }
}

const TOKEN_BYTES = 32;
const SALT_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + SALT_BYTES + NONCE_BYTES;
const VERSION = 1;
const INFO = 'attesta access package v1';

/**
 * Encrypts a package under the token of its one-time link (32 random bytes, base64url): AES-256-GCM under a key of HKDF-SHA256 (RFC 5869), so that
 * whoever has the database and not the link cannot open it. Form: version (1 byte), salt (32), nonce (12), ciphertext, tag (16).
 * @throws PackageSealError bad-token
 */
export function sealPackage(zip: Uint8Array, token: string): Buffer {
  const header = Buffer.concat([Buffer.of(VERSION), randomBytes(SALT_BYTES + NONCE_BYTES)]);
  const cipher = createCipheriv('aes-256-gcm', keyOf(token, header), nonceOf(header));
  cipher.setAAD(header);
  return Buffer.concat([header, cipher.update(zip), cipher.final(), cipher.getAuthTag()]);
}

/**
 * The package a token opens.
 * @throws PackageSealError bad-token; not-opened when the token is another one's, or a byte was altered: the two cannot be told apart
 */
export function openPackage(sealed: Uint8Array, token: string): Buffer {
  const header = Buffer.from(sealed.subarray(0, HEADER_BYTES));
  const key = keyOf(token, header);
  if (sealed.length < HEADER_BYTES + TAG_BYTES || header[0] !== VERSION) throw notOpened();
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(header), { authTagLength: TAG_BYTES });
  decipher.setAAD(header);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const opened = decipher.update(sealed.subarray(HEADER_BYTES, sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([opened, decipher.final()]);
  } catch {
    throw notOpened();
  }
}

/** SHA-256 (hex) of a token as it stands in the link: what a package is looked up by. Any text has one; only a real token's is ever found. */
export const tokenDigest = (token: string): string => hash('sha256', token, 'hex');

const nonceOf = (header: Buffer): Buffer => header.subarray(1 + SALT_BYTES, HEADER_BYTES);

function keyOf(token: string, header: Buffer): Buffer {
  const secret = Buffer.from(token, 'base64url');
  // One spelling only: base64url decoding forgives others, and each would have another digest.
  if (secret.length !== TOKEN_BYTES || secret.toString('base64url') !== token)
    throw new PackageSealError('bad-token', 'The token is not 32 bytes in base64url; pass the last part of the link unchanged.');
  return Buffer.from(hkdfSync('sha256', secret, header.subarray(1, 1 + SALT_BYTES), INFO, 32));
}

const notOpened = (): PackageSealError =>
  new PackageSealError('not-opened', 'The package does not open: the token is not its own, or its bytes were altered. Make it anew.');

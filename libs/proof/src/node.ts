import crypto, { type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import type { Primitives } from './primitives.js';
import { formatVerifierKey } from './note.js';

export { httpLog, type HttpLogOptions } from './http-log.js';

const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * One-shot hashing is several times faster than a hash object, and a string result faster than a buffer. Node 18 has only the object.
 * The bytes are copied by hand because small typed arrays cost less than slices of a buffer pool.
 */
const sha256: Primitives['sha256'] =
  typeof crypto.hash === 'function'
    ? (data) => {
        const digest = crypto.hash('sha256', data, 'binary');
        const bytes = new Uint8Array(32);
        for (let i = 0; i < 32; i++) bytes[i] = digest.charCodeAt(i);
        return bytes;
      }
    : (data) => new Uint8Array(crypto.createHash('sha256').update(data).digest());

/** Node's own cryptography. */
export const nodePrimitives: Primitives = {
  sha256,
  verifyEd25519(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    try {
      return crypto.verify(null, message, { key: Buffer.concat([SPKI_ED25519, publicKey]), format: 'der', type: 'spki' }, signature);
    } catch {
      return false;
    }
  },
};

/** A log's signing key: keep `privateKeyPem` (PKCS #8) secret, publish `verifierKey`. */
export interface LogKey {
  privateKeyPem: string;
  /** Raw Ed25519 public key, 32 bytes. */
  publicKey: Uint8Array;
  verifierKey: string;
}

/** Makes a new Ed25519 key for a log of this name (its origin). */
export function generateLogKey(name: string): LogKey {
  const { privateKey } = crypto.generateKeyPairSync('ed25519');
  const publicKey = publicKeyOf(privateKey);
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey,
    verifierKey: formatVerifierKey(name, publicKey),
  };
}

/** Raw public key (32 bytes) of an Ed25519 private key. Throws TypeError on a key of another kind. */
export function publicKeyOf(privateKey: string | KeyObject): Uint8Array {
  const key = privateKeyObject(privateKey);
  const spki = crypto.createPublicKey(key.export({ type: 'pkcs8', format: 'pem' })).export({ type: 'spki', format: 'der' });
  return new Uint8Array(spki.subarray(-32));
}

/** Ed25519 signature (64 bytes) of the message. Pass a KeyObject when signing often: a PEM text is parsed at each call. */
export function signEd25519(privateKey: string | KeyObject, message: Uint8Array): Uint8Array {
  return crypto.sign(null, message, privateKeyObject(privateKey));
}

/** The key object of a PKCS #8 PEM text. Throws TypeError unless it is an Ed25519 private key. */
export function privateKeyObject(privateKey: string | KeyObject): KeyObject {
  const key = typeof privateKey === 'string' ? crypto.createPrivateKey(privateKey) : privateKey;
  if (key.type !== 'private' || key.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 private key');
  return key;
}

/** The one-file checker to put into an evidence bundle as verify.mjs: UTF-8 text of a program for Node 18 or later. */
export function verifierProgram(): string {
  return fs.readFileSync(new URL('../generated/verify.mjs', import.meta.url), 'utf8');
}

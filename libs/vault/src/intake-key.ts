import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomFillSync,
} from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { canonical } from '@attesta/proof';
import { LRUCache } from 'lru-cache';

/**
 * Personal parts on their way to the ledger: compact JWE (RFC 7516), ECDH-ES over X25519 with A256GCM. The protected header names the
 * event the part belongs to, so that it cannot be moved to another one. A sender keeps its ephemeral key for a while: the ledger then
 * derives the content key once and not per event.
 */
export interface IntakeContext {
  source: string;
  id: string;
  /** The subject as the event names it: ref or id. */
  subject: string;
}

export interface IntakePublicKey extends JsonWebKey {
  kty: 'OKP';
  crv: 'X25519';
  x: string;
  kid: string;
}

/** Why a part could not be opened; never says what is in it. */
export class IntakeKeyError extends Error {}

const CONTEXT = 'att_event';

export class PersonalEncryptor {
  private key: Buffer | undefined;
  private epk: JsonWebKey | undefined;
  private left = 0;

  constructor(private readonly ledger: IntakePublicKey) {}

  /** @returns compact JWE of the personal part */
  encrypt(personal: unknown, context: IntakeContext): string {
    if (this.left-- <= 0 || !this.key) this.renew();
    const header = encode(
      canonical({ alg: 'ECDH-ES', enc: 'A256GCM', epk: this.epk, kid: this.ledger.kid, [CONTEXT]: contextDigest(context) }),
    );
    const iv = randomFillSync(Buffer.allocUnsafe(12));
    const cipher = createCipheriv('aes-256-gcm', this.key!, iv);
    cipher.setAAD(Buffer.from(header));
    const body = Buffer.concat([cipher.update(canonical(personal), 'utf8'), cipher.final()]);
    return `${header}..${iv.toString('base64url')}.${body.toString('base64url')}.${cipher.getAuthTag().toString('base64url')}`;
  }

  private renew(): void {
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    const theirs = createPublicKey({ key: { ...this.ledger }, format: 'jwk' });
    this.key = contentKey(diffieHellman({ privateKey, publicKey: theirs }));
    const { kty, crv, x } = publicKey.export({ format: 'jwk' });
    this.epk = { kty, crv, x } as JsonWebKey;
    this.left = 10_000;
  }
}

/** The ledger's side: a private key, and earlier ones while events under them may still be on their way. */
export class IntakeKey {
  private keys = new Map<string, KeyObject>();
  private readonly contentKeys = new LRUCache<string, Buffer>({ max: 10_000 });
  private newest!: IntakePublicKey;

  /**
   * @param privateJwks newest first
   * @param changed the keys as they are now, where that is not what was given last; asked before a key is announced, and when an unknown one is named
   */
  constructor(
    privateJwks: readonly JsonWebKey[],
    private readonly changed: () => readonly JsonWebKey[] | undefined = () => undefined,
  ) {
    this.take(privateJwks);
  }

  /** What publishers encrypt to from now on. */
  get publicKey(): IntakePublicKey {
    this.refresh();
    return this.newest;
  }

  private take(privateJwks: readonly JsonWebKey[]): void {
    const [newest] = privateJwks;
    if (!newest) throw new TypeError('an intake key is needed');
    this.keys = new Map(privateJwks.map((jwk) => [String(jwk.kid), createPrivateKey({ key: jwk, format: 'jwk' })]));
    this.newest = { kty: 'OKP', crv: 'X25519', x: String(newest.x), kid: String(newest.kid) };
  }

  private refresh(): void {
    const fresh = this.changed();
    if (!fresh) return;
    this.take(fresh);
    this.contentKeys.clear();
  }

  static generate(): JsonWebKey {
    const jwk = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
    return { ...jwk, kid: createHash('sha256').update(String(jwk.x)).digest('base64url').slice(0, 16), use: 'enc', alg: 'ECDH-ES' };
  }

  /** @throws IntakeKeyError */
  decrypt(jwe: string, context: IntakeContext): unknown {
    const [header, encryptedKey, iv, body, tag, more] = jwe.split('.');
    if (!header || encryptedKey !== '' || !iv || body === undefined || !tag || more !== undefined)
      throw new IntakeKeyError('not a compact JWE with ECDH-ES');
    const { alg, enc, kid, epk, crit, zip, ...rest } = parseHeader(header);
    if (alg !== 'ECDH-ES' || enc !== 'A256GCM' || crit !== undefined || zip !== undefined)
      throw new IntakeKeyError('the JWE must use ECDH-ES with A256GCM');
    if (rest[CONTEXT] !== contextDigest(context)) throw new IntakeKeyError('the JWE was made for another event');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.contentKeyFor(String(kid), epk), Buffer.from(iv, 'base64url'), {
        authTagLength: 16,
      });
      decipher.setAAD(Buffer.from(header));
      decipher.setAuthTag(Buffer.from(tag, 'base64url'));
      return JSON.parse(Buffer.concat([decipher.update(body, 'base64url'), decipher.final()]).toString('utf8'));
    } catch (error) {
      if (error instanceof IntakeKeyError) throw error;
      throw new IntakeKeyError('the JWE does not open with the intake key');
    }
  }

  private contentKeyFor(kid: string, epk: unknown): Buffer {
    if (!this.keys.has(kid)) this.refresh(); // another replica may have announced it first
    const key = this.keys.get(kid);
    if (!key) throw new IntakeKeyError('the JWE names an intake key that this ledger does not have; fetch the current one');
    const { kty, crv, x } = (epk ?? {}) as Record<string, unknown>;
    if (kty !== 'OKP' || crv !== 'X25519' || typeof x !== 'string') throw new IntakeKeyError('the JWE needs an X25519 epk');
    const known = this.contentKeys.get(`${kid}.${x}`);
    if (known) return known;
    const made = contentKey(diffieHellman({ privateKey: key, publicKey: createPublicKey({ key: { kty, crv, x }, format: 'jwk' }) }));
    this.contentKeys.set(`${kid}.${x}`, made);
    return made;
  }
}

/** The event a part belongs to, as the protected header's `att_event`. */
export const contextDigest = ({ source, id, subject }: IntakeContext): string =>
  createHash('sha256')
    .update(canonical([source, id, subject]))
    .digest('base64url');

function parseHeader(header: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new IntakeKeyError('the JWE header is not JSON');
}

/** RFC 7518 section 4.6.2 with empty PartyUInfo and PartyVInfo, one round for 256 bits. */
function contentKey(secret: Buffer): Buffer {
  const algorithm = Buffer.from('A256GCM');
  const lengthPrefixed = Buffer.concat([uint32(algorithm.length), algorithm]);
  return createHash('sha256')
    .update(Buffer.concat([uint32(1), secret, lengthPrefixed, uint32(0), uint32(0), uint32(256)]))
    .digest();
}

const uint32 = (n: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(n);
  return bytes;
};
const encode = (text: string): string => Buffer.from(text).toString('base64url');

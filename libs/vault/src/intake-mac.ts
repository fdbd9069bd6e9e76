import { createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { coversSource } from '@attesta/events';
import { LRUCache } from 'lru-cache';
import { hmacSha256 } from './hmac.js';

/**
 * Who speaks over Kafka: a record of the intake topic carries an HMAC-SHA-256 under a key of the source prefix it is published for. The ledger
 * derives that key (HKDF, RFC 5869) from a secret of its own, so that it keeps no list of publishers; a publisher is given the keys of the
 * prefixes in its token. In the header, parted by dots: 1, the secret's kid, the prefix and the MAC (both base64url).
 */
export interface IntakeMacKeys {
  /** Of the secret they were derived from. */
  kid: string;
  /** `key` is base64url. */
  keys: { prefix: string; key: string }[];
}

/** What is authenticated of a record: its attributes, encoded without ambiguity, and its value. */
export interface Authenticated {
  attributes: string;
  value: Uint8Array;
}

/** A secret of the ledger; `secret` is 32 bytes in base64url. */
export interface MacSecret {
  kid: string;
  secret: string;
}

/** Why a MAC does not let a record in. */
export type MacFault = 'missing' | 'unreadable' | 'other-source' | 'unknown-secret' | 'wrong';

const VERSION = '1';
/** A key is derived once and remembered; whoever sends made-up prefixes pushes out no more than this. */
const MOST_KEYS = 10_000;

/** A publisher's side. */
export class IntakeMacSigner {
  private readonly keys: { prefix: string; key: Buffer; start: string }[];

  constructor({ kid, keys }: IntakeMacKeys) {
    this.keys = keys.map(({ prefix, key }) => ({
      prefix,
      key: Buffer.from(key, 'base64url'),
      start: `${VERSION}.${kid}.${Buffer.from(prefix).toString('base64url')}.`,
    }));
  }

  /** The header's value; undefined when no prefix covers the source. */
  sign(source: string, record: Authenticated): string | undefined {
    const found = this.keys.find(({ prefix }) => coversSource(prefix, source));
    return found && found.start + macOf(found.key, record).toString('base64url');
  }
}

/** The ledger's side: a secret, and earlier ones while publishers still use keys derived from them. */
export class IntakeMac {
  private readonly secrets: Map<string, Buffer>;
  private readonly newest: string;
  private readonly derived = new LRUCache<string, Buffer>({ max: MOST_KEYS });

  /** @param secrets newest first */
  constructor(secrets: readonly MacSecret[]) {
    const [newest] = secrets;
    if (!newest) throw new TypeError('a secret of the intake MACs is needed');
    this.secrets = new Map(secrets.map(({ kid, secret }) => [kid, Buffer.from(secret, 'base64url')]));
    if ([...this.secrets.values()].some(({ length }) => length < 32)) throw new TypeError('a secret of the intake MACs has 32 bytes');
    this.newest = newest.kid;
  }

  static generate(): MacSecret {
    const secret = randomBytes(32);
    return { kid: createHash('sha256').update(secret).digest('base64url').slice(0, 16), secret: secret.toString('base64url') };
  }

  /** What a publisher with these prefixes in its token signs with. */
  keysFor(prefixes: readonly string[]): IntakeMacKeys {
    const keys = prefixes.map((prefix) => ({ prefix, key: this.key(this.newest, prefix)!.toString('base64url') }));
    return { kid: this.newest, keys };
  }

  /** Undefined where whoever sent the record holds a key that covers its source. */
  fault(header: string | undefined, source: string, record: Authenticated): MacFault | undefined {
    if (header === undefined) return 'missing';
    const [version, kid, encoded, mac, more] = header.split('.');
    if (version !== VERSION || !kid || !encoded || !mac || more !== undefined) return 'unreadable';
    const prefix = Buffer.from(encoded, 'base64url').toString('utf8');
    if (!coversSource(prefix, source)) return 'other-source';
    const key = this.key(kid, prefix);
    if (!key) return 'unknown-secret';
    const given = Buffer.from(mac, 'base64url');
    const expected = macOf(key, record);
    return given.length === expected.length && timingSafeEqual(given, expected) ? undefined : 'wrong';
  }

  private key(kid: string, prefix: string): Buffer | undefined {
    const secret = this.secrets.get(kid);
    if (!secret) return undefined;
    const name = `${kid}\n${prefix}`;
    const known = this.derived.get(name);
    if (known) return known;
    const key = Buffer.from(hkdfSync('sha256', secret, '', Buffer.from(`attesta intake mac 1\n${prefix}`), 32));
    this.derived.set(name, key);
    return key;
  }
}

const macOf = (key: Buffer, { attributes, value }: Authenticated): Buffer => Buffer.from(hmacSha256(key, attributes, value), 'latin1');

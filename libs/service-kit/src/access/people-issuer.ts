import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { createLocalJWKSet, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import type { CryptoKey, JWK, JWTVerifyGetKey } from 'jose';

export interface PeopleIssuerOptions {
  /** Directory of its keys, made when it is not there. */
  keys: string;
  /** Where people reach the service: the issuer is `/people` under it. */
  publicUrl: string;
  audience: string;
}

export interface PersonToken {
  /** Names the session in logs; nobody's name, and of no use beyond. */
  sub: string;
  /** Subject id or ref. */
  subject: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Seconds; short, for such a token cannot be called back. */
export const PERSON_TOKEN_S = 1_800;
const FILE = 'people-keys.json';

/**
 * The issuer of tokens for data subjects without an account. The first key of its file signs; all are published, so that a key can be replaced by
 * putting a new one before it, and taking the old one out half an hour later.
 */
export class PeopleIssuer {
  readonly issuer: string;
  /** For services in the same process. */
  readonly verifierKeys: JWTVerifyGetKey;

  private constructor(
    private readonly options: PeopleIssuerOptions,
    private readonly signingKey: CryptoKey | Uint8Array,
    private readonly kid: string,
    private readonly published: JWK[],
  ) {
    this.issuer = `${options.publicUrl.replace(/\/$/, '')}/people`;
    this.verifierKeys = createLocalJWKSet({ keys: published });
  }

  static async open(options: PeopleIssuerOptions): Promise<PeopleIssuer> {
    const keys = await keptKeys(options.keys);
    const [first] = keys;
    if (first?.kid === undefined) throw new Error(`${FILE} in ${options.keys} holds no key with a kid: take it away, and one is made.`);
    return new PeopleIssuer(options, await importJWK(first, 'ES256'), first.kid, keys.map(publicPart));
  }

  /** What OpenID Connect Discovery 1.0 has of a verifier's interest. */
  get discovery() {
    return {
      issuer: this.issuer,
      jwks_uri: `${this.issuer}/jwks`,
      response_types_supported: [],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    };
  }

  get jwks(): { keys: JWK[] } {
    return { keys: this.published };
  }

  sign({ sub, subject, now }: PersonToken): Promise<string> {
    const issuedAt = Math.floor(now / 1_000);
    return new SignJWT({ roles: ['subject'], subject })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: this.kid })
      .setIssuer(this.issuer)
      .setAudience(this.options.audience)
      .setSubject(sub)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + PERSON_TOKEN_S)
      .setJti(randomBytes(16).toString('hex'))
      .sign(this.signingKey);
  }
}

/** As the file has them; made first where there is none. Of two processes that make it at once, the first wins. */
async function keptKeys(directory: string): Promise<JWK[]> {
  const file = path.join(directory, FILE);
  const read = async () => JSON.parse(await fs.readFile(file, 'utf8')) as JWK[];
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await fs.mkdir(directory, { recursive: true });
  const written = `${file}.${randomBytes(6).toString('hex')}`;
  await fs.writeFile(written, `${JSON.stringify([await newKey()], null, 2)}\n`, { mode: 0o600 });
  // A link, unlike a rename, does not replace what another process put there meanwhile.
  await fs.link(written, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await fs.unlink(written);
  return read();
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: randomBytes(8).toString('hex') };
}

const publicPart = ({ d: _secret, ...key }: JWK): JWK => key;

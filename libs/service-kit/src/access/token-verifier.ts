import { createHash } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { Problem } from '../problems/problem.js';
import { actorOf } from './actor.js';
import { ROLES } from './principal.js';
import type { Principal, Role } from './principal.js';

export interface TokenVerifierOptions {
  /** Exact `iss` of accepted tokens; its discovery document is fetched on first use. */
  issuer: string;
  /** Required in `aud`. */
  audience: string;
  /** Key resolver used instead of discovery and remote JWKS (embedded issuer, tests). */
  keys?: JWTVerifyGetKey;
  /** Milliseconds since the epoch. */
  now?: () => number;
  fetch?: typeof fetch;
  /** Keys the pseudonym of a caller whose `sub` is a personal value; the same in every service. */
  actorPepper?: string | undefined;
  /** How many verified tokens are remembered. */
  cacheSize?: number;
}

/** Asymmetric only: a shared-secret algorithm would let the public key sign (RFC 8725 section 2.1). */
const ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519', 'RS256'];
const CLOCK_TOLERANCE_S = 30;
const DISCOVERY_COOLDOWN_MS = 5_000;
const DISCOVERY_TTL_MS = 10 * 60_000;
const MAX_TOKEN_LENGTH = 8_192;
const HOW_TO_GET_A_TOKEN =
  'Get a new token from the issuer (`attesta token --role <role>` for the embedded one) and send it as `Authorization: Bearer <token>`.';

interface Verified {
  principal: Principal;
  /** Milliseconds since the epoch after which the token is worthless. */
  until: number;
}

/**
 * Turns a bearer token into a principal. A verified token is remembered by its SHA-256 until it expires, so that
 * the signature is paid for once and not on each request; revocation before expiry is therefore not seen.
 */
export class TokenVerifier {
  private readonly verified = new Map<string, Verified>();
  private readonly now: () => number;
  private readonly cacheSize: number;
  private keys: JWTVerifyGetKey | undefined;
  private keysUntil = Infinity;
  private discovering: Promise<JWTVerifyGetKey> | undefined;
  private discoveryFailedAt = -Infinity;

  constructor(private readonly options: TokenVerifierOptions) {
    this.now = options.now ?? Date.now;
    this.cacheSize = options.cacheSize ?? 10_000;
    this.keys = options.keys;
  }

  /** @throws Problem 401 for anything wrong with the token, 503 when the issuer's keys cannot be had. */
  async verify(token: string): Promise<Principal> {
    if (token.length > MAX_TOKEN_LENGTH) throw refuse('The token is longer than any this service issues or accepts.');
    const digest = createHash('sha256').update(token).digest('base64');
    const known = this.verified.get(digest);
    if (known) {
      if (known.until > this.now()) return known.principal;
      this.verified.delete(digest);
    }
    this.screen(token);
    const payload = await this.check(token);
    const principal = principalOf(payload, this.options);
    this.remember(digest, { principal, until: ((payload.exp as number) + CLOCK_TOLERANCE_S) * 1000 });
    return principal;
  }

  /** Refuses on the unverified claims what no key could make valid, so that garbage never reaches the issuer. */
  private screen(token: string): void {
    let alg: unknown;
    let claims: JWTPayload;
    try {
      alg = decodeProtectedHeader(token).alg;
      claims = decodeJwt(token);
    } catch {
      throw refuse('The token is not a signed JWT.');
    }
    if (typeof alg !== 'string' || !ALGORITHMS.includes(alg)) throw refuse('The token is not signed with ES256, EdDSA or RS256.');
    if (claims.iss !== this.options.issuer) throw refuse('The token comes from another issuer than the one this service trusts.');
  }

  private async check(token: string): Promise<JWTPayload> {
    const keys = await this.currentKeys();
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: this.options.issuer,
        audience: this.options.audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(this.now()),
        requiredClaims: ['exp', 'sub'],
      });
      return payload;
    } catch (error) {
      throw problemOf(error);
    }
  }

  private async currentKeys(): Promise<JWTVerifyGetKey> {
    if (this.keys && this.keysUntil > this.now()) return this.keys;
    if (this.now() - this.discoveryFailedAt < DISCOVERY_COOLDOWN_MS) return this.keys ?? issuerUnavailable();
    this.discovering ??= this.discover().finally(() => (this.discovering = undefined));
    try {
      return await this.discovering;
    } catch {
      this.discoveryFailedAt = this.now();
      // Keys that worked a moment ago are better than refusing everybody while the issuer restarts.
      return this.keys ?? issuerUnavailable();
    }
  }

  private async discover(): Promise<JWTVerifyGetKey> {
    const url = `${this.options.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await (this.options.fetch ?? fetch)(url, { signal: AbortSignal.timeout(5_000), redirect: 'error' });
    if (!response.ok) throw new Error('discovery answered with an error');
    const metadata = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
    // OpenID Connect Discovery section 4.3: the document must name the issuer it was asked of.
    if (metadata.issuer !== this.options.issuer || typeof metadata.jwks_uri !== 'string') throw new Error('discovery names another issuer');
    this.keys = createRemoteJWKSet(new URL(metadata.jwks_uri), {
      cooldownDuration: 30_000,
      cacheMaxAge: 10 * 60_000,
      timeoutDuration: 5_000,
    });
    this.keysUntil = this.now() + DISCOVERY_TTL_MS;
    return this.keys;
  }

  private remember(digest: string, entry: Verified): void {
    if (this.verified.size >= this.cacheSize) {
      const oldest = this.verified.keys().next();
      if (!oldest.done) this.verified.delete(oldest.value);
    }
    this.verified.set(digest, entry);
  }
}

function principalOf(payload: JWTPayload, { issuer, actorPepper }: TokenVerifierOptions): Principal {
  const roles = strings(payload['roles']).filter((role): role is Role => (ROLES as readonly string[]).includes(role));
  const subject = payload['subject'];
  return {
    sub: actorOf(issuer, payload.sub as string, actorPepper),
    roles,
    sources: strings(payload['sources']).filter((source) => source.length > 0),
    ...(typeof subject === 'string' && subject.length > 0 && { subject }),
  };
}

const strings = (claim: unknown): string[] =>
  Array.isArray(claim) ? claim.filter((item): item is string => typeof item === 'string') : [];

const refuse = (detail: string): Problem => Problem.unauthorized(detail, HOW_TO_GET_A_TOKEN, 'invalid_token');

function issuerUnavailable(): never {
  throw Problem.unavailable(
    'The keys of the token issuer cannot be fetched.',
    'Try again shortly; operators: check AUTH_ISSUER and that it answers.',
    'issuer-unavailable',
  );
}

function problemOf(error: unknown): Problem {
  if (error instanceof errors.JWTExpired) return refuse('The token has expired.');
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return refuse('The token is meant for another audience.');
    if (error.claim === 'nbf') return refuse('The token is not valid yet.');
    return refuse('A claim of the token is missing or wrong.');
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return refuse('The signature of the token does not verify.');
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return refuse('The token is signed with a key the issuer does not publish.');
  }
  if (isIssuerFault(error)) issuerUnavailable();
  return refuse('The token cannot be verified.');
}

/** Not the caller's fault: the key set could not be fetched or read. jose reports bad answers as a plain JOSEError. */
function isIssuerFault(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  if (error instanceof errors.JOSEError) return error.constructor === errors.JOSEError;
  return error instanceof Error && (error.message === 'fetch failed' || error.name === 'TimeoutError');
}

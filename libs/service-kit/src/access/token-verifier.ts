import { createHash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { Problem } from '../problems/problem.js';
import { actorOf } from './actor.js';
import { IssuerKeys, issuerUnavailable } from './issuer-keys.js';
import { ROLES } from './principal.js';
import type { Principal, Role } from './principal.js';

export interface TokenVerifierOptions {
  /** Exact `iss` of accepted tokens; its discovery document is fetched on first use. */
  issuer: string;
  /** Required in `aud`. */
  audience: string;
  /** Key resolver used instead of discovery and remote JWKS (embedded issuer, tests). */
  keys?: JWTVerifyGetKey;
  /** A second issuer, whose tokens are those of data subjects who proved an address by a code: they open what `subject` opens, whatever they say. */
  peopleIssuer?: string | undefined;
  /** The same for that issuer. */
  peopleKeys?: JWTVerifyGetKey | undefined;
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
  private readonly issuers: ReadonlyMap<string, IssuerKeys>;

  /** @throws Error when one issuer is named for both: its tokens would say more than they may */
  constructor(private readonly options: TokenVerifierOptions) {
    const { issuer, keys, peopleIssuer, peopleKeys, fetch, now = Date.now } = options;
    if (peopleIssuer === issuer) throw new Error('AUTH_PEOPLE_ISSUER is AUTH_ISSUER: name the issuer of data subjects, or leave it out.');
    this.now = now;
    this.cacheSize = options.cacheSize ?? 10_000;
    const trusted = [new IssuerKeys({ issuer, keys, fetch, now })];
    if (peopleIssuer !== undefined) trusted.push(new IssuerKeys({ issuer: peopleIssuer, keys: peopleKeys, fetch, now }));
    this.issuers = new Map(trusted.map((one) => [one.issuer, one]));
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
    const payload = await this.check(token, this.screen(token));
    const principal = principalOf(payload, this.options);
    this.remember(digest, { principal, until: ((payload.exp as number) + CLOCK_TOLERANCE_S) * 1000 });
    return principal;
  }

  /**
   * Refuses on the unverified claims what no key could make valid, so that garbage never reaches an issuer.
   * @returns the issuer that it says it is from
   */
  private screen(token: string): IssuerKeys {
    let alg: unknown;
    let claims: JWTPayload;
    try {
      alg = decodeProtectedHeader(token).alg;
      claims = decodeJwt(token);
    } catch {
      throw refuse('The token is not a signed JWT.');
    }
    if (typeof alg !== 'string' || !ALGORITHMS.includes(alg)) throw refuse('The token is not signed with ES256, EdDSA or RS256.');
    const issuer = this.issuers.get(claims.iss ?? '');
    if (!issuer) throw refuse('The token comes from another issuer than the one this service trusts.');
    return issuer;
  }

  private async check(token: string, issuer: IssuerKeys): Promise<JWTPayload> {
    const keys = await issuer.current();
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: issuer.issuer,
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

  private remember(digest: string, entry: Verified): void {
    if (this.verified.size >= this.cacheSize) {
      const oldest = this.verified.keys().next();
      if (!oldest.done) this.verified.delete(oldest.value);
    }
    this.verified.set(digest, entry);
  }
}

function principalOf(payload: JWTPayload, { issuer, actorPepper }: TokenVerifierOptions): Principal {
  const isPerson = payload.iss !== issuer;
  const subject = payload['subject'];
  const sub = actorOf(payload.iss!, payload.sub as string, actorPepper);
  const named = typeof subject === 'string' && subject.length > 0 && { subject };
  if (isPerson) return { sub, roles: ['subject'], sources: [], ...named, provedBy: 'email-code' };
  const roles = strings(payload['roles']).filter((role): role is Role => (ROLES as readonly string[]).includes(role));
  return { sub, roles, sources: strings(payload['sources']).filter((source) => source.length > 0), ...named };
}

const strings = (claim: unknown): string[] =>
  Array.isArray(claim) ? claim.filter((item): item is string => typeof item === 'string') : [];

const refuse = (detail: string): Problem => Problem.unauthorized(detail, HOW_TO_GET_A_TOKEN, 'invalid_token');

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

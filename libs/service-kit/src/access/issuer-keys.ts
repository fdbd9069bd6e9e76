import { createRemoteJWKSet } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { Problem } from '../problems/problem.js';

const DISCOVERY_COOLDOWN_MS = 5_000;
const DISCOVERY_TTL_MS = 10 * 60_000;

export interface IssuerKeysOptions {
  /** Exact `iss`; its discovery document is fetched on first use. */
  issuer: string;
  /** Used instead of discovery and remote JWKS (embedded issuers, tests). */
  keys?: JWTVerifyGetKey | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
  fetch?: typeof fetch | undefined;
}

/** The keys of one issuer, fetched when they are needed and kept for a while. */
export class IssuerKeys {
  private keys: JWTVerifyGetKey | undefined;
  private keysUntil = Infinity;
  private discovering: Promise<JWTVerifyGetKey> | undefined;
  private discoveryFailedAt = -Infinity;

  constructor(private readonly options: IssuerKeysOptions) {
    this.keys = options.keys;
  }

  get issuer(): string {
    return this.options.issuer;
  }

  /** @throws Problem 503 when they cannot be had */
  async current(): Promise<JWTVerifyGetKey> {
    const now = this.options.now();
    if (this.keys && this.keysUntil > now) return this.keys;
    if (now - this.discoveryFailedAt < DISCOVERY_COOLDOWN_MS) return this.keys ?? issuerUnavailable();
    this.discovering ??= this.discover().finally(() => (this.discovering = undefined));
    try {
      return await this.discovering;
    } catch {
      this.discoveryFailedAt = this.options.now();
      // Keys that worked a moment ago are better than refusing everybody while the issuer restarts.
      return this.keys ?? issuerUnavailable();
    }
  }

  private async discover(): Promise<JWTVerifyGetKey> {
    const url = `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await (this.options.fetch ?? fetch)(url, { signal: AbortSignal.timeout(5_000), redirect: 'error' });
    if (!response.ok) throw new Error('discovery answered with an error');
    const metadata = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
    // OpenID Connect Discovery section 4.3: the document must name the issuer it was asked of.
    if (metadata.issuer !== this.issuer || typeof metadata.jwks_uri !== 'string') throw new Error('discovery names another issuer');
    this.keys = createRemoteJWKSet(new URL(metadata.jwks_uri), {
      cooldownDuration: 30_000,
      cacheMaxAge: 10 * 60_000,
      timeoutDuration: 5_000,
    });
    this.keysUntil = this.options.now() + DISCOVERY_TTL_MS;
    return this.keys;
  }
}

export function issuerUnavailable(): never {
  throw Problem.unavailable(
    'The keys of the token issuer cannot be fetched.',
    'Try again shortly; operators: check AUTH_ISSUER and AUTH_PEOPLE_ISSUER, and that they answer.',
    'issuer-unavailable',
  );
}

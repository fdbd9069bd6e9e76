import { AttestaError } from './errors.js';
import type { TokenSource } from './http-transport.js';

export interface ClientCredentialsOptions {
  /** OpenID Connect issuer; its discovery document names the token endpoint. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  audience?: string;
  scope?: string;
  fetch?: typeof fetch;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** A token is renewed when this much of its life is left, so that it does not expire on its way. */
const RENEW_MS = 60_000;
const TIMEOUT_MS = 10_000;

/** Access tokens by the OAuth 2.0 client credentials grant (RFC 6749 section 4.4). One token serves all callers until it is about to expire. */
export function clientCredentials(options: ClientCredentialsOptions): TokenSource {
  const now = options.now ?? Date.now;
  let endpoint: string | undefined;
  let current: { token: string; until: number } | undefined;
  let pending: Promise<string> | undefined;

  const renew = async (): Promise<string> => {
    endpoint ??= await tokenEndpoint(options);
    const { token, seconds } = await requestToken(endpoint, options);
    const life = seconds * 1000;
    current = { token, until: now() + life - Math.min(RENEW_MS, life / 2) };
    return token;
  };
  return () => {
    if (current && now() < current.until) return current.token;
    pending ??= renew().finally(() => (pending = undefined));
    return pending;
  };
}

async function tokenEndpoint(options: ClientCredentialsOptions): Promise<string> {
  const metadata = await getJson(options, `${options.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  // OpenID Connect Discovery section 4.3; without it any answering host could have the secret.
  if (metadata['issuer'] !== options.issuer || typeof metadata['token_endpoint'] !== 'string') {
    throw new AttestaError(
      'The discovery document names another issuer, or no token endpoint; give the issuer exactly as it names itself.',
    );
  }
  return metadata['token_endpoint'];
}

async function requestToken(endpoint: string, options: ClientCredentialsOptions): Promise<{ token: string; seconds: number }> {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (options.audience !== undefined) form.set('audience', options.audience);
  if (options.scope !== undefined) form.set('scope', options.scope);
  // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
  const credentials = btoa(`${formEncode(options.clientId)}:${formEncode(options.clientSecret)}`);
  const answer = await getJson(options, endpoint, { method: 'POST', headers: { Authorization: `Basic ${credentials}` }, body: form });
  if (typeof answer['access_token'] !== 'string') throw new AttestaError('The token endpoint answered without an access token.');
  return { token: answer['access_token'], seconds: typeof answer['expires_in'] === 'number' ? answer['expires_in'] : 300 };
}

async function getJson(options: ClientCredentialsOptions, url: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  let response: Response;
  try {
    response = await (options.fetch ?? fetch)(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new AttestaError('The token issuer cannot be reached.', { cause });
  }
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok) {
    const reason = typeof body['error'] === 'string' ? ` (${body['error']})` : '';
    throw new AttestaError(`The token issuer refused with status ${response.status}${reason}; check client id and secret.`, {
      status: response.status,
    });
  }
  return body;
}

const formEncode = (text: string): string => new URLSearchParams({ v: text }).toString().slice(2);

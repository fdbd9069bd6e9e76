import http from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet } from 'jose';
import type { JWK, JWTVerifyGetKey } from 'jose';
import type { ClientCredentials } from 'oidc-provider';
import { openIssuerHome, readIssuerHome } from './issuer-home.js';
import type { IssuerHome, LocalAccount, LocalClient, WantedHome } from './issuer-home.js';
import { LoginAttempts } from './login-attempts.js';
import { LOGIN_PATH, loginHandler } from './login-handler.js';
import { createProvider, homePage, resourceServer } from './provider.js';
import type { SubjectOverrides } from './provider.js';

export interface LocalIssuerOptions extends WantedHome {
  /** Data directory; keys, secrets and passwords are kept in its `oidc` folder. */
  home: string;
  /** URL under which the handler will answer, such as `http://localhost:4000/oidc`. */
  issuer: string;
  /** Milliseconds since the epoch, for how long wrong passwords slow down. */
  now?: () => number;
}

export interface IssueOptions {
  /** Overrides the client's `subject` claim. */
  subject?: string;
}

export interface LocalIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly clients: readonly LocalClient[];
  readonly accounts: readonly LocalAccount[];
  /** Public keys, for verifying without going through HTTP. */
  readonly keys: JWTVerifyGetKey;
  /** Every endpoint, and the login page; mount it at the path of the issuer URL. */
  readonly handler: RequestListener;
  /** A token as the token endpoint would give, without a request. @throws Error for an unknown client */
  issueToken(client: string, options?: IssueOptions): Promise<string>;
  /** Stands alone on a port; the issuer URL must name it. */
  listen(port: number, host?: string): Promise<{ port: number; close(): Promise<void> }>;
}

/**
 * A real OpenID Connect issuer for the embedded run, for development and for tests: client credentials, or a person's password and an authorization
 * code, in; signed JWT access tokens (RFC 9068) out. Logins do not outlive the process.
 */
export async function startIssuer(options: LocalIssuerOptions): Promise<LocalIssuer> {
  return issuerOf(await openIssuerHome(options.home, options), options.now);
}

/** A token from the issuer that ran (or runs) in this data directory. Needs read access to its private key, and no running process. */
export async function issueToken(home: string | LocalIssuer, client: string, options: IssueOptions = {}): Promise<string> {
  const issuer = typeof home === 'string' ? await issuerOf(readIssuerHome(home)) : home;
  return issuer.issueToken(client, options);
}

async function issuerOf(home: IssuerHome, now?: () => number): Promise<LocalIssuer> {
  const subjects: SubjectOverrides = new WeakMap();
  const provider = await createProvider(home, subjects);
  const protocol = provider.callback() as RequestListener;
  const login = loginHandler({
    provider,
    attempts: new LoginAttempts(home.accounts, now),
    origin: new URL(home.issuer).origin,
    home: homePage(home),
  });
  const handler: RequestListener = (request, response) => void (request.url?.startsWith(LOGIN_PATH) ? login : protocol)(request, response);
  return {
    issuer: home.issuer,
    audience: home.audience,
    clients: home.clients,
    accounts: home.accounts,
    keys: createLocalJWKSet({ keys: home.keys.map(publicPart) }),
    handler,
    issueToken: async (id, { subject } = {}) => {
      const client = await provider.Client.find(id);
      if (!client) throw new Error(`no client named ${id}; there are: ${home.clients.map((one) => one.id).join(', ')}`);
      const token: ClientCredentials = new provider.ClientCredentials({ client, resourceServer: resourceServer(provider, home.audience) });
      if (subject !== undefined) subjects.set(token, subject);
      return token.save();
    },
    listen: async (port, host = '127.0.0.1') => {
      const server = http.createServer(underPath(new URL(home.issuer).pathname, handler));
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
      return {
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      };
    },
  };
}

const publicPart = ({ d: _secret, ...key }: JWK): JWK => key;

/** As Express does for mounted handlers: the provider finds its own prefix by comparing `url` with `originalUrl`. */
const underPath =
  (prefix: string, handler: RequestListener): RequestListener =>
  (request, response) => {
    const base = prefix.replace(/\/$/, '');
    const url = request.url ?? '/';
    if (base !== '' && !url.startsWith(`${base}/`)) {
      response.writeHead(404).end();
      return;
    }
    Object.assign(request, { originalUrl: url, baseUrl: base, url: url.slice(base.length) || '/' });
    handler(request, response);
  };

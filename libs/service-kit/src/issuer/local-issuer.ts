import http from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { createLocalJWKSet } from 'jose';
import type { JWK, JWTVerifyGetKey } from 'jose';
import type { ClientCredentials, Provider, ResourceServer } from 'oidc-provider';
import { openIssuerHome, readIssuerHome } from './issuer-home.js';
import type { ClientDefinition, IssuerHome, LocalClient } from './issuer-home.js';

export interface LocalIssuerOptions {
  /** Data directory; keys and secrets are kept in its `oidc` folder. */
  home: string;
  /** URL under which the handler will answer, such as `http://localhost:4000/oidc`. */
  issuer: string;
  audience: string;
  clients: ClientDefinition[];
}

export interface IssueOptions {
  /** Overrides the client's `subject` claim. */
  subject?: string;
}

export interface LocalIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly clients: readonly LocalClient[];
  /** Public keys, for verifying without going through HTTP. */
  readonly keys: JWTVerifyGetKey;
  /** Discovery, JWKS and token endpoint; mount it at the path of the issuer URL. */
  readonly handler: RequestListener;
  /** A token as the token endpoint would give, without a request. @throws Error for an unknown client */
  issueToken(client: string, options?: IssueOptions): Promise<string>;
  /** Stands alone on a port; the issuer URL must name it. */
  listen(port: number, host?: string): Promise<{ port: number; close(): Promise<void> }>;
}

const TOKEN_LIFETIME_S = 3_600;
type SubjectOverrides = WeakMap<object, string>;

/** A real OpenID Connect issuer for the embedded run and for tests: client credentials in, signed JWT access tokens (RFC 9068) out. */
export async function startIssuer(options: LocalIssuerOptions): Promise<LocalIssuer> {
  return issuerOf(await openIssuerHome(options.home, options));
}

/** A token from the issuer that ran (or runs) in this data directory. Needs read access to its private key, and no running process. */
export async function issueToken(home: string | LocalIssuer, client: string, options: IssueOptions = {}): Promise<string> {
  const issuer = typeof home === 'string' ? await issuerOf(readIssuerHome(home)) : home;
  return issuer.issueToken(client, options);
}

async function issuerOf(home: IssuerHome): Promise<LocalIssuer> {
  const clients = new Map(home.clients.map((client) => [client.id, client]));
  const subjects: SubjectOverrides = new WeakMap();
  const provider = await createProvider(home, clients, subjects);
  const handler = provider.callback() as RequestListener;
  return {
    issuer: home.issuer,
    audience: home.audience,
    clients: home.clients,
    keys: createLocalJWKSet({ keys: home.keys.map(publicPart) }),
    handler,
    issueToken: async (id, { subject } = {}) => {
      const client = await provider.Client.find(id);
      if (!client) throw new Error(`no client named ${id}; there are: ${[...clients.keys()].join(', ')}`);
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

async function createProvider(home: IssuerHome, clients: Map<string, LocalClient>, subjects: SubjectOverrides): Promise<Provider> {
  const { Provider } = await importQuietly();
  const provider = new Provider(home.issuer, {
    // Tokens are self-contained and clients static: the little that is stored (nothing, in this grant) need not outlive the process.
    adapter: NoStore,
    clients: home.clients.map(({ id, secret }) => ({
      client_id: id,
      client_secret: secret,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'client_secret_basic',
    })),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    jwks: { keys: home.keys as never },
    cookies: { keys: [home.keys[0]?.d ?? ''] },
    ttl: { ClientCredentials: TOKEN_LIFETIME_S },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resourceOf(home.audience),
        getResourceServerInfo: () => resourceInfo(home.audience),
      },
    },
    // Browsers are not served here; errors of the authorization endpoint are JSON as all others.
    renderError: (context, out) => {
      context.type = 'application/json';
      context.body = out;
    },
    extraTokenClaims: (_context, token) => {
      const client = 'clientId' in token && typeof token.clientId === 'string' ? clients.get(token.clientId) : undefined;
      const subject = subjects.get(token) ?? client?.subject;
      return { roles: client?.roles ?? [], sources: client?.sources ?? [], ...(subject !== undefined && { subject }) };
    },
  });
  provider.silent = true;
  const logger = new Logger('issuer');
  provider.on('server_error', (_context, error) => logger.error('the local issuer failed', { error }));
  return provider;
}

/** RFC 8707 wants an absolute URI where our audience may be a plain word. */
const resourceOf = (audience: string): string => (URL.canParse(audience) ? audience : `urn:attesta:${encodeURIComponent(audience)}`);

const resourceInfo = (audience: string): ResourceServer => ({
  scope: '',
  audience,
  accessTokenTTL: TOKEN_LIFETIME_S,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'ES256' } },
});

/** The published types leave out the class that the provider's own token endpoint uses. */
function resourceServer(provider: Provider, audience: string) {
  const { ResourceServer } = provider as unknown as {
    ResourceServer: new (id: string, info: ResourceServer) => ResourceServer & { identifier(): string };
  };
  return new ResourceServer(resourceOf(audience), resourceInfo(audience)) as never;
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

/** oidc-provider writes a notice about Node 20 to standard error when it is loaded; it works there, and the tests hold it to that. */
async function importQuietly(): Promise<typeof import('oidc-provider')> {
  /* eslint-disable no-console -- the notice goes there and nowhere else */
  const { warn } = console;
  console.warn = () => undefined;
  try {
    return await import('oidc-provider');
  } finally {
    console.warn = warn;
  }
  /* eslint-enable no-console */
}

class NoStore {
  async upsert(): Promise<void> {}
  async find(): Promise<undefined> {}
  async findByUserCode(): Promise<undefined> {}
  async findByUid(): Promise<undefined> {}
  async consume(): Promise<void> {}
  async destroy(): Promise<void> {}
  async revokeByGrantId(): Promise<void> {}
}

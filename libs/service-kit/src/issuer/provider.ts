import { Logger } from '@nestjs/common';
import type { AccessToken, ClientCredentials, Configuration, Grant, KoaContextWithOIDC, Provider, ResourceServer } from 'oidc-provider';
import type { IssuerHome } from './issuer-home.js';
import { LOGIN_PATH } from './login-handler.js';
import { failedPage, logoutPage, PAGE_HEADERS, signedOutPage } from './login-pages.js';
import { languageOf } from './login-words.js';
import { memoryAdapter } from './memory-adapter.js';

const CLIENT_TOKEN_S = 3_600;
/** Short, for a browser renews it with its refresh token, and cannot once it signed out. */
const BROWSER_TOKEN_S = 900;
/** A working day; then the password is asked for again. */
const LOGIN_S = 8 * 3_600;
const TYPING_S = 600;
const CODE_S = 60;
const SCOPE = 'openid offline_access';

/** Who a token is for beyond its client's own `subject`. */
export type SubjectOverrides = WeakMap<object, string>;

/** @param home what the issuer remembers between runs; logins it forgets when the process ends */
export async function createProvider(home: IssuerHome, subjects: SubjectOverrides): Promise<Provider> {
  const { Provider, interactionPolicy } = await importQuietly();
  const prompts = interactionPolicy.base();
  // The applications are our own: nobody is asked whether they may know who signed in.
  prompts.remove('consent');
  const provider: Provider = new Provider(home.issuer, {
    adapter: memoryAdapter(),
    clients: [...machines(home), ...browsers(home)],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    responseTypes: ['code'],
    scopes: SCOPE.split(' '),
    claims: { openid: ['sub', 'name', 'roles'] },
    // There is no userinfo endpoint: what the application shows of the person is in the ID token.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    jwks: { keys: home.keys as never },
    cookies: { keys: [home.keys[0]?.d ?? ''] },
    ttl: {
      ClientCredentials: CLIENT_TOKEN_S,
      AccessToken: BROWSER_TOKEN_S,
      AuthorizationCode: CODE_S,
      IdToken: BROWSER_TOKEN_S,
      RefreshToken: LOGIN_S,
      Session: LOGIN_S,
      Grant: LOGIN_S,
      Interaction: TYPING_S,
    },
    features: featuresOf(home),
    interactions: { policy: prompts, url: (_context, { uid }) => `${pathOf(home.issuer)}${LOGIN_PATH}${uid}` },
    findAccount: (_context, id) => accountOf(home, id),
    loadExistingGrant: (context) => grantOf(provider, home, context),
    // A refresh token lives as long as the login it came from, and is used once.
    issueRefreshToken: (_context, client) => Promise.resolve(client.grantTypeAllowed('refresh_token')),
    expiresWithSession: () => true,
    rotateRefreshToken: true,
    clientBasedCORS: (_context, origin) => origin === new URL(home.issuer).origin,
    renderError: (context, { error, error_description: description }) =>
      show(context, failedPage(languageFor(context), description ?? error, homePage(home))),
    extraTokenClaims: (_context, token) => claimsOf(home, subjects, token),
  });
  provider.silent = true;
  const logger = new Logger('issuer');
  provider.on('server_error', (_context, error) => logger.error('the local issuer failed', { error }));
  return provider;
}

const machines = ({ clients }: IssuerHome) =>
  clients.map(({ id, secret }) => ({
    client_id: id,
    client_secret: secret,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'client_secret_basic' as const,
  }));

const browsers = ({ browserClients }: IssuerHome) =>
  browserClients.map(({ id, redirectUris, postLogoutRedirectUris }) => ({
    client_id: id,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code' as const],
    redirect_uris: redirectUris,
    post_logout_redirect_uris: postLogoutRedirectUris,
    token_endpoint_auth_method: 'none' as const,
    scope: SCOPE,
  }));

const featuresOf = (home: IssuerHome): Configuration['features'] => ({
  devInteractions: { enabled: false },
  userinfo: { enabled: false },
  clientCredentials: { enabled: true },
  rpInitiatedLogout: {
    enabled: true,
    logoutSource: (context, form) => show(context, logoutPage(languageFor(context), form, homePage(home))),
    postLogoutSuccessSource: (context) => show(context, signedOutPage(languageFor(context), homePage(home))),
  },
  resourceIndicators: {
    enabled: true,
    defaultResource: () => resourceOf(home.audience),
    useGrantedResource: () => true,
    getResourceServerInfo: (_context, _resource, { clientAuthMethod }) =>
      resourceInfo(home.audience, clientAuthMethod === 'none' ? BROWSER_TOKEN_S : CLIENT_TOKEN_S),
  },
});

/** Where an application begins anew. */
export const homePage = ({ browserClients }: IssuerHome): string | undefined => browserClients[0]?.postLogoutRedirectUris[0];

const pathOf = (issuer: string): string => new URL(issuer).pathname.replace(/\/$/, '');

function accountOf({ accounts }: IssuerHome, id: string) {
  const account = accounts.find((one) => one.id === id);
  return account && { accountId: id, claims: () => ({ sub: id, name: account.name, roles: account.roles }) };
}

/** Everything an application of our own asks for is granted by the login itself. */
async function grantOf(provider: Provider, { audience }: IssuerHome, { oidc }: KoaContextWithOIDC): Promise<Grant> {
  const clientId = oidc.client!.clientId;
  const known = oidc.session!.grantIdFor(clientId);
  const found = known === undefined ? undefined : await provider.Grant.find(known);
  if (found && found.accountId === oidc.session!.accountId) return found;
  const grant = new provider.Grant({ clientId, accountId: oidc.session!.accountId! });
  grant.addOIDCScope(SCOPE);
  grant.addResourceScope(resourceOf(audience), '');
  await grant.save();
  return grant;
}

/** Roles by the account that signed in, or else by the client. */
function claimsOf({ clients, accounts }: IssuerHome, subjects: SubjectOverrides, token: AccessToken | ClientCredentials) {
  if ('accountId' in token) return { roles: accounts.find(({ id }) => id === token.accountId)?.roles ?? [], sources: [] };
  const client = clients.find(({ id }) => id === token.clientId);
  const subject = subjects.get(token) ?? client?.subject;
  return { roles: client?.roles ?? [], sources: client?.sources ?? [], ...(subject !== undefined && { subject }) };
}

const languageFor = ({ oidc, headers }: KoaContextWithOIDC) => languageOf(oidc.params?.['ui_locales'], headers['accept-language']);

function show(context: KoaContextWithOIDC, html: string): void {
  context.set(PAGE_HEADERS);
  context.body = html;
}

/** RFC 8707 wants an absolute URI where our audience may be a plain word. */
const resourceOf = (audience: string): string => (URL.canParse(audience) ? audience : `urn:attesta:${encodeURIComponent(audience)}`);

const resourceInfo = (audience: string, lifetimeS: number): ResourceServer => ({
  scope: '',
  audience,
  accessTokenTTL: lifetimeS,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'ES256' } },
});

/** The published types leave out the class that the provider's own token endpoint uses. */
export function resourceServer(provider: Provider, audience: string) {
  const { ResourceServer } = provider as unknown as {
    ResourceServer: new (id: string, info: ResourceServer) => ResourceServer & { identifier(): string };
  };
  return new ResourceServer(resourceOf(audience), resourceInfo(audience, CLIENT_TOKEN_S)) as never;
}

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

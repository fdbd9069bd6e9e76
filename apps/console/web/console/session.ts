import { UserManager, WebStorageStateStore, type User } from 'oidc-client-ts';
import { createContext, use } from 'react';

export const ROLES = ['dpo', 'auditor', 'operator'] as const;
export type Role = (typeof ROLES)[number];

export interface Settings {
  issuer: string;
  clientId: string;
  /** C2SP verifier key line to check proofs with; null: the first that the log gives is kept. */
  logKey: string | null;
}

export interface Session {
  name: string;
  /** Pseudonym: the actor of what is done in this session. */
  sub: string;
  roles: Role[];
  settings: Settings;
  token: () => string | undefined;
  leave: () => Promise<void>;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('There is no session around this component');
  return session;
}

export const holds = ({ roles }: Session, ...wanted: Role[]): boolean => wanted.some((role) => roles.includes(role));

const CALLBACK = '/console/callback';
const HOME = '/console/';

/**
 * Whoever is logged in, after the issuer has said so (OpenID Connect, code flow with PKCE); goes to the issuer and never resolves where nobody is.
 * The token is kept for this tab alone.
 */
export async function openSession(): Promise<Session> {
  const settings = (await (await fetch('/console/settings.json', { cache: 'no-store' })).json()) as Settings;
  const manager = managerOf(settings);
  const user = location.pathname === CALLBACK ? await returned(manager) : await manager.getUser();
  if (!user || user.expired) return login(manager);
  let current = user;
  manager.events.addUserLoaded((renewed) => {
    current = renewed;
  });
  manager.events.addAccessTokenExpired(() => void login(manager));
  return {
    ...whoIs(user),
    settings,
    token: () => current.access_token,
    leave: async () => {
      await manager.signoutRedirect();
    },
  };
}

const managerOf = ({ issuer, clientId }: Settings): UserManager =>
  new UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: location.origin + CALLBACK,
    post_logout_redirect_uri: location.origin + HOME,
    response_type: 'code',
    scope: 'openid offline_access',
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: true,
    extraQueryParams: { ui_locales: document.documentElement.lang },
  });

async function returned(manager: UserManager): Promise<User | null> {
  const user = await manager.signinCallback();
  const { at } = (user?.state ?? {}) as { at?: string };
  history.replaceState(null, '', at?.startsWith(HOME) ? at : HOME);
  return user ?? null;
}

async function login(manager: UserManager): Promise<never> {
  const at = location.pathname === CALLBACK ? HOME : location.pathname + location.search;
  await manager.signinRedirect({ state: { at } });
  return new Promise<never>(() => undefined);
}

/** Goes to the issuer again, as when a token is no longer accepted. */
export async function loginAgain(settings: Settings): Promise<void> {
  const manager = managerOf(settings);
  await manager.removeUser();
  await login(manager);
}

/** For showing only: every service checks the token itself. */
function whoIs({ access_token, profile }: User): Pick<Session, 'name' | 'sub' | 'roles'> {
  const claims = JSON.parse(atob(access_token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/'))) as {
    sub: string;
    roles?: string[];
  };
  const { sub } = claims;
  return { name: profile.preferred_username ?? profile.sub, sub, roles: ROLES.filter((role) => claims.roles?.includes(role)) };
}

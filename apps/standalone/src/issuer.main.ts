import { AuthConfig, HomeConfig, HttpConfig, loadConfigs } from '@attesta/service-kit';
import { startIssuer } from '@attesta/service-kit/issuer';
import { consoleClient, LOCAL_ACCOUNTS, LOCAL_CLIENTS } from './clients.js';

/** The local issuer by itself, for docker compose. Its keys, client secrets and passwords are in ATTESTA_HOME. */
const [http, auth, { home }] = loadConfigs([HttpConfig, AuthConfig, HomeConfig]);
const issuer = await startIssuer({
  home,
  issuer: auth.issuer,
  audience: auth.audience,
  clients: LOCAL_CLIENTS,
  accounts: LOCAL_ACCOUNTS,
  browserClients: [consoleClient(new URL(auth.issuer).origin)],
});
await issuer.listen(http.port, http.host);

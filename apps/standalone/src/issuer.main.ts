import { AuthConfig, HttpConfig, loadConfigs } from '@attesta/service-kit';
import { startIssuer } from '@attesta/service-kit/issuer';
import { LOCAL_CLIENTS } from './clients.js';

/** The local issuer by itself, for docker compose. Its keys and client secrets are in ATTESTA_HOME. */
const [http, auth] = loadConfigs([HttpConfig, AuthConfig]);
const issuer = await startIssuer({
  home: process.env.ATTESTA_HOME ?? '.attesta',
  issuer: auth.issuer,
  audience: auth.audience,
  clients: LOCAL_CLIENTS,
});
await issuer.listen(http.port, http.host);

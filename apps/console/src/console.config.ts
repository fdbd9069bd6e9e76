import { EnvVariable } from '@attesta/service-kit/configuration';
import { Length } from 'class-validator';

/** What the pages need besides HttpConfig and AuthConfig. */
export class ConsoleConfig {
  @EnvVariable({
    name: 'CONSOLE_CLIENT_ID',
    default: 'attesta-console',
    about: 'The public OpenID Connect client as which the console lets officers log in at AUTH_ISSUER: code flow with PKCE, no secret.',
  })
  @Length(1, 200)
  clientId!: string;

  @EnvVariable({
    name: 'CONSOLE_LOG_KEY',
    optional: true,
    about: "The ledger's verifier key line that browsers check proofs with; without it each browser keeps the first one it was given.",
  })
  logKey?: string;
}

import type { Command } from 'commander';
import { decodeJwt } from 'jose';
import { DEFAULT_HOME, homeOf, localToken, needToken, ROLE_NAMES } from './credentials.js';
import { Failure } from './failure.js';
import { example, withJson, type AccessOptions, type Cli } from './options.js';

type TokenOptions = AccessOptions & { subject?: string; json?: true };

export function addToken(program: Command, cli: Cli): void {
  const command = program
    .command('token')
    .description('Print an access token: of the local system, or of any OpenID Connect issuer by client credentials')
    .option('--role <role>', `${ROLE_NAMES.join(', ')}: a token of the local system for it`)
    .option('--client <id>', 'client of the local system, such as storefront')
    .option('--subject <id>', 'subject id or ref that a token of the role subject is for')
    .option('--home <directory>', `data directory of the local system (environment: ATTESTA_HOME; else ${DEFAULT_HOME})`)
    .option('--issuer <url>', 'issuer to ask by client credentials instead')
    .option('--client-id <id>', 'client id at that issuer')
    .option('--client-secret <secret>', 'its secret; better in the environment as ATTESTA_CLIENT_SECRET');
  withJson(command);
  example(command, 'attesta token --role auditor --home .attesta').action((options: TokenOptions) => printToken(options, cli));
}

async function printToken(options: TokenOptions, { screen, terminal }: Cli): Promise<void> {
  const token = await tokenSource(options, { screen, terminal })();
  if (!options.json) {
    screen.print(token);
    return;
  }
  const { sub, roles, sources, exp } = decoded(token);
  screen.json({ token, client: sub, roles, sources, ...(typeof exp === 'number' && { expiresAt: new Date(exp * 1000).toISOString() }) });
}

function tokenSource(options: TokenOptions, { terminal }: Pick<Cli, 'screen' | 'terminal'>) {
  const { role, client, subject, issuer } = options;
  if (issuer !== undefined) return needToken(options, terminal, { role: 'auditor', url: issuer });
  if (role === undefined && client === undefined) {
    throw new Failure('whose token?', `Name a role with --role (${ROLE_NAMES.join(', ')}), a client with --client, or an --issuer.`);
  }
  return localToken(homeOf(options, terminal), { role, client, ...(subject !== undefined && { subject }) });
}

/** A token of another issuer may be opaque: then there is nothing to tell. */
function decoded(token: string): Record<string, unknown> {
  try {
    return decodeJwt(token);
  } catch {
    return {};
  }
}

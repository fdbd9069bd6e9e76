import fs from 'node:fs';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { clientCredentials, type TokenSource } from '@attesta/sdk';
import { codeOf, Failure } from './failure.js';
import type { AccessOptions } from './options.js';
import type { Terminal } from './terminal.js';

export const ROLE_NAMES = ['publisher', 'subject', 'dpo', 'auditor', 'operator'];
export const DEFAULT_HOME = '.attesta';
const RENEW_BEFORE_MS = 300_000;

/**
 * How to get the caller's token: the one given, client credentials, or the local issuer. The local issuer is asked without being named only
 * for a server on this machine, so that a token of this system never goes to another by accident. Undefined when there is no way to one.
 */
export function findToken(options: AccessOptions, terminal: Terminal, fallback: { role: string; url: string }): TokenSource | undefined {
  if (options.token) return () => options.token as string;
  if (options.issuer) return credentialsOf({ ...options, clientSecret: options.clientSecret ?? terminal.env['ATTESTA_CLIENT_SECRET'] });
  const named = options.role !== undefined || options.client !== undefined || options.home !== undefined;
  const fromEnvironment = terminal.env['ATTESTA_TOKEN'];
  if (!named && fromEnvironment) return () => fromEnvironment;
  const home = homeOf(options, terminal);
  if (!named && !(isLocal(fallback.url) && fs.existsSync(path.join(home, 'oidc', 'issuer.json')))) return undefined;
  return localToken(home, { role: options.role ?? (options.client === undefined ? fallback.role : undefined), client: options.client });
}

/** As findToken, where nothing works without one. */
export function needToken(options: AccessOptions, terminal: Terminal, fallback: { role: string; url: string }): TokenSource {
  const source = findToken(options, terminal, fallback);
  if (source) return source;
  throw new Failure(
    'no access token',
    `Give one with --token (or ATTESTA_TOKEN), take one of the local system with --role ${fallback.role} --home <directory>, or name --issuer, --client-id and --client-secret.`,
  );
}

export function homeOf(options: { home?: string }, terminal: Terminal): string {
  return path.resolve(terminal.cwd, options.home ?? (terminal.env['ATTESTA_HOME'] || DEFAULT_HOME));
}

function credentialsOf({
  issuer,
  clientId,
  clientSecret,
}: {
  issuer?: string;
  clientId?: string;
  clientSecret?: string | undefined;
}): TokenSource {
  if (!issuer || !clientId || !clientSecret) {
    throw new Failure(
      'client credentials need --issuer, --client-id and --client-secret',
      'Give all three; the secret may come in ATTESTA_CLIENT_SECRET.',
    );
  }
  return clientCredentials({ issuer, clientId, clientSecret });
}

/** Tokens of the issuer that runs, or ran, in `home`; made anew before they expire. */
export function localToken(home: string, who: { role?: string | undefined; client?: string | undefined; subject?: string }): TokenSource {
  if (who.role !== undefined && !ROLE_NAMES.includes(who.role)) {
    throw new Failure(`there is no role named so`, `The roles are ${ROLE_NAMES.join(', ')}.`);
  }
  let current: { token: string; until: number } | undefined;
  return async () => {
    if (current && Date.now() < current.until) return current.token;
    const token = await issue(home, who);
    current = { token, until: (decodeJwt(token).exp ?? 0) * 1000 - RENEW_BEFORE_MS };
    return token;
  };
}

async function issue(home: string, { role, client, subject }: Parameters<typeof localToken>[1]): Promise<string> {
  // Loaded only here: the issuer brings a whole OpenID Connect provider along.
  const { issueToken } = await import('@attesta/service-kit/issuer');
  const { clients } = await readLocalIssuer(home);
  const chosen =
    client === undefined
      ? (clients.find(({ id }) => id === role) ?? clients.find(({ roles }) => roles.some((one) => one === role)))
      : clients.find(({ id }) => id === client);
  const known = `The clients there are: ${clients.map(({ id, roles }) => `${id} (${roles.join(', ')})`).join('; ')}.`;
  if (!chosen)
    throw new Failure(client === undefined ? `no client of ${home} has the role ${role}` : `${home} knows no such client`, known);
  if (role !== undefined && !chosen.roles.some((one) => one === role))
    throw new Failure(`the client does not have the role ${role}`, known);
  return issueToken(home, chosen.id, subject === undefined ? {} : { subject });
}

/** What the issuer that runs, or ran, in `home` knows. @throws Failure when there is none, or its files are not for this user */
export async function readLocalIssuer(home: string) {
  const { readIssuerHome } = await import('@attesta/service-kit/issuer');
  try {
    return readIssuerHome(home);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EACCES' || code === 'EPERM') {
      throw new Failure(`the issuer's files in ${home} cannot be read`, 'Run this as the user the system runs as.', { cause: error });
    }
    throw new Failure(
      `no local issuer has run in ${home}`,
      'Start the system once with npm start, or name its data directory with --home.',
      {
        cause: error,
      },
    );
  }
}

export function isLocal(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

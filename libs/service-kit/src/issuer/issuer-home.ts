import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'jose';
import type { Role } from '../access/principal.js';

/** Somebody who may get tokens by client credentials; becomes the token's `sub`, `roles` and `sources`. */
export interface ClientDefinition {
  id: string;
  roles: Role[];
  /** CloudEvents source prefixes, such as `//storefront.example/`. */
  sources?: string[];
  /** Subject id or ref, for role `subject`. */
  subject?: string;
}

export interface LocalClient extends ClientDefinition {
  secret: string;
}

/** What the issuer remembers between runs, in `<home>/oidc`, readable by its owner only. */
export interface IssuerHome {
  issuer: string;
  audience: string;
  clients: LocalClient[];
  /** Private signing keys; the first signs. */
  keys: JWK[];
}

const STATE = 'issuer.json';
const KEYS = 'signing-keys.json';
/** A file per client with its secret, for services that read theirs from a file. */
const SECRETS = 'secrets';
const SAFE_ID = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * Opens the home, creating what is missing: an ES256 key and a secret for each client are made once and kept. The
 * definitions given now decide about roles and sources; clients no longer defined are forgotten.
 */
export async function openIssuerHome(
  home: string,
  wanted: { issuer: string; audience: string; clients: ClientDefinition[] },
): Promise<IssuerHome> {
  const directory = path.join(home, 'oidc');
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const keys = read<JWK[]>(directory, KEYS) ?? write(directory, KEYS, [await newSigningKey()]);
  const known = new Map(readIssuerState(directory)?.clients.map((client) => [client.id, client.secret]));
  const clients = wanted.clients.map((definition) => {
    if (!SAFE_ID.test(definition.id))
      throw new Error(`a client id is lower-case letters, digits and hyphens, not ${JSON.stringify(definition.id)}`);
    return { ...definition, secret: known.get(definition.id) ?? randomBytes(32).toString('base64url') };
  });
  const state = { issuer: wanted.issuer, audience: wanted.audience, clients };
  write(directory, STATE, state);
  const secrets = path.join(directory, SECRETS);
  fs.mkdirSync(secrets, { recursive: true, mode: 0o700 });
  for (const { id, secret } of clients) writeText(secrets, id, secret);
  return { ...state, keys };
}

/** The home as an earlier run left it. @throws Error when there is none */
export function readIssuerHome(home: string): IssuerHome {
  const directory = path.join(home, 'oidc');
  const state = readIssuerState(directory);
  const keys = read<JWK[]>(directory, KEYS);
  if (!state || !keys) throw new Error(`no local issuer has run in ${home}; start the system once, or name its data directory`);
  return { ...state, keys };
}

const readIssuerState = (directory: string) => read<Omit<IssuerHome, 'keys'>>(directory, STATE);

function read<T>(directory: string, name: string): T | undefined {
  try {
    return JSON.parse(fs.readFileSync(path.join(directory, name), 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all: a reader never sees half a file, and the mode holds from the first byte. */
function write<T>(directory: string, name: string, value: T): T {
  writeText(directory, name, `${JSON.stringify(value, null, 2)}\n`);
  return value;
}

function writeText(directory: string, name: string, text: string): void {
  const temporary = path.join(directory, `.${name}.${process.pid}`);
  fs.rmSync(temporary, { force: true });
  fs.writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
  fs.renameSync(temporary, path.join(directory, name));
}

async function newSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: randomBytes(8).toString('hex') };
}

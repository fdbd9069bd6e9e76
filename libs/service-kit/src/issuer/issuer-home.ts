import { randomBytes, randomInt } from 'node:crypto';
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

/** Somebody who signs in with a password, through a browser; becomes the token's `sub` and `roles`. */
export interface AccountDefinition {
  id: string;
  /** Shown to whoever signed in. */
  name: string;
  roles: Role[];
}

export interface LocalAccount extends AccountDefinition {
  password: string;
}

/** An application in the browser: a public client (RFC 6749 section 2.1), which keeps no secret and proves itself by PKCE. */
export interface BrowserClient {
  id: string;
  /** Exact URLs. */
  redirectUris: string[];
  postLogoutRedirectUris: string[];
}

/** What the issuer remembers between runs, in `<home>/oidc`, readable by its owner only. */
export interface IssuerHome {
  issuer: string;
  audience: string;
  clients: LocalClient[];
  accounts: LocalAccount[];
  browserClients: BrowserClient[];
  /** Private signing keys; the first signs. */
  keys: JWK[];
}

type IssuerState = Omit<IssuerHome, 'keys'>;

const STATE = 'issuer.json';
const KEYS = 'signing-keys.json';
/** A file per client with its secret, for services that read theirs from a file. */
const SECRETS = 'secrets';
const PASSWORD_ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const SAFE_ID = /^[a-z][a-z0-9-]{0,63}$/;

export interface WantedHome {
  issuer: string;
  audience: string;
  clients: ClientDefinition[];
  accounts?: AccountDefinition[];
  browserClients?: BrowserClient[];
}

/**
 * Opens the home, creating what is missing: an ES256 key, a secret for each client and a password for each account are made once and kept. The
 * definitions given now decide about roles and sources; clients and accounts no longer defined are forgotten.
 */
export async function openIssuerHome(home: string, wanted: WantedHome): Promise<IssuerHome> {
  const directory = path.join(home, 'oidc');
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const keys = read<JWK[]>(directory, KEYS) ?? write(directory, KEYS, [await newSigningKey()]);
  const before = readIssuerState(directory);
  const secretsBefore = new Map(before?.clients.map(({ id, secret }) => [id, secret]));
  const passwordsBefore = new Map(before?.accounts.map(({ id, password }) => [id, password]));
  const { issuer, audience, browserClients = [] } = wanted;
  const clients = wanted.clients.map((definition) => ({
    ...definition,
    secret: secretsBefore.get(safeId(definition)) ?? randomBytes(32).toString('base64url'),
  }));
  const accounts = (wanted.accounts ?? []).map((definition) => ({
    ...definition,
    password: passwordsBefore.get(safeId(definition)) ?? newPassword(),
  }));
  const state = { issuer, audience, clients, accounts, browserClients };
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

/** A home of before people could sign in has no accounts. */
function readIssuerState(directory: string): IssuerState | undefined {
  const state = read<IssuerState>(directory, STATE);
  return state && { ...state, accounts: state.accounts ?? [], browserClients: state.browserClients ?? [] };
}

function safeId({ id }: { id: string }): string {
  if (!SAFE_ID.test(id)) throw new Error(`an id is lower-case letters, digits and hyphens, not ${JSON.stringify(id)}`);
  return id;
}

/** Twenty letters and digits, four at a time; none that looks like another. 98 bits, typed by a person now and then. */
function newPassword(): string {
  const characters = Array.from({ length: 20 }, () => PASSWORD_ALPHABET[randomInt(PASSWORD_ALPHABET.length)]!).join('');
  return characters.match(/.{4}/g)!.join('-');
}

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

import { randomBytes, type JsonWebKey } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { generateLogKey } from '@attesta/proof/node';
import { IntakeKey, IntakeMac, LocalKeyring, type KeyProvider, type MacSecret } from '@attesta/vault';
import { LogKeys } from './log-keys.js';

/** Everything the ledger must keep secret. */
export interface LedgerSecrets {
  /** Sign checkpoints. */
  logKeys: LogKeys;
  /** HMAC key of subject refs; the SDK over Kafka needs the same. */
  pepper: Buffer;
  intakeKey: IntakeKey;
  /** Tells over Kafka who may speak for a source. */
  intakeMac: IntakeMac;
  keyProvider: KeyProvider;
}

/** Where key-encryption keys are. */
export interface KeyEncryption {
  /** @param keyring file of the keys directory */
  open(keyring: string): Promise<KeyProvider>;
  /** Nothing goes on without the keyring file. */
  needsKeyring: boolean;
}

const LOCAL: KeyEncryption = { open: (keyring) => LocalKeyring.open(keyring), needsKeyring: true };

/** The keys directory lacks files while the log already holds entries: new keys would break it for ever. */
export class SecretsMissing extends Error {}

/** Those that a log cannot go on without. Secrets of MACs are made at any time: publishers fetch what follows from them. */
const FILES = ['log-key.pem', 'pepper', 'intake-keys.json', 'keyring.json'] as const;
const MAC_FILE = 'intake-mac-secrets.json';

/**
 * Reads the ledger's keys from `directory`, making them where the log is still empty.
 * @throws SecretsMissing
 */
export async function loadSecrets(directory: string, origin: string, logIsEmpty: boolean, keys = LOCAL): Promise<LedgerSecrets> {
  await fs.mkdir(directory, { recursive: true, mode: 0o700 });
  const present = new Set(await fs.readdir(directory));
  const missing = FILES.filter((file) => !present.has(file) && (file !== 'keyring.json' || keys.needsKeyring));
  if (missing.length > 0 && !logIsEmpty) {
    throw new SecretsMissing(
      `${directory} lacks ${missing.join(', ')}, and the log is not empty. Restore the keys this log was begun with; it cannot go on with others.`,
    );
  }
  const file = (name: (typeof FILES)[number] | typeof MAC_FILE) => path.join(directory, name);
  await readOrMake(file('log-key.pem'), () => generateLogKey(origin).privateKeyPem);
  const pepper = await readOrMake(file('pepper'), () => randomBytes(32).toString('base64'));
  const intake = await readOrMake(file('intake-keys.json'), () => JSON.stringify([IntakeKey.generate()]));
  const mac = await readOrMake(file(MAC_FILE), () => JSON.stringify([IntakeMac.generate()]));
  return {
    logKeys: new LogKeys(directory, origin),
    pepper: Buffer.from(pepper, 'base64'),
    intakeKey: new IntakeKey(JSON.parse(intake) as JsonWebKey[], changedJson<JsonWebKey[]>(file('intake-keys.json'))),
    intakeMac: new IntakeMac(JSON.parse(mac) as MacSecret[]),
    keyProvider: await keys.open(file('keyring.json')),
  };
}

/** Gives what a file holds each time it has changed. */
function changedJson<T>(file: string): () => T | undefined {
  const markOf = () => {
    const { ino, mtimeNs, size } = statSync(file, { bigint: true });
    return `${ino} ${mtimeNs} ${size}`;
  };
  let mark = markOf();
  return () => {
    const now = markOf();
    if (now === mark) return undefined;
    const value = JSON.parse(readFileSync(file, 'utf8')) as T;
    mark = now;
    return value;
  };
}

async function readOrMake(file: string, make: () => string): Promise<string> {
  try {
    await fs.writeFile(file, make(), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return fs.readFile(file, 'utf8');
}

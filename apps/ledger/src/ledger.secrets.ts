import { randomBytes, type JsonWebKey, type KeyObject } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { generateLogKey, privateKeyObject, publicKeyOf } from '@attesta/proof/node';
import { IntakeKey, IntakeMac, LocalKeyring, type KeyProvider, type MacSecret } from '@attesta/vault';

/** Everything the ledger must keep secret. */
export interface LedgerSecrets {
  /** Ed25519, signs checkpoints. */
  signingKey: KeyObject;
  publicKey: Uint8Array;
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
  const log = await readOrMake(file('log-key.pem'), () => generateLogKey(origin).privateKeyPem);
  const pepper = await readOrMake(file('pepper'), () => randomBytes(32).toString('base64'));
  const intake = await readOrMake(file('intake-keys.json'), () => JSON.stringify([IntakeKey.generate()]));
  const mac = await readOrMake(file(MAC_FILE), () => JSON.stringify([IntakeMac.generate()]));
  const signingKey = privateKeyObject(log);
  return {
    signingKey,
    publicKey: publicKeyOf(signingKey),
    pepper: Buffer.from(pepper, 'base64'),
    intakeKey: new IntakeKey(JSON.parse(intake) as JsonWebKey[]),
    intakeMac: new IntakeMac(JSON.parse(mac) as MacSecret[]),
    keyProvider: await keys.open(file('keyring.json')),
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

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { formatWitnessKey, parseVerifierKey, type VerifierKey } from '@attesta/proof';
import { privateKeyObject, publicKeyOf } from '@attesta/proof/node';

/** Makes a key where there is none yet, readable to its owner alone. @returns its verifier key line @throws when the file is there */
export function makeKey(file: string, name: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const line = formatWitnessKey(name, publicKeyOf(privateKey));
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx', flush: true });
  return line;
}

/** @throws when it cannot be read, or is no Ed25519 key */
export function readKey(file: string): KeyObject {
  return privateKeyObject(createPrivateKey(fs.readFileSync(file)));
}

/** The logs of a file of verifier key lines. @throws Error that names the line */
export function readLogs(file: string): VerifierKey[] {
  const logs = fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, i) => {
      if (line.trim() === '' || line.trim().startsWith('#')) return [];
      try {
        return [parseVerifierKey(line)];
      } catch (error) {
        throw new Error(`line ${i + 1} of ${file}: ${(error as Error).message}`, { cause: error });
      }
    });
  if (logs.length === 0) throw new Error(`${file} names no log: put in it what /log/key of a log gives, one line each`);
  return logs;
}

import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '@attesta/proof';
import { Failure } from './failure.js';
import { readFile } from './files.js';

export interface KeyOptions {
  key?: string;
  keyFile?: string;
}

/** The verifier key line the caller gave, if any. @throws Failure unless it is one */
export function givenKey({ key, keyFile }: KeyOptions, cwd: string): string | undefined {
  if (key !== undefined && keyFile !== undefined) throw new Failure('--key and --key-file are two keys', 'Give one of them.');
  if (key !== undefined) return formatted(readKeyLine(key, '--key'));
  if (keyFile === undefined) return undefined;
  return formatted(readKeyLine(readFile(cwd, keyFile, { what: 'the key file', maxBytes: 4096 }).toString('utf8'), keyFile));
}

/** @throws Failure */
export function readKeyLine(text: string, from: string): VerifierKey {
  try {
    return parseVerifierKey(text.trim());
  } catch (error) {
    throw new Failure(`${from} is no verifier key line`, 'It looks like example.org/log+0a1b2c3d+AQID...: what attesta log key prints.', {
      cause: error,
    });
  }
}

const formatted = ({ name, publicKey }: VerifierKey): string => formatVerifierKey(name, publicKey);

import { readFileSync } from 'node:fs';
import { parseWitnessPolicy, type WitnessPolicy } from '@attesta/proof';

/** @throws Error that names the file and what is wrong in it */
export function readWitnessPolicy(file: string): WitnessPolicy {
  try {
    return parseWitnessPolicy(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`The witness policy ${file} cannot be used: ${(cause as Error).message}`, { cause });
  }
}

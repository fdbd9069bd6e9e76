import fs from 'node:fs';
import { loadPolicy, type Policy } from '@attesta/policy';
import { parse } from 'yaml';

/** @throws Error naming the file; PolicyError when its contents are wrong */
export function readPolicy(file: string): Policy {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`The policy file ${file} cannot be read. Set ATTESTA_POLICY to a file such as policies/m-med.yaml.`, { cause });
  }
  return loadPolicy(parse(text));
}

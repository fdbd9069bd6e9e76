import fs from 'node:fs';
import { loadPolicy, type Policy, type PolicySource } from '@attesta/policy';
import { parse } from 'yaml';

/** @throws Error naming the file; PolicyError when its contents are wrong */
export const readPolicy = (file: string): Policy => loadPolicy(readPolicySource(file));

/** What a policy file says, unchecked but for its syntax: `loadPolicy` checks it. @throws Error naming the file */
export function readPolicySource(file: string): PolicySource {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`The policy file ${file} cannot be read. Set ATTESTA_POLICY to a file such as policies/m-med.yaml.`, { cause });
  }
  return parse(text) as PolicySource;
}

import type { Policy } from '@attesta/policy';
import { fileURLToPath } from 'node:url';
import { readPolicy } from '@attesta/service-kit';

/** For specs only: the policy of the real notice. */
export const policy: Policy = readPolicy(fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url)));

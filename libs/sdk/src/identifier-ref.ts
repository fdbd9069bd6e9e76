import { normalise, subjectRef } from '@attesta/vault/client';

/**
 * The ref of an identifier: the same for the same person wherever it is made with the same pepper, whatever the case of an e-mail address or the blanks
 * of a phone number.
 * @param pepper the deployment's, as the ledger keeps it in its keys directory
 * @returns undefined for a value that is none of its scheme
 */
export const identifierRef = (pepper: Uint8Array, scheme: string, value: string): string | undefined =>
  normalise(scheme, value).ok ? subjectRef(pepper, scheme, value) : undefined;

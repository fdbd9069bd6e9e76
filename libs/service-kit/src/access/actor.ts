import { createHmac } from 'node:crypto';
import { personalKind } from '@attesta/policy';

/**
 * Under which name a caller is recorded: the `sub` of the token, or a pseudonym where that itself is a personal value, since the actor of an
 * event is sealed in clear and for ever. The same issuer, `sub` and pepper give the same pseudonym in every service.
 * Without a pepper the address is not in the log, but whoever reads the log can confirm a guess at it; with one, only who holds the pepper.
 */
export function actorOf(issuer: string, sub: string, pepper = ''): string {
  if (personalKind(sub) === undefined) return sub;
  // Hexadecimal after a letter: no part of it can be taken for a number of somebody's.
  return `usr_${createHmac('sha256', pepper).update(`${issuer}\n${sub}`).digest('hex').slice(0, 32)}`;
}

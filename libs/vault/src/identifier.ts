import { isThaiNationalId, SUBJECT, type FieldProblem } from '@attesta/events';
import { hmacSha256 } from './hmac.js';

/** An identifier in clear, `<scheme>|<value>`, brought to the one form that is hashed: the same person must give the same ref everywhere. */
export interface Identifier {
  scheme: string;
  value: string;
}

export type Normalised = { ok: true; identifier: Identifier } | { ok: false; problem: Omit<FieldProblem, 'field'> };

/** Normalises per scheme: e-mail in lower case, phone in E.164, Thai national id as 13 digits with a right check digit, others trimmed. */
export function normalise(scheme: string, value: string): Normalised {
  const text = value.normalize('NFC').trim();
  if (text.length === 0 || text.length > 256)
    return refuse('identifier-length', 'The identifier is empty or longer than 256 characters.', 'Send 1 to 256 characters after "|".');
  switch (scheme) {
    case 'email': {
      if (!/^[^\s@]+@[^\s@]+$/.test(text))
        return refuse('identifier-email', 'The e-mail address is not one.', 'Send one address, local@domain.');
      return accept(scheme, text.toLowerCase());
    }
    case 'phone': {
      const digits = text.replace(/[\s().-]/g, '').replace(/^00/, '+');
      if (!/^\+[1-9]\d{6,14}$/.test(digits))
        return refuse(
          'identifier-phone',
          'The phone number is not in E.164 form.',
          'Send it with country code, for instance +66 and nine digits.',
        );
      return accept(scheme, digits);
    }
    case 'th-national-id': {
      const digits = text.replace(/[\s-]/g, '');
      if (!isThaiNationalId(digits))
        return refuse(
          'identifier-th-national-id',
          'The Thai national id is not 13 digits with a right check digit.',
          'Send the 13 digits printed on the card.',
        );
      return accept(scheme, digits);
    }
    default:
      return accept(scheme, text);
  }
}

/**
 * The ref under which a person is looked up: HMAC-SHA-256 under the pepper, so that nobody without it can test a guess.
 * @throws TypeError when the identifier cannot be normalised
 */
export function subjectRef(pepper: Uint8Array, scheme: string, value: string): string {
  const normal = normalise(scheme, value);
  if (!normal.ok) throw new TypeError(`${scheme}: ${normal.problem.message} ${normal.problem.fix}`);
  return refOf(pepper, normal.identifier);
}

export const refOf = (pepper: Uint8Array, { scheme, value }: Identifier): string =>
  `ref1.${Buffer.from(hmacSha256(pepper, `${scheme}|${value}`), 'latin1').toString('base64url')}`;

export const isRef = (text: string): boolean => SUBJECT.ref.test(text);

const accept = (scheme: string, value: string): Normalised => ({ ok: true, identifier: { scheme, value } });
const refuse = (code: string, message: string, fix: string): Normalised => ({ ok: false, problem: { code, message, fix } });

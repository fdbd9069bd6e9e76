import { NotCarried, type Carrier, type Letter } from './carrier.js';
import { endpointUrl, postJson } from './webhook-post.js';

export interface SmsCarrierOptions {
  /** Of the provider, or of what translates to its own interface. */
  url: string;
  /** Bearer token. */
  token: string;
  /** Who the message comes from: a name of at most 11 letters and digits, or a telephone number in E.164. */
  from: string;
  timeoutMs?: number | undefined;
}

/** ITU-T E.164: at most 15 digits. Fewer than seven are short numbers of one network, which is nobody's own. */
const E164 = /^\+[1-9]\d{6,14}$/;
/** Of UTF-16, as UCS-2 messages count: Thai needs 15 messages for so many. */
const LONGEST_TEXT = 1_000;

/**
 * Carries messages by SMS: `POST {id, to, from, text, language}` with a bearer token and `Idempotency-Key: <id>`, by which the provider
 * takes a message once though it is handed over twice. 2xx: taken. 400 and 422: refused. All else, redirects included: tried again later.
 * `Retry-After` is not looked at: how long is waited is the retry policy's.
 * @throws Error when an option is wrong
 */
export function smsCarrier({ url, token, from, timeoutMs = 15_000 }: SmsCarrierOptions): Carrier {
  const endpoint = endpointUrl('The URL of the SMS provider', url);
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Error('The token of the SMS provider must be one word of ASCII.');
  if (!E164.test(from) && !/^[A-Za-z0-9 ]{1,11}$/.test(from))
    throw new Error('The sender of SMS must be at most 11 letters and digits, or a telephone number such as +66812345678.');
  return {
    async send({ id, to, language, text }: Letter): Promise<void> {
      if (!E164.test(to)) throw new NotCarried('The telephone number is not written in E.164.', 'refused');
      if (!isText(text)) throw new NotCarried('The text of an SMS must be 1 to 1,000 characters, without control characters.', 'refused');
      if (!/^[A-Za-z0-9._-]{1,100}$/.test(id))
        throw new NotCarried('The id of a message must be letters, digits, dots and dashes.', 'refused');
      const headers = { authorization: `Bearer ${token}`, 'idempotency-key': id };
      const status = await postJson(endpoint, headers, JSON.stringify({ id, to, from, text, language }), timeoutMs);
      if (status === undefined) throw new NotCarried('The SMS provider could not be reached, or did not answer.', 'unreachable');
      if (status === 400 || status === 422) throw new NotCarried(`The SMS provider refused the message (${status}).`, 'refused');
      if (status < 200 || status > 299) throw new NotCarried(`The SMS provider did not take the message now (${status}).`, 'unreachable');
    },
    close: () => undefined,
  };
}

const isText = (text: string): boolean => text.length <= LONGEST_TEXT && /^(?:[^\p{Cc}\p{Cs}]|\n)+$/u.test(text);

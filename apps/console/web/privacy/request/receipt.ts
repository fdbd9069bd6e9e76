/** What opens a request without an account. */
export interface Receipt {
  request: string;
  /** The secret half: 24 random bytes in base64url. */
  secret: string;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const SECRET = /^[A-Za-z0-9_-]{32}$/;

/** The receipt number as it is printed. */
export const receiptNumber = ({ request, secret }: Receipt): string => `${request}.${secret}`;

/** A link that opens the request. The secret is its fragment, which no server is sent. */
export const receiptLink = (origin: string, { request, secret }: Receipt): string => `${origin}/privacy/request/${request}#${secret}`;

/**
 * A receipt number, or the link, as somebody pasted it: with spaces and line breaks, between other words.
 * @param request where it is known already, the secret alone will do
 */
export function readReceipt(text: string, request?: string): Receipt | undefined {
  const words = text.split(/[\s"<>]+/).flatMap((word) => word.split(/[.#/]/));
  const named = words.find((word) => UUID.exec(word)?.[0] === word) ?? request;
  const secret = words.find((word) => SECRET.test(word));
  return named === undefined || secret === undefined ? undefined : { request: named.toLowerCase(), secret };
}

/** Six digits as somebody types or pastes them: with spaces, in Thai digits, or in full width. */
export function readCode(text: string): string | undefined {
  const digits = [...text.normalize('NFKC')]
    .map((one) => (one >= '๐' && one <= '๙' ? String(one.charCodeAt(0) - 0x0e50) : one))
    .filter((one) => one >= '0' && one <= '9')
    .join('');
  return digits.length === 6 ? digits : undefined;
}

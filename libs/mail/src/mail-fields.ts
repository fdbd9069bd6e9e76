import { MailNotSent } from './mail-not-sent.js';

export interface OutgoingMail {
  /** One address, without a name. */
  to: string;
  subject: string;
  text: string;
  /** The same, for programs that show HTML. */
  html?: string;
  /** Message-ID and the name of the file, without angle brackets and domain: the same when a mail is sent again. Default random. */
  id?: string;
  /** Of `REPLY_HEADERS` alone. */
  headers?: Readonly<Record<string, string>>;
  /**
   * How the person ends such mail: by one click (RFC 8058: a POST to `url`, without a login) or by a mail to the address `mailto`
   * (RFC 2369). Mail systems offer it only where a DKIM signature covers both headers, which is the sending relay's part.
   */
  unsubscribe?: { url: string; mailto?: string };
  /** MAIL FROM, where bounces go to; default the address that mail comes from. */
  returnPath?: string;
  /** Whether systems that can tell the return path of success too (RFC 3461). Of failure they do always, and leave out the text. */
  receipt?: boolean;
}

export const REPLY_HEADERS = ['in-reply-to', 'references', 'auto-submitted', 'content-language'] as const;

// No comments, quotes and address literals, and no routes: neither of RFC 5322 nor by `%` and `!`, which relays still follow.
const ADDRESS =
  /^[^\s@<>()[\]\\,;:"'%!\p{Cc}\p{Cs}]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$/u;
const LINE = /^[^\p{Cc}\p{Cs}\u2028\u2029]{1,998}$/u;
const LONGEST_TEXT = 100_000;
const LONGEST_HTML = 500_000;

/** RFC 5321 section 4.5.3.1.3: a path has at most 256 characters, two of them brackets. */
export const isAddress = (text: string): boolean => text.length <= 254 && ADDRESS.test(text);
export const isLine = (text: string): boolean => LINE.test(text);

/** @throws MailNotSent for whatever could be read as another header, another recipient or another message */
export function refuseInjection(mail: OutgoingMail, id: string): void {
  const { to, subject, text, html = '', headers = {}, unsubscribe, returnPath } = mail;
  const refuse = (what: string) => {
    throw new MailNotSent(what, false);
  };
  if (!isAddress(to)) refuse('`to` must be one e-mail address, without a name.');
  if (returnPath !== undefined && !isAddress(returnPath)) refuse('`returnPath` must be one e-mail address, without a name.');
  if (!isLine(subject)) refuse('`subject` must be one line of 1 to 998 characters.');
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(id) || id.startsWith('.')) refuse('`id` must be letters, digits, dots and dashes.');
  if (text.length > LONGEST_TEXT) refuse('`text` must be at most 100,000 characters.');
  if (html.length > LONGEST_HTML) refuse('`html` must be at most 500,000 characters.');
  if (text.includes('\0') || html.includes('\0')) refuse('`text` and `html` may hold no zero characters.');
  for (const [name, value] of Object.entries(headers)) {
    if (!(REPLY_HEADERS as readonly string[]).includes(name.toLowerCase())) refuse(`\`headers\` may hold ${REPLY_HEADERS.join(', ')}.`);
    if (!isLine(value)) refuse(`The header ${name} must be one line of 1 to 998 characters.`);
  }
  if (unsubscribe && !isPostable(unsubscribe.url)) refuse('`unsubscribe.url` must be a URL of https, of at most 900 characters.');
  if (unsubscribe?.mailto !== undefined && !isAddress(unsubscribe.mailto)) refuse('`unsubscribe.mailto` must be one e-mail address.');
}

/** https, or http to this machine, written so that no character ends it or begins another in a list (RFC 2369 section 2). */
function isPostable(url: string): boolean {
  if (url.length > 900 || !/^https?:\/\/(?!\/)[\w\-.~:/?#[\]@!$&'()*+;=%]+$/.test(url) || !URL.canParse(url)) return false;
  const { protocol, hostname, username, password } = new URL(url);
  return !username && !password && (protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}

/** @returns the headers of RFC 8058 and RFC 2369 */
export function unsubscribeHeaders({ url, mailto }: NonNullable<OutgoingMail['unsubscribe']>): Record<string, string> {
  const address = mailto && `, <mailto:${encodeURIComponent(mailto).replaceAll('%40', '@').replaceAll('%2B', '+')}>`;
  return { 'List-Unsubscribe': `<${url}>${address ?? ''}`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

/** A mail did not go out. `temporary`: send it again later, under the same id. Holds neither address nor text. */
export class MailNotSent extends Error {
  override readonly name = 'MailNotSent';
  /** The server's SMTP reply code, where it said one. */
  readonly code?: number;
  /** Its enhanced status code (RFC 3463), such as 5.1.1. */
  readonly status?: string;
  /** The whole mail had left, and the answer did not come: it may have been taken. */
  readonly unsure: boolean;

  constructor(
    message: string,
    readonly temporary: boolean,
    { code, status, unsure = false }: { code?: number | undefined; status?: string | undefined; unsure?: boolean } = {},
  ) {
    super(message);
    this.unsure = unsure;
    if (code !== undefined) this.code = code;
    if (status !== undefined) this.status = status;
  }
}

interface SmtpError {
  /** Of nodemailer. */
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
}

/**
 * A 5xx reply to the recipient or the message is for good (RFC 5321 section 4.2.1). All else may pass, wrong passwords and a sender the
 * server does not want included, which an operator mends.
 * @param left whether the whole mail had left
 */
export function notSent(error: unknown, left: boolean): MailNotSent {
  const { code, command, responseCode, response = '' } = error as SmtpError;
  const reply = typeof responseCode === 'number' && responseCode >= 400 ? responseCode : undefined;
  const said = { code: reply, status: reply === undefined ? undefined : statusOf(response, reply) };
  if (code === 'EAUTH') return new MailNotSent('The SMTP server did not take our user and password; check the url.', true, said);
  if (code === 'ETLS') return new MailNotSent('The SMTP server offers no TLS that can be trusted.', true, said);
  if (reply === undefined)
    return left
      ? new MailNotSent('The SMTP server did not answer whether it took the mail.', true, { unsure: true })
      : new MailNotSent('The SMTP server could not be reached, or did not answer.', true);
  // 530 and 538: it wants a login or TLS first.
  const permanent = reply >= 500 && ['RCPT TO', 'DATA'].includes(command ?? '') && ![500, 502, 503, 530, 534, 535, 538].includes(reply);
  if (permanent) return new MailNotSent('The SMTP server refused the mail.', false, said);
  if (command === 'MAIL FROM') return new MailNotSent('The SMTP server did not take mail of our address now.', true, said);
  return new MailNotSent('The SMTP server did not take the mail now.', true, said);
}

/** RFC 2034: between reply code and text, of the same class. */
function statusOf(response: string, reply: number): string | undefined {
  const status = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})(?=\s|$)/.exec(response)?.[1];
  return status?.startsWith(String(Math.floor(reply / 100))) ? status : undefined;
}

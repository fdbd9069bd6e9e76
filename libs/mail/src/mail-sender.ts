import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTransport } from 'nodemailer';

export interface OutgoingMail {
  /** One address, without a name. */
  to: string;
  subject: string;
  text: string;
  /** Message-ID and the name of the file, without angle brackets and domain: the same when a mail is sent again. Default random. */
  id?: string;
  /** Of `REPLY_HEADERS` alone. */
  headers?: Readonly<Record<string, string>>;
}

export interface MailSenderOptions {
  /** `smtp://user:password@host:587` or `smtps://…`. Without it mail is written to `directory`. */
  url?: string;
  /** For development: each mail becomes a file `<id>.eml`. */
  directory?: string;
  /** The address that mail comes from, without a name. */
  from: string;
  fromName?: string;
  /** PEM of the authorities that may vouch for the server; default those of Node.js. */
  ca?: string;
  /** `smtp://` is only sent over STARTTLS, unless this is true. */
  plaintext?: boolean;
  timeoutMs?: number;
}

/** A mail did not go out. `temporary`: send it again later, under the same id. Holds neither address nor text. */
export class MailNotSent extends Error {
  override readonly name = 'MailNotSent';
  constructor(
    message: string,
    readonly temporary: boolean,
    /** The server's SMTP reply code, where it said one. */
    readonly code?: number,
  ) {
    super(message);
  }
}

export const REPLY_HEADERS = ['in-reply-to', 'references', 'auto-submitted', 'content-language'] as const;
const ADDRESS =
  /^[^\s@<>()[\]\\,;:"'\p{Cc}]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$/u;
const LINE = /^[^\p{Cc}\p{Cs}\u2028\u2029]{1,998}$/u;

/** Sends mail to data subjects, by SMTP or into a directory. */
export class MailSender {
  private constructor(
    private readonly options: MailSenderOptions,
    private readonly transport: ReturnType<typeof createTransport>,
  ) {}

  /** @throws Error when an option is wrong */
  static async open(options: MailSenderOptions): Promise<MailSender> {
    const { url, directory, from, fromName, timeoutMs = 30_000 } = options;
    if (!ADDRESS.test(from)) throw new Error('`from` must be one e-mail address, such as dpo@shop.example, without a name.');
    if (fromName !== undefined && !LINE.test(fromName)) throw new Error('`fromName` must be one line of text.');
    if (url === undefined) {
      if (directory === undefined) throw new Error('Mail needs the `url` of an SMTP server, or a `directory` to be written to.');
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return new MailSender(options, createTransport({ streamTransport: true, buffer: true, newline: 'windows', ...SEALED }));
    }
    const server = serverOf(url);
    return new MailSender(
      options,
      createTransport({
        ...server,
        requireTLS: !server.secure && !options.plaintext,
        ignoreTLS: options.plaintext === true,
        ...(options.ca && { tls: { ca: options.ca } }),
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
        ...SEALED,
      }),
    );
  }

  /** @returns the Message-ID, without angle brackets @throws MailNotSent */
  async send(mail: OutgoingMail): Promise<{ messageId: string }> {
    const { from, fromName = '', directory, url } = this.options;
    const id = mail.id ?? randomUUID();
    refuseInjection(mail, id);
    const messageId = `${id}@${from.slice(from.lastIndexOf('@') + 1)}`;
    const message = {
      from: { name: fromName, address: from },
      to: { name: '', address: mail.to },
      subject: mail.subject,
      text: mail.text,
      messageId: `<${messageId}>`,
      // RFC 3834: so that no vacation notice answers it.
      headers: { 'Auto-Submitted': 'auto-generated', ...mail.headers },
    };
    if (url !== undefined) {
      try {
        await this.transport.sendMail(message);
      } catch (error) {
        throw notSent(error);
      }
    } else {
      const { message: raw } = (await this.transport.sendMail(message)) as unknown as { message: Buffer };
      await written(path.join(directory ?? '.', `${id}.eml`), raw);
    }
    return { messageId };
  }

  close(): void {
    this.transport.close();
  }
}

/** Nothing that comes from a request makes it read a file or ask a server. */
const SEALED = { disableFileAccess: true, disableUrlAccess: true };

function serverOf(url: string): { host: string; port: number; secure: boolean; auth?: { user: string; pass: string } } {
  const wrong = new Error('The `url` of the SMTP server must look like smtp://user:password@host:587 or smtps://user:password@host.');
  if (!URL.canParse(url)) throw wrong;
  const { protocol, hostname, port, username, password } = new URL(url);
  if (!['smtp:', 'smtps:'].includes(protocol) || !hostname) throw wrong;
  const secure = protocol === 'smtps:';
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (secure ? 465 : 587),
    secure,
    ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}

function refuseInjection({ to, subject, text, headers = {} }: OutgoingMail, id: string): void {
  const refuse = (what: string) => {
    throw new MailNotSent(what, false);
  };
  if (!ADDRESS.test(to) || to.length > 254) refuse('`to` must be one e-mail address, without a name.');
  if (!LINE.test(subject)) refuse('`subject` must be one line of 1 to 998 characters.');
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(id) || id.startsWith('.')) refuse('`id` must be letters, digits, dots and dashes.');
  if (text.length > 100_000) refuse('`text` must be at most 100,000 characters.');
  for (const [name, value] of Object.entries(headers)) {
    if (!(REPLY_HEADERS as readonly string[]).includes(name.toLowerCase())) refuse(`\`headers\` may hold ${REPLY_HEADERS.join(', ')}.`);
    if (!LINE.test(value)) refuse(`The header ${name} must be one line of 1 to 998 characters.`);
  }
}

/** A 5xx reply about the mail is for good; all else may pass, wrong passwords included, which an operator mends. (RFC 5321 section 4.2.1) */
function notSent(error: unknown): MailNotSent {
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  const reply = typeof responseCode === 'number' && responseCode >= 400 ? responseCode : undefined;
  if (code === 'EAUTH') return new MailNotSent('The SMTP server did not take our user and password; check the url.', true, reply);
  if (code === 'ETLS') return new MailNotSent('The SMTP server offers no TLS that can be trusted.', true, reply);
  if (reply === undefined) return new MailNotSent('The SMTP server could not be reached, or did not answer.', true);
  // 530 and 538: it wants a login or TLS first.
  const permanent = reply >= 500 && ![500, 502, 503, 530, 534, 535, 538].includes(reply);
  return new MailNotSent(permanent ? 'The SMTP server refused the mail.' : 'The SMTP server did not take the mail now.', !permanent, reply);
}

/** There is never half a file. */
async function written(file: string, content: Buffer): Promise<void> {
  const partial = `${file}.${randomUUID()}.part`;
  await writeFile(partial, content, { mode: 0o600, flag: 'wx' });
  await rename(partial, file);
}

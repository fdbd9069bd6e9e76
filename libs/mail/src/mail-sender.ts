import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import { isAddress, isLine, refuseInjection, unsubscribeHeaders, type OutgoingMail } from './mail-fields.js';
import { notSent } from './mail-not-sent.js';

export interface MailSenderOptions {
  /** `smtp://user:password@host:587` or `smtps://…`. Without it mail is written to `directory`. */
  url?: string;
  /** For development: each mail becomes a file `<id>.eml`. */
  directory?: string;
  /** The address that mail comes from, without a name. */
  from: string;
  fromName?: string;
  /** One address that answers go to, without a name; default `from`. */
  replyTo?: string;
  /** PEM of the authorities that may vouch for the server; default those of Node.js. */
  ca?: string;
  /** `smtp://` is only sent over STARTTLS, unless this is true; by default it is for this machine itself, unless `ca` says whom to trust. */
  plaintext?: boolean;
  /** Kept open, and each used for many mails, so that thousands a minute go out. Default none: a connection for each mail. */
  maxConnections?: number;
  /** For a connection and its greeting. */
  timeoutMs?: number;
  /**
   * For every answer; default `timeoutMs`. Who hangs up on a slow server may send the mail twice: RFC 5321 section 4.5.3.2.6 has 10 minutes.
   */
  answerTimeoutMs?: number;
}

/** Sends mail to data subjects, by SMTP or into a directory. */
export class MailSender {
  private constructor(
    private readonly options: MailSenderOptions,
    private readonly transport: ReturnType<typeof createTransport>,
  ) {
    transport.use('stream', (mail, done) => {
      const { departure } = mail.data as Tracked;
      const open = mail.message.createReadStream.bind(mail.message);
      // Read by the connection alone, once the server said that it may send.
      mail.message.createReadStream = (options) => open(options).once('end', () => departure && (departure.left = true));
      done();
    });
  }

  /** @throws Error when an option is wrong */
  static async open(options: MailSenderOptions): Promise<MailSender> {
    const { url, directory, from, fromName, replyTo, timeoutMs = 30_000, answerTimeoutMs = timeoutMs, maxConnections } = options;
    if (!isAddress(from)) throw new Error('`from` must be one e-mail address, such as dpo@shop.example, without a name.');
    if (replyTo !== undefined && !isAddress(replyTo)) throw new Error('`replyTo` must be one e-mail address, without a name.');
    if (fromName !== undefined && !isLine(fromName)) throw new Error('`fromName` must be one line of text.');
    if (url === undefined) {
      if (directory === undefined) throw new Error('Mail needs the `url` of an SMTP server, or a `directory` to be written to.');
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return new MailSender(options, createTransport({ streamTransport: true, buffer: true, newline: 'windows', ...SEALED }));
    }
    const at = serverOf(url);
    const { plaintext = LOOPBACK.has(at.host) && options.ca === undefined } = options;
    const server = {
      ...at,
      ...(options.ca && { tls: { ca: options.ca } }),
      ignoreTLS: plaintext,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: answerTimeoutMs,
      ...SEALED,
    };
    const requireTLS = !server.secure && !plaintext;
    return new MailSender(
      options,
      maxConnections === undefined
        ? createTransport({ ...server, requireTLS })
        : createTransport({ ...server, requireTLS, pool: true, maxConnections }),
    );
  }

  /** @returns the Message-ID, without angle brackets @throws MailNotSent */
  async send(mail: OutgoingMail): Promise<{ messageId: string }> {
    const { from, directory, url } = this.options;
    const id = mail.id ?? randomUUID();
    refuseInjection(mail, id);
    const messageId = `${id}@${from.slice(from.lastIndexOf('@') + 1)}`;
    const message = { ...this.composed(mail), messageId: `<${messageId}>` };
    if (url !== undefined) {
      const departure = { left: false };
      try {
        await this.transport.sendMail({ ...message, departure } as typeof message);
      } catch (error) {
        throw notSent(error, departure.left);
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

  private composed({ to, subject, text, html, headers, unsubscribe, returnPath, receipt = false }: OutgoingMail) {
    const { from, fromName = '', replyTo } = this.options;
    return {
      from: { name: fromName, address: from },
      to: { name: '', address: to },
      ...(replyTo !== undefined && { replyTo: { name: '', address: replyTo } }),
      subject,
      text,
      ...(html !== undefined && { html }),
      // RFC 3834: so that no vacation notice answers it.
      headers: { 'Auto-Submitted': 'auto-generated', ...headers, ...(unsubscribe && unsubscribeHeaders(unsubscribe)) },
      ...(returnPath !== undefined && {
        envelope: { from: returnPath, to: [to] },
        dsn: { return: 'headers', notify: ['failure', 'delay', ...(receipt ? ['success'] : [])] },
      }),
    };
  }
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

/** Nothing that comes from a request makes it read a file or ask a server. */
const SEALED = { disableFileAccess: true, disableUrlAccess: true };

/** What `send` adds to a mail to learn how far it went. */
interface Tracked {
  departure?: { left: boolean };
}

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

/** There is never half a file. */
async function written(file: string, content: Buffer): Promise<void> {
  const partial = `${file}.${randomUUID()}.part`;
  await writeFile(partial, content, { mode: 0o600, flag: 'wx' });
  await rename(partial, file);
}

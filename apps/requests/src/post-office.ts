import { MailSender, MailServer, type MailEnvelope } from '@attesta/mail';
import { ImapMailbox } from './imap-mailbox.js';
import { mailPost } from './letter-post.js';
import type { MailIntake } from './mail-intake.js';
import type { Post } from './outgoing-mail.js';
import type { MailConfig } from './requests.config.js';

/** Mail out and in, as the configuration says. */
export interface PostOffice {
  post: Post;
  /** Begins to take mail in. @returns the port on which it comes by SMTP, where it does */
  receive(intake: MailIntake): Promise<number | undefined>;
  close(): Promise<void>;
}

/** @throws Error for a configuration that cannot be */
export async function openPostOffice(config: MailConfig, onError: (error: unknown) => void): Promise<PostOffice> {
  const { smtpUrl, mailDirectory, mailFrom, mailPort, mailAddresses, mailPeers, imapUrl, imapSince } = config;
  const sender = await MailSender.open({ from: mailFrom, ...(smtpUrl === undefined ? { directory: mailDirectory } : { url: smtpUrl }) });
  const open: { close(): Promise<void> | void }[] = [sender];
  return {
    post: mailPost(sender),
    async receive(intake) {
      const onMail = async (raw: Buffer, envelope?: MailEnvelope): Promise<void> => void (await intake.take(raw, envelope?.from === ''));
      if (imapUrl !== undefined)
        open.unshift(
          ImapMailbox.open({
            ...mailboxOf(imapUrl),
            ...(imapSince !== undefined && { since: new Date(imapSince) }),
            onMail: (raw) => onMail(raw),
            onError,
          }),
        );
      if (mailPort === undefined) return undefined;
      const server = await MailServer.open({
        port: mailPort,
        host: '0.0.0.0',
        addresses: mailAddresses,
        peers: mailPeers,
        onMail,
        onError,
      });
      open.unshift(server);
      return server.port;
    },
    async close() {
      for (const one of open) await one.close();
    },
  };
}

function mailboxOf(url: string) {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  if (protocol !== 'imap:' && protocol !== 'imaps:') throw new Error('IMAP_URL must look like imaps://user:password@mail.example/INBOX.');
  const secure = protocol === 'imaps:';
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (secure ? 993 : 143),
    secure,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    mailbox: decodeURIComponent(pathname.slice(1)) || 'INBOX',
  };
}

import { MailServer } from '@attesta/mail';
import { simpleParser } from 'mailparser';

/** A mail as whoever gets it reads it. */
export interface ReadMail {
  messageId: string;
  from: string;
  subject: string;
  text: string;
  html: string;
  /** Where one click ends such mail (RFC 8058); undefined for mail that offers none. */
  unsubscribe: string | undefined;
  language: string | undefined;
}

/** Everybody's mailbox: a real SMTP server on this machine, for runs that show what people get. */
export class Mailbox {
  private readonly taken: { to: string[]; raw: Buffer }[] = [];
  private constructor(private readonly server: { port: number; close(): Promise<void> }) {}

  static async open(): Promise<Mailbox> {
    const boxes: Mailbox[] = [];
    const server = await MailServer.open({
      port: 0,
      host: '127.0.0.1',
      addresses: () => true,
      limits: { messagesPerMinute: 1_000_000, connections: 50 },
      onMail: (raw, { to }) => Promise.resolve(void boxes[0]?.taken.push({ to, raw })),
    });
    const box = new Mailbox(server);
    boxes.push(box);
    return box;
  }

  /** For SMTP_URL. */
  get url(): string {
    return `smtp://127.0.0.1:${this.server.port}`;
  }

  /** What came for an address, the oldest first. */
  to(address: string): Promise<ReadMail[]> {
    return Promise.all(this.taken.filter(({ to }) => to.includes(address.toLowerCase())).map(({ raw }) => read(raw)));
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

async function read(raw: Buffer): Promise<ReadMail> {
  const { messageId = '', from, subject = '', text = '', html, headers } = await simpleParser(raw);
  const list = headers.get('list') as { unsubscribe?: { url?: string } } | undefined;
  const language = headers.get('content-language');
  return {
    ...{ messageId, from: from?.value[0]?.address ?? '', subject, text, html: html || '' },
    unsubscribe: list?.unsubscribe?.url,
    language: typeof language === 'string' ? language : undefined,
  };
}

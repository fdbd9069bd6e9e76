import { setTimeout as pause } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';

export interface ImapMailboxOptions {
  host: string;
  port: number;
  /** TLS from the start (993); else STARTTLS is required (143), unless `plaintext`. */
  secure: boolean;
  user: string;
  password: string;
  /** Such as INBOX. Nobody else may take mail out of it. */
  mailbox: string;
  /**
   * Called with each message once, and again when it rejects, or when the connection or the process ends before the message could be marked: so
   * idempotent by Message-ID and digest. Of a message above `maxBytes`, the first `maxBytes` + 1 bytes.
   */
  onMail: (raw: Buffer) => Promise<void>;
  /** What went wrong; messages hold nothing of a mail and no password, causes may hold the server's words. */
  onError?: (error: unknown) => void;
  /** Messages that arrived before this day are left alone. */
  since?: Date;
  /** A mailbox to which handled messages are moved; it must be there. */
  moveTo?: string;
  /** Milliseconds after which the mailbox is looked at even if the server announced nothing. Default 60,000. */
  everyMs?: number;
  maxBytes?: number;
  /** PEM of the authorities that may vouch for the server; default those of Node.js. */
  ca?: string;
  plaintext?: boolean;
  /** Pauses between connections that fail. */
  retry?: { baseMs?: number; maxMs?: number; random?: () => number };
}

/** How handled messages are marked, where a mailbox takes keywords; a person who reads the mailbox may change \Seen. (RFC 9051 section 2.3.2) */
export const HANDLED = 'AttestaHandled';

/** Reads a mailbox over IMAP for as long as it is open: as soon as the server announces mail (IDLE), and every so often. */
export class ImapMailbox {
  private readonly ending = new AbortController();
  private readonly running: Promise<void>;
  private waiting: (() => void) | undefined;
  private announced = false;
  /** When the mailbox was last looked through to its end; undefined before, and while the server cannot be reached. */
  upToDate: Date | undefined;

  private constructor(private readonly options: ImapMailboxOptions) {
    this.running = this.run();
  }

  /** Connects in the background and for ever again; what fails is told to `onError`. */
  static open(options: ImapMailboxOptions): ImapMailbox {
    return new ImapMailbox(options);
  }

  /** Finishes the message in hand. */
  async close(): Promise<void> {
    this.ending.abort();
    this.waiting?.();
    await this.running;
  }

  private get ended(): boolean {
    return this.ending.signal.aborted;
  }

  private async run(): Promise<void> {
    const { baseMs = 1_000, maxMs = 60_000, random = Math.random } = this.options.retry ?? {};
    for (let failures = 0; !this.ended;) {
      const client = this.connection();
      const abandon = () => client.close();
      this.ending.signal.addEventListener('abort', abandon);
      try {
        await client.connect();
        this.ending.signal.removeEventListener('abort', abandon);
        const searched = await this.opened(client);
        while (!this.ended) {
          this.announced = false;
          await this.sweep(client, searched);
          failures = 0;
          this.upToDate = new Date();
          await this.quiet(client);
        }
        await client.logout();
      } catch (cause) {
        this.upToDate = undefined;
        if (this.ended) break;
        this.options.onError?.(new Error('The mailbox cannot be read; it is tried again.', { cause }));
        failures += 1;
        const bound = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 20));
        await pause(bound * (0.5 + random() / 2), undefined, { signal: this.ending.signal }).catch(() => undefined);
      } finally {
        this.ending.signal.removeEventListener('abort', abandon);
        client.close();
      }
    }
  }

  private connection(): ImapFlow {
    const { host, port, secure, user, password, ca, plaintext = false, maxBytes = MAX_BYTES } = this.options;
    const client = new ImapFlow({
      host,
      port,
      secure,
      ...(!secure && { doSTARTTLS: !plaintext }),
      ...(ca && { tls: { ca } }),
      auth: { user, pass: password },
      // Its log holds mail.
      logger: false,
      disableAutoIdle: true,
      connectionTimeout: 15_000,
      greetingTimeout: 15_000,
      maxLiteralSize: maxBytes + 64 * 1024,
    });
    // Each failure also rejects the command in hand.
    client.on('error', () => undefined);
    client.on('close', () => this.waiting?.());
    client.on('exists', () => {
      this.announced = true;
      this.waiting?.();
    });
    return client;
  }

  /** @returns whether messages are known by the keyword, rather than by \Seen */
  private async opened(client: ImapFlow): Promise<{ keyword: boolean }> {
    const { readOnly, permanentFlags } = await client.mailboxOpen(this.options.mailbox);
    if (readOnly) throw new Error('The mailbox is read-only: handled messages could not be marked. Give the user the right to write.');
    return { keyword: permanentFlags?.has('\\*') === true || permanentFlags?.has(HANDLED) === true };
  }

  private async sweep(client: ImapFlow, { keyword }: { keyword: boolean }): Promise<void> {
    const { since, onMail, onError, moveTo, maxBytes = MAX_BYTES } = this.options;
    const uids = await client.search(
      { deleted: false, ...(keyword ? { unKeyword: HANDLED } : { seen: false }), ...(since && { since }) },
      { uid: true },
    );
    if (!uids) throw new Error('The server did not search the mailbox.');
    for (const uid of uids) {
      if (this.ended) return;
      const range = String(uid);
      const message = await client.fetchOne(range, { source: { start: 0, maxLength: maxBytes + 1 } }, { uid: true });
      if (!message || !message.source) continue;
      try {
        await onMail(message.source);
      } catch (cause) {
        onError?.(new Error('A mail could not be kept; it stays in the mailbox and is tried again.', { cause }));
        continue;
      }
      const flags = keyword ? ['\\Seen', HANDLED] : ['\\Seen'];
      if (!(await client.messageFlagsAdd(range, flags, { uid: true }))) throw new Error('A handled message could not be marked.');
      if (moveTo !== undefined && !(await client.messageMove(range, moveTo, { uid: true }))) {
        onError?.(new Error('A handled message could not be moved; check that the mailbox `moveTo` is there.'));
      }
    }
  }

  /** Until the server announces something, the connection ends, or it is time to look. */
  private async quiet(client: ImapFlow): Promise<void> {
    if (this.announced || this.ended || !client.usable) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.waiting = resolve;
      timer = setTimeout(resolve, this.options.everyMs ?? 60_000);
      client.idle().catch(() => resolve());
    });
    clearTimeout(timer);
    this.waiting = undefined;
  }
}

const MAX_BYTES = 10 * 1024 * 1024;

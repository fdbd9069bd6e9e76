import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { LOCAL_TLS } from './smtp-tls.js';

export interface SmtpFaults {
  /** Replies to the next senders, recipients and messages, in turn, such as `450 4.2.1 Busy`; an empty one takes it. */
  mail?: string[];
  rcpt?: string[];
  data?: string[];
  /** Recipients that do not exist: 550 5.1.1. */
  unknown?: string[];
  /** Every message is refused: 554 5.7.1. */
  refuseAll?: boolean;
  /** 451 4.7.1 as many times for each recipient before it is taken. */
  greylist?: number;
  /** Of so many messages the connection ends before the answer, though they were taken: the sender cannot know. */
  drop?: number;
  /** Messages are taken, and the answer waits until other faults are set. */
  slow?: boolean;
  /** At a time; more are answered 421 4.7.0. */
  connections?: number;
  /** Logins are refused: 535 5.7.8. */
  noLogin?: boolean;
}

export interface TestSmtpOptions {
  faults?: SmtpFaults;
  /** Over STARTTLS alone, with the key `LOCAL_TLS`. */
  tls?: boolean;
  /** Takes any user with any password; `url` has one. */
  login?: boolean;
  /** Messages kept whole, the first of all; the rest is counted. Default all. */
  keep?: number;
  /** Recipients a message may have asked notifications of (RFC 3461). Default true. */
  notifications?: boolean;
}

export interface TakenMail {
  raw: Buffer;
  messageId: string;
  from: string;
  to: string[];
  /** What was asked of notifications (RFC 3461): of the message, and of its first recipient. */
  ret?: string;
  notify?: string[];
}

/** A real SMTP server that keeps what it gets and fails as a spec wants. */
export async function startSmtp(options: TestSmtpOptions = {}): Promise<TestSmtp> {
  const smtp = new TestSmtp(options);
  await smtp.up();
  return smtp;
}

export class TestSmtp {
  /** In the order they were taken. */
  readonly taken: TakenMail[] = [];
  /** Of all messages taken, `keep` or not: when, in milliseconds of this machine's clock, and to whom. */
  readonly arrivals: { messageId: string; to: string; at: number }[] = [];
  /** How often each Message-ID (without angle brackets) was taken. */
  readonly counts = new Map<string, number>();
  /** Messages taken. */
  total = 0;
  port = 0;
  private faults: SmtpFaults = {};
  private readonly seen = new Map<string, number>();
  private readonly sockets = new Map<number, Socket>();
  private held: (() => void)[] = [];
  private waiting: (() => void)[] = [];
  private server: SMTPServer | undefined;

  constructor(private readonly options: TestSmtpOptions) {
    this.set(options.faults ?? {});
  }

  get url(): string {
    return `smtp://${this.options.login ? 'user:password@' : ''}127.0.0.1:${this.port}`;
  }

  /** Open now. */
  get connections(): number {
    return this.sockets.size;
  }

  /** From now on these faults and no others; what waited for its answer gets it, unless `slow` is still one of them. */
  set(faults: SmtpFaults): void {
    this.faults = structuredClone(faults);
    this.seen.clear();
    if (!faults.slow) this.release();
  }

  /** Until as many messages were taken. */
  async arrived(total: number): Promise<void> {
    while (this.total < total) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Listens on the same port as before. */
  async up(): Promise<void> {
    const server = this.opened();
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.server.address() as AddressInfo).port;
  }

  /** As a crash: connections end, and there is nobody on the port. */
  async down(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const closed = server && new Promise<void>((resolve) => server.close(resolve));
    for (const socket of this.sockets.values()) socket.resetAndDestroy();
    await closed;
  }

  stop(): Promise<void> {
    this.release();
    return this.down();
  }

  private opened(): SMTPServer {
    const { tls = false, notifications = true, login = false } = this.options;
    const server = new SMTPServer({
      disabledCommands: [...(login ? [] : ['AUTH']), ...(tls ? [] : ['STARTTLS'])],
      authOptional: true,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) =>
        done(refusal(this.faults.noLogin ? '535 5.7.8 Wrong user or password' : undefined), { user: 'user' }),
      ...(tls && LOCAL_TLS),
      disableReverseLookup: true,
      hideDSN: !notifications,
      closeTimeout: 100,
      onConnect: (_session, done) => {
        const { connections = Infinity } = this.faults;
        done(this.sockets.size > connections ? refusal('421 4.7.0 Too many connections') : null);
      },
      onMailFrom: (_address, _session, done) => done(refusal(this.faults.mail?.shift())),
      onRcptTo: ({ address }, _session, done) => done(refusal(this.faults.rcpt?.shift() || this.refusalOf(address))),
      onData: (stream, session, done) => void buffer(stream).then((raw) => this.answered(raw, session, done), done),
    });
    server.on('error', () => undefined);
    server.server.prependListener('connection', (socket: Socket) => {
      const port = socket.remotePort ?? 0;
      this.sockets.set(port, socket);
      socket.once('close', () => this.sockets.delete(port));
    });
    return server;
  }

  private refusalOf(recipient: string): string | undefined {
    const { unknown = [], greylist = 0 } = this.faults;
    if (unknown.includes(recipient)) return '550 5.1.1 No such mailbox';
    const seen = this.seen.get(recipient) ?? 0;
    if (seen >= greylist) return undefined;
    this.seen.set(recipient, seen + 1);
    return '451 4.7.1 Greylisted, try again later';
  }

  private answered(raw: Buffer, session: SMTPServerSession, done: (error?: Error | null) => void): void {
    const refused = this.faults.data?.shift() || (this.faults.refuseAll && '554 5.7.1 Not wanted');
    if (refused) return done(refusal(refused));
    this.take(raw, session);
    if (this.faults.drop) {
      this.faults.drop -= 1;
      this.sockets.get(session.remotePort)?.resetAndDestroy();
    } else if (this.faults.slow) this.held.push(done);
    else done();
  }

  private take(raw: Buffer, { envelope }: SMTPServerSession): void {
    const messageId = messageIdOf(raw);
    this.total += 1;
    this.arrivals.push({ messageId, to: envelope.rcptTo[0]?.address ?? '', at: Date.now() });
    this.counts.set(messageId, (this.counts.get(messageId) ?? 0) + 1);
    if (this.taken.length < (this.options.keep ?? Infinity)) {
      const { mailFrom, rcptTo, dsn } = envelope as SMTPServerSession['envelope'] & { dsn?: { ret: string | null } };
      const notify = (rcptTo[0] as { dsn?: { notify?: string[] } } | undefined)?.dsn?.notify;
      this.taken.push({
        raw,
        messageId,
        from: mailFrom ? mailFrom.address : '',
        to: rcptTo.map(({ address }) => address),
        ...(dsn?.ret && { ret: dsn.ret }),
        ...(notify && { notify }),
      });
    }
    for (const wake of this.waiting.splice(0)) wake();
  }

  private release(): void {
    for (const done of this.held.splice(0)) done();
  }
}

function refusal(reply: string | undefined): Error | null {
  return reply ? Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) }) : null;
}

function messageIdOf(raw: Buffer): string {
  const end = raw.indexOf('\r\n\r\n');
  const headers = raw.toString('latin1', 0, end < 0 ? raw.length : end);
  return /^message-id:\s*<([^>]*)>/im.exec(headers)?.[1] ?? '';
}

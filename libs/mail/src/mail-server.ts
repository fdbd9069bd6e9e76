import { BlockList, isIPv6 } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';

export interface MailEnvelope {
  /** MAIL FROM; empty of bounces and other automatic mail (RFC 5321 section 4.5.5), which is never answered. */
  from: string;
  /** RCPT TO, in lower case. */
  to: string[];
  /** Who delivered it. */
  remoteAddress: string;
}

export interface MailServerLimits {
  /** Of one message. */
  bytes: number;
  /** At a time; each may hold one message in memory. */
  connections: number;
  /** From one address. */
  messagesPerMinute: number;
  /** Milliseconds without a byte after which a connection ends. */
  idleMs: number;
}

export interface MailServerOptions {
  /** 0: any free port. */
  port: number;
  host: string;
  /** PEM. With it, mail is taken over STARTTLS alone unless `optional`. */
  tls?: { key: string; cert: string; optional?: boolean };
  /** The mailboxes that mail is taken for, or which those are, given in lower case; mail for anybody else is refused. */
  addresses: readonly string[] | ((address: string) => boolean);
  /**
   * Addresses or networks (`10.0.0.0/8`) of the company's mail systems; nobody else may connect. Whoever connects can write
   * Authentication-Results, so these are to be trusted only with `peers`.
   */
  peers?: readonly string[];
  limits?: Partial<MailServerLimits>;
  /** Bytes of a message that are held and handed over, the first of it; default all. */
  head?: number;
  /**
   * Called with the message; the sender hears "taken" once it resolved, and tries again when it rejects or the connection ends before. So a
   * message may come twice: idempotent by Message-ID and digest.
   */
  onMail: (raw: Buffer, envelope: MailEnvelope) => Promise<void>;
  /** What went wrong; messages hold no address and nothing of a mail, causes may. */
  onError?: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

export const MAIL_SERVER_LIMITS: MailServerLimits = {
  bytes: 10 * 1024 * 1024,
  connections: 10,
  messagesPerMinute: 120,
  idleMs: 60_000,
};

/** An SMTP listener (RFC 5321) to which a company's mail system forwards mail. It relays nothing and loses nothing it said it took. */
export class MailServer {
  private readonly running = new Set<Promise<void>>();
  private closing = false;

  private constructor(
    private readonly server: SMTPServer,
    private readonly options: MailServerOptions,
  ) {}

  /** @throws Error when the port is taken or an option is wrong */
  static async open(options: MailServerOptions): Promise<MailServer> {
    const limits = { ...MAIL_SERVER_LIMITS, ...options.limits };
    const accepts = acceptance(options.addresses);
    const allowed = options.peers && peerList(options.peers);
    const rate = new Rate(limits.messagesPerMinute, options.now ?? Date.now);
    const server = new SMTPServer({
      size: limits.bytes,
      maxClients: limits.connections,
      maxRecipients: 20,
      socketTimeout: limits.idleMs,
      closeTimeout: 500,
      banner: 'Attesta',
      disableReverseLookup: true,
      disabledCommands: options.tls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
      hideENHANCEDSTATUSCODES: true,
      ...(options.tls && { key: options.tls.key, cert: options.tls.cert }),
      onConnect({ remoteAddress }, done) {
        if (allowed && !allowed(remoteAddress)) return done(refusal(554, '5.7.1 No mail is taken from here'));
        done(opened.closing ? refusal(421, '4.3.2 Shutting down, try again later') : undefined);
      },
      onMailFrom(_address, { secure, remoteAddress }, done) {
        if (options.tls && !options.tls.optional && !secure) return done(refusal(530, '5.7.0 Use STARTTLS first'));
        if (opened.closing) return done(refusal(421, '4.3.2 Shutting down, try again later'));
        done(rate.takes(remoteAddress) ? undefined : refusal(450, '4.7.0 Too many messages, try again later'));
      },
      onRcptTo({ address }, _session, done) {
        done(accepts(address.toLowerCase()) ? undefined : refusal(550, '5.1.1 No such mailbox, and nothing is relayed'));
      },
      onData(stream, session, done) {
        void opened.take(stream, session, limits.bytes).then((refused) => done(refused));
      },
    });
    const opened = new MailServer(server, options);
    server.on('error', (cause) => options.onError?.(new Error('A mail connection failed.', { cause })));
    await new Promise<void>((resolve, reject) => {
      server.server.once('error', reject);
      server.listen(options.port, options.host, () => {
        server.server.off('error', reject);
        resolve();
      });
    });
    return opened;
  }

  get port(): number {
    const address = this.server.server.address();
    return address !== null && typeof address === 'object' ? address.port : this.options.port;
  }

  /** Takes no more mail, waits until what has come is kept, then ends all connections. */
  async close(): Promise<void> {
    this.closing = true;
    await Promise.all(this.running);
    await new Promise<void>((resolve) => this.server.close(resolve));
    await Promise.all(this.running);
  }

  /** What the sender is told; undefined: taken. */
  private async take(stream: SMTPServerDataStream, session: SMTPServerSession, most: number): Promise<Error | undefined> {
    const { mailFrom, rcptTo } = session.envelope;
    const envelope: MailEnvelope = {
      from: mailFrom ? mailFrom.address : '',
      to: rcptTo.map(({ address }) => address.toLowerCase()),
      remoteAddress: session.remoteAddress,
    };
    let raw: Buffer | undefined;
    try {
      raw = await read(stream, most, this.options.head ?? most);
    } catch {
      return refusal(451, '4.4.2 The message did not come whole');
    }
    if (!raw) return refusal(552, `5.3.4 The message is larger than ${most} bytes`);
    const taken = raw;
    const keeping = (async () => this.options.onMail(taken, envelope))();
    const settled = keeping.catch(() => undefined);
    this.running.add(settled);
    try {
      await keeping;
      return undefined;
    } catch (cause) {
      this.options.onError?.(new Error('A mail could not be kept; its sender was asked to try again.', { cause }));
      return refusal(451, '4.3.0 The message could not be kept, try again later');
    } finally {
      this.running.delete(settled);
    }
  }
}

/** The first bytes of a message; undefined when it is too big. @throws when the connection ends before */
async function read(stream: SMTPServerDataStream, most: number, head: number): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (bytes < head) chunks.push(chunk.subarray(0, head - bytes));
    bytes += chunk.length;
    if (bytes > most) chunks = [];
  }
  return stream.sizeExceeded || bytes > most ? undefined : Buffer.concat(chunks);
}

function acceptance(addresses: MailServerOptions['addresses']): (address: string) => boolean {
  if (typeof addresses === 'function') return addresses;
  if (addresses.length === 0) throw new Error('A mail server needs at least one address in `addresses` to take mail for.');
  const accepted = new Set(addresses.map((address) => address.toLowerCase()));
  return (address) => accepted.has(address);
}

const refusal = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });

/** Messages of each address in the current minute. */
class Rate {
  private minute = 0;
  private counts = new Map<string, number>();

  constructor(
    private readonly most: number,
    private readonly now: () => number,
  ) {}

  takes(address: string): boolean {
    const minute = Math.floor(this.now() / 60_000);
    if (minute !== this.minute) this.counts = new Map();
    this.minute = minute;
    const count = (this.counts.get(address) ?? 0) + 1;
    this.counts.set(address, count);
    return count <= this.most;
  }
}

function peerList(peers: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const peer of peers) {
    const [address = '', prefix] = peer.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    try {
      if (prefix === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(prefix), family);
    } catch (cause) {
      throw new Error(`\`peers\` holds ${JSON.stringify(peer)}: write an IP address, or a network such as 10.0.0.0/8.`, { cause });
    }
  }
  return (address) =>
    list.check(address.replace(/^::ffff:(?=\d+\.)/, ''), isIPv6(address) && !/^::ffff:\d+\./.test(address) ? 'ipv6' : 'ipv4');
}

import { MailServer, type MailServerOptions } from '@attesta/mail';
import { statusReports, type StatusReport } from './bounce-report.js';
import { messageOf, type ReturnPaths } from './return-path.js';

/** What a mail system says of a message. */
export interface Bounce {
  message: string;
  outcome: 'delivered' | 'bounced';
  /** The address takes no mail: not merely this one, or not now. */
  permanent: boolean;
  /** RFC 3463. */
  status?: string;
}

/**
 * Reads a delivery status notification (RFC 3464). Whatever else comes, replies and vacation notices among it, is undefined, and so is
 * what says nothing final: a delay, or that the mail went on to a system that reports nothing.
 * @param to the return path it was sent to
 */
export function bounceOf(raw: Buffer, to: string, paths: ReturnPaths): Bounce | undefined {
  const message = messageOf(to, paths);
  if (message === undefined) return undefined;
  const reports = statusReports(raw);
  const arrived = reports.find(({ action }) => action === 'delivered' || action === 'expanded');
  if (arrived) return { message, outcome: 'delivered', permanent: false, ...statusIn(arrived) };
  const failed = reports.find(({ action }) => action === 'failed');
  if (!failed) return undefined;
  // A message goes to one address. Several recipients are those that it was passed on to.
  const permanent = reports.every(({ action, status }) => action === 'failed' && takesNoMail(status));
  return { message, outcome: 'bounced', permanent, ...statusIn(failed) };
}

/** RFC 3463: 5.1.x, the address, without 5.1.7 and 5.1.8, the sender's; and 5.2.1, a disabled mailbox. Not: full, too big, unwanted. */
export const takesNoMail = (status: string | undefined): boolean => /^5\.(?:1\.(?![78]$)\d+|2\.1)$/.test(status ?? '');

const statusIn = ({ status }: StatusReport): { status?: string } => (status === undefined ? {} : { status });

export interface BounceServerOptions
  extends ReturnPaths, Pick<MailServerOptions, 'port' | 'host' | 'tls' | 'peers' | 'limits' | 'onError'> {
  /** The notification counts as taken once it resolved, and comes again when it rejects. So one bounce may come twice. */
  onBounce: (bounce: Bounce) => Promise<void>;
}

/** Takes bounces by SMTP, which the mail system of the return paths' domain passes on. Mail to anything else is refused unread. */
export class BounceServer {
  private constructor(private readonly server: MailServer) {}

  static async open({ domain, key, onBounce, limits, ...options }: BounceServerOptions): Promise<BounceServer> {
    const paths = { domain, key };
    return new BounceServer(
      await MailServer.open({
        ...options,
        limits: { bytes: LARGEST, messagesPerMinute: 6_000, ...limits },
        head: HEAD,
        addresses: (address) => messageOf(address, paths) !== undefined,
        async onMail(raw, { to }) {
          for (const address of new Set(to)) {
            const bounce = bounceOf(raw, address, paths);
            if (bounce) await onBounce(bounce);
          }
        },
      }),
    );
  }

  get port(): number {
    return this.server.port;
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

/** Some systems send the whole message back, behind what they say of it. */
const LARGEST = 26 * 1024 * 1024;
const HEAD = 1024 * 1024;

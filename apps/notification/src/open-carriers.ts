import { MailSender } from '@attesta/mail';
import { hmacSha256 } from '@attesta/vault';
import { BounceServer, type Bounce } from './bounces.js';
import type { Carrier } from './carrier.js';
import { mailCarrier } from './mail-carrier.js';
import type { CarriersConfig } from './notification.config.js';
import { smsCarrier } from './sms-carrier.js';
import type { MessageChannel } from './templates.js';

export interface Carriers {
  carriers: Partial<Record<MessageChannel, Carrier>>;
  /** Begins to listen for bounces, where the configuration says so. @returns the port */
  receive(onBounce: (bounce: Bounce) => Promise<void>): Promise<number | undefined>;
  close(): Promise<void>;
}

export interface CarriersOptions extends CarriersConfig {
  /** Who mail comes from, where the configuration does not say. */
  name: string;
  /** Where answers go. */
  replyTo: string;
  /** The deployment's pepper: return paths are made with it. */
  pepper: Uint8Array;
  onError: (error: unknown) => void;
}

/** @throws Error for a configuration that cannot be */
export async function openCarriers(options: CarriersOptions): Promise<Carriers> {
  const { smtpUrl, mailDirectory, mailFrom, mailFromName, mailConnections, smsUrl, smsToken, smsFrom, bouncePort, bouncePeers, onError } =
    options;
  if ((smsUrl === undefined) !== (smsToken === undefined)) throw new Error('SMS_URL and SMS_TOKEN belong together: give both or none.');
  const sender = await MailSender.open({
    from: mailFrom,
    fromName: mailFromName ?? options.name,
    replyTo: options.replyTo,
    ...(smtpUrl === undefined ? { directory: mailDirectory } : { url: smtpUrl, maxConnections: mailConnections }),
  });
  const returnPaths = {
    domain: mailFrom.slice(mailFrom.lastIndexOf('@') + 1),
    key: Buffer.from(hmacSha256(options.pepper, 'return paths'), 'latin1'),
  };
  const carriers = {
    email: mailCarrier(sender, { ...(bouncePort !== undefined && { returnPaths }) }),
    ...(smsUrl !== undefined && { sms: smsCarrier({ url: smsUrl, token: smsToken!, from: smsFrom }) }),
  };
  let bounces: BounceServer | undefined;
  return {
    carriers,
    async receive(onBounce) {
      if (bouncePort === undefined) return undefined;
      bounces = await BounceServer.open({ ...returnPaths, port: bouncePort, host: '0.0.0.0', peers: bouncePeers, onBounce, onError });
      return bounces.port;
    },
    close: async () => bounces?.close(),
  };
}

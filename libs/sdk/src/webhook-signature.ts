import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';

const TOLERANCE_S = 300;

/**
 * The signature of a webhook (Standard Webhooks 1.0.0, symmetric), for the header `webhook-signature`.
 * @param secret `whsec_<base64>`
 * @param id the header `webhook-id`
 * @param timestamp the header `webhook-timestamp`: whole seconds since the epoch, of this attempt
 */
export const signTask = (secret: string, id: string, timestamp: number, body: string): string =>
  new Webhook(secret).sign(id, new Date(timestamp * 1000), body);

/** Why a webhook is not what it says to be; holds nothing of it. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
  constructor(
    readonly code: 'not-signed' | 'bad-signature' | 'bad-timestamp',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Checks a webhook of the service (Standard Webhooks 1.0.0). One that came before, within five minutes, passes again: remember `id`, and
 * take each once.
 * @param secret `whsec_<base64>`
 * @param headers as Node.js has them: names in lower case
 * @param body as it came, before it is parsed
 * @param now milliseconds since the epoch
 * @throws WebhookRefused
 */
export function verifyWebhook(secret: string, headers: IncomingHttpHeaders, body: string, now: number): { id: string; timestamp: number } {
  const [id, stamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name]);
  // What is signed is joined by full stops: an id that holds one could be read as another.
  if (
    typeof id !== 'string' ||
    !/^[^.\s]+$/.test(id) ||
    typeof stamp !== 'string' ||
    !/^\d{1,12}$/.test(stamp) ||
    typeof signatures !== 'string'
  ) {
    throw new WebhookRefused('not-signed', 'The headers webhook-id, webhook-timestamp and webhook-signature are needed.');
  }
  const timestamp = Number(stamp);
  const expected = Buffer.from(signTask(secret, id, timestamp, body));
  // Several, while a secret is being changed.
  const signed = signatures.split(' ').some((one) => {
    const given = Buffer.from(one);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!signed) throw new WebhookRefused('bad-signature', 'The signature is not that of this body; check the secret.');
  if (Math.abs(now / 1000 - timestamp) > TOLERANCE_S) {
    throw new WebhookRefused('bad-timestamp', 'The timestamp is more than five minutes off; check the clocks.');
  }
  return { id, timestamp };
}

import { randomBytes } from 'node:crypto';
import { signTask } from '@attesta/sdk';
import { NotCarried } from './carrier.js';
import { endpointUrl, postJson } from './webhook-post.js';

export interface WebhookEndpoint {
  url: string;
  /** `whsec_<base64>`; made by `secretOf`. */
  secret: string;
}

export interface WebhookMessage {
  /** The same when it is sent again: receivers take it once. */
  id: string;
  /** What happened, such as `attesta.alert`. */
  type: string;
  /** When it happened. */
  timestamp: string;
  data: Readonly<Record<string, unknown>>;
}

/** A new secret of an endpoint. Standard Webhooks asks for 24 to 64 bytes. */
export const secretOf = (bytes: Uint8Array = randomBytes(32)): string => `whsec_${Buffer.from(bytes).toString('base64')}`;

/** @throws Error that says how to mend the URL: https, or http to this machine; no user and password */
export const checkWebhookUrl = (url: string): void => void endpointUrl('The URL of a webhook', url);

/**
 * Sends a message to an endpoint, signed (Standard Webhooks 1.0.0); receivers check it with `verifyWebhook` of @attesta/sdk.
 * @param now of this attempt, which is part of what is signed
 * @throws NotCarried: `refused` and dead when the endpoint wants no more (410), else to be tried again
 * @throws Error when the endpoint or the message is wrong
 */
export async function sendWebhook({ url, secret }: WebhookEndpoint, message: WebhookMessage, now: Date, timeoutMs = 15_000): Promise<void> {
  const endpoint = endpointUrl('The URL of a webhook', url);
  if (!isSecret(secret)) throw new Error('The secret of a webhook must be whsec_ and the base64 of at least 24 bytes.');
  // No full stops: they join what is signed.
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(message.id)) throw new Error('The id of a webhook message must be letters, digits and dashes.');
  const { id, type, timestamp, data } = message;
  const body = JSON.stringify({ type, timestamp, data });
  const seconds = Math.floor(now.getTime() / 1000);
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signTask(secret, id, seconds, body),
  };
  const status = await postJson(endpoint, headers, body, timeoutMs);
  if (status === undefined) throw new NotCarried('A webhook could not be reached, or did not answer.', 'unreachable');
  if (status === 410) throw new NotCarried('A webhook wants no more messages (410).', 'refused', true);
  if (status < 200 || status > 299) throw new NotCarried(`A webhook did not take the message now (${status}).`, 'unreachable');
}

function isSecret(secret: string): boolean {
  const key = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/.exec(secret)?.[1];
  return key !== undefined && Buffer.from(key, 'base64').length >= 24;
}

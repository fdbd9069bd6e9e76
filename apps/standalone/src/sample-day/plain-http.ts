import type { CloudEvent } from '@attesta/events';
import type { Receipt } from '@attesta/sdk';

/** CloudEvents over HTTP with nothing but fetch, as a service in any language would do it (CloudEvents HTTP binding 1.0.2). */

/** The whole event as the body. @throws Error when it is not taken */
export async function postStructured(url: string, token: string, event: CloudEvent): Promise<Receipt> {
  return (await post(url, token, { 'content-type': 'application/cloudevents+json' }, event)) as Receipt;
}

/** Attributes in headers, data as the body. A person may not be named in a header: only for events about nobody. */
export async function postBinary(url: string, token: string, { data, datacontenttype, ...attributes }: CloudEvent): Promise<Receipt> {
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeURI(String(value))]));
  return (await post(url, token, { ...headers, 'content-type': datacontenttype ?? 'application/json' }, data)) as Receipt;
}

/** Several events, one receipt each; rejected ones are receipts too. */
export async function postBatch(url: string, token: string, events: readonly CloudEvent[]): Promise<Receipt[]> {
  const answer = (await post(url, token, { 'content-type': 'application/cloudevents-batch+json' }, events)) as { receipts: Receipt[] };
  return answer.receipts;
}

async function post(url: string, token: string, headers: Record<string, string>, body: unknown): Promise<unknown> {
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`publishing was answered with ${response.status}: ${JSON.stringify(answer).slice(0, 600)}`);
  return answer;
}

import { isIPv4 } from 'node:net';

/** Bytes of an answer; nothing of it is used, it is read so that the connection serves again. */
const LONGEST = 64 * 1024;

/** @returns the URL as it was read @throws Error that says how to mend it; `what` names it */
export function endpointUrl(what: string, url: string): URL {
  const wrong = (why: string) => new Error(`${what} ${why}`);
  if (!URL.canParse(url)) throw wrong('must be a whole URL, such as https://alerts.shop.example/hook.');
  const parsed = new URL(url);
  if (parsed.username || parsed.password) throw wrong('may hold no user and password: URLs are written to logs.');
  if (parsed.protocol !== 'https:' && !(parsed.protocol === 'http:' && isLoopback(parsed.hostname)))
    throw wrong('must begin with https://; http:// is for this machine alone.');
  return parsed;
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));

/**
 * Posts JSON. Follows no redirect: whoever answers with one would be given what was meant for another.
 * @returns the status of the answer; undefined where none came in time
 */
export async function postJson(url: URL, headers: Record<string, string>, body: string, timeoutMs: number): Promise<number | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await drain(response).catch(() => undefined);
    return response.status;
  } catch {
    return undefined;
  }
}

async function drain({ body }: Response): Promise<void> {
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > LONGEST) return;
  }
}

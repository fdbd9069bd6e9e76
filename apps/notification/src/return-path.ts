import { createHmac, timingSafeEqual } from 'node:crypto';

/** Where bounces come back to: `bounces+<message>.<tag>@<domain>`, which fits a local part's 64 characters (RFC 5321 section 4.5.3.1.1). */
export interface ReturnPaths {
  domain: string;
  /** Of 32 bytes at least. Who does not have it can make no return path, so only who got a message can say that it bounced. */
  key: Uint8Array;
}

const RETURN_PATH = /^bounces\+([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[0-9a-z]{16}@/;

/** @param message a UUID */
export function returnPathOf(message: string, { domain, key }: ReturnPaths): string {
  const made = `bounces+${message}.${tagOf(message, key)}@${domain}`;
  if (!RETURN_PATH.test(made)) throw new Error('Only what a UUID names has a return path.');
  return made;
}

/** The message that a return path was made for; undefined for one made without the key. Case does not matter: mail systems change it. */
export function messageOf(address: string, paths: ReturnPaths): string | undefined {
  const given = address.toLowerCase();
  const message = RETURN_PATH.exec(given)?.[1];
  if (message === undefined) return undefined;
  const [ours, theirs] = [returnPathOf(message, paths).toLowerCase(), given].map((path) => Buffer.from(path));
  return ours!.length === theirs!.length && timingSafeEqual(ours!, theirs!) ? message : undefined;
}

/** 80 bits, in 16 digits of base 36. */
function tagOf(message: string, key: Uint8Array): string {
  if (key.length < 32) throw new Error('The key of return paths needs 32 bytes at least.');
  const tag = createHmac('sha256', key).update(`attesta return path\n${message}`).digest('hex').slice(0, 20);
  return BigInt(`0x${tag}`).toString(36).padStart(16, '0');
}

import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { FieldProblem } from '@attesta/events';

/** Addresses that are no place on the public internet (IANA special-purpose registries). */
const INNER = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  INNER.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
] as const)
  INNER.addSubnet(net, prefix, 'ipv6');

const ANSWER_MS = 10_000;

/** Why nothing is posted to a URL that somebody else chose; undefined where it is. @param innerHosts hosts of our own network that they may name */
export function urlProblem(text: string, innerHosts: readonly string[]): Omit<FieldProblem, 'field'> | undefined {
  if (!URL.canParse(text)) return refuse('is no URL', 'send an absolute https URL');
  const { protocol, hostname, username, password } = new URL(text);
  const host = bare(hostname);
  const allowed = innerHosts.includes(host);
  if (protocol !== 'https:' && !(protocol === 'http:' && allowed && isLoopback(host))) return refuse('is not https', 'send an https URL');
  if (username !== '' || password !== '') return refuse('holds a password', 'send it without: callbacks are signed');
  if (!allowed && (isInner(host) || isLoopback(host)))
    return refuse('is inside our network', 'send the URL of a host on the public internet, or have the operator allow this one');
  return undefined;
}

/**
 * Posts JSON, follows nowhere, and reads nothing of the answer but its status. A name is looked up once, and the connection goes to the address
 * that was looked at: no name can be turned to an inner one in between.
 * @throws Error when nobody answers in time, or the URL is one that `urlProblem` refuses
 */
export function deliver(url: string, headers: Record<string, string>, body: string, innerHosts: readonly string[]): Promise<number> {
  const problem = urlProblem(url, innerHosts);
  if (problem) return Promise.reject(new Error(`The URL ${problem.message}`));
  const to = new URL(url);
  const { request } = to.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const call = request(
      to,
      {
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(ANSWER_MS),
        headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        ...(!innerHosts.includes(bare(to.hostname)) && { lookup: outside }),
      },
      (response) => {
        response.destroy();
        resolve(response.statusCode ?? 0);
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** As `dns.lookup`, but for names of inner addresses: those have none. */
export const outside: LookupFunction = (hostname, options, done) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error || first === undefined) return done(error ?? new Error('The host has no address'), '');
    if (addresses.some(({ address }) => isInner(address))) return done(new Error('The host is inside our network'), '');
    if (options.all) return done(null, addresses);
    done(null, first.address, first.family);
  });
};

const isInner = (host: string): boolean => isIP(host) !== 0 && INNER.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
const isLoopback = (host: string): boolean => /^(?:127\.\d+\.\d+\.\d+|::1|(?:.+\.)?localhost\.?)$/.test(host);
const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');
const refuse = (message: string, fix: string): Omit<FieldProblem, 'field'> => ({ code: 'unsafe-url', message, fix });

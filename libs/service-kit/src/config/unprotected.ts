import { isIP } from 'node:net';

/** Whether a connection to this host stays on this machine: a loopback name or address, or a directory of Unix sockets. */
export function isThisMachine(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (name === '' || name.startsWith('/') || name === 'localhost' || name.endsWith('.localhost')) return true;
  return isIP(name) === 4 ? name.startsWith('127.') : name === '::1' || name.startsWith('::ffff:127.');
}

/** What is wrong with how a connection leaves this machine, and how to mend it. Names the host; never a password. */
export interface Unprotected {
  host: string;
  message: string;
  fix: string;
}

const PG_FIX = 'Add ?sslmode=verify-full to the URL, and &sslrootcert=FILE where the certificate is of an authority of your own.';

/**
 * What node-postgres would do with this URL: `prefer`, `require` and `verify-ca` verify certificate and name as `verify-full` does, other than in
 * libpq, unless `uselibpqcompat=true` stands there too.
 */
export function unprotectedDatabase(url: string): Unprotected | undefined {
  if (!URL.canParse(url)) return undefined; // node-postgres has its own ways with such
  const parsed = new URL(url);
  const parameters = parsed.searchParams;
  const host = parameters.get('host') ?? decodeURIComponent(parsed.hostname);
  if (isThisMachine(host)) return undefined;
  const mode = parameters.get('sslmode');
  const files = ['sslrootcert', 'sslcert', 'sslkey'].some((name) => parameters.has(name));
  const asked = files || ['true', '1'].includes(parameters.get('ssl') ?? '') || parameters.get('sslnegotiation') === 'direct';
  if (mode === 'disable' || (mode === null && !asked)) {
    return {
      host,
      message: 'The connection to PostgreSQL is not encrypted: whoever is on its way reads and changes what passes.',
      fix: PG_FIX,
    };
  }
  const asLibpq = parameters.get('uselibpqcompat') === 'true' && ['prefer', 'require', 'verify-ca'].includes(mode ?? '');
  if (mode !== 'no-verify' && !asLibpq) return undefined;
  return { host, message: 'The connection to PostgreSQL is encrypted, to whoever answers: its name is not verified.', fix: PG_FIX };
}

/** Brokers elsewhere that are spoken to without TLS and without a login. */
export function unprotectedBrokers(brokers: readonly string[], { tls, sasl }: { tls: unknown; sasl?: unknown }): Unprotected | undefined {
  if (tls || sasl) return undefined;
  const host = brokers.map((broker) => broker.replace(/:\d+$/, '')).find((name) => !isThisMachine(name));
  if (host === undefined) return undefined;
  return {
    host,
    message: 'Kafka is spoken to in clear and without a login: whoever reaches the brokers reads the topics and writes to them.',
    fix: 'Set KAFKA_TLS or KAFKA_TLS_CA, and KAFKA_SASL_MECHANISM with a user of its own for each service.',
  };
}

import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** What a certificate says. Times are milliseconds. */
export interface CertificateContent {
  /** RSA. */
  key: KeyObject;
  /** A DNS name or an IPv4 address. */
  domain: string;
  /** 16 random bytes. */
  serial: Uint8Array;
  from: number;
  until: number;
}

/** DER tags (X.690). */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
  dnsName: 0x82,
  ipAddress: 0x87,
};
const OID = {
  sha256WithRsa: '2a864886f70d01010b',
  commonName: '550403',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
  subjectAltName: '551d11',
};

/** An X.509 v3 certificate that its own key signed (RFC 5280), for digital signatures alone. @returns PEM */
export function selfSignedCertificate({ key, domain, serial, from, until }: CertificateContent): string {
  const algorithm = sequence(oid(OID.sha256WithRsa), der(TAG.null));
  const name = sequence(der(TAG.set, sequence(oid(OID.commonName), der(TAG.utf8, Buffer.from(domain.slice(0, 64))))));
  const altName = isIPv4(domain) ? der(TAG.ipAddress, Buffer.from(domain.split('.').map(Number))) : der(TAG.dnsName, Buffer.from(domain));
  const content = sequence(
    der(TAG.version, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, positive(serial)),
    algorithm,
    name,
    sequence(time(from), time(until)),
    name,
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    der(
      TAG.extensions,
      sequence(
        extension(OID.basicConstraints, true, sequence()),
        extension(OID.keyUsage, true, der(TAG.bits, Buffer.from([7, 0x80]))),
        extension(OID.subjectAltName, false, sequence(altName)),
      ),
    ),
  );
  const signature = der(TAG.bits, Buffer.from([0]), sign('sha256', content, key));
  const lines =
    sequence(content, algorithm, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const n = content.length;
  const length = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = (...parts: Uint8Array[]): Buffer => der(TAG.sequence, ...parts);
const oid = (hex: string): Buffer => der(TAG.oid, Buffer.from(hex, 'hex'));
const extension = (id: string, critical: boolean, value: Uint8Array): Buffer =>
  sequence(oid(id), ...(critical ? [der(TAG.boolean, Buffer.from([0xff]))] : []), der(TAG.octets, value));

/** RFC 5280 section 4.1.2.2: not negative, and without leading zeros. */
const positive = (serial: Uint8Array): Buffer => Buffer.from([(serial[0]! & 0x3f) | 0x40, ...serial.subarray(1)]);

/** RFC 5280 section 4.1.2.5: UTCTime until 2049. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\.\d+Z$|[-:T]/g, '');
  return Number(digits.slice(0, 4)) < 2050
    ? der(TAG.utcTime, Buffer.from(`${digits.slice(2)}Z`))
    : der(TAG.time, Buffer.from(`${digits}Z`));
}

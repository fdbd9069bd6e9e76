import { createPrivateKey, generateKeyPairSync, verify, X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { selfSignedCertificate } from './opendsr-certificate.js';
import { OpenDsrSigner } from './opendsr-signer.js';

const NOW = new Date('2026-03-01T09:00:00Z');
const YEAR = 365 * 86_400_000;
const pem = (bits: number) =>
  generateKeyPairSync('rsa', { modulusLength: bits }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const key = pem(2048);
const certificateOf = (domain: string, of = key, from = NOW.getTime(), until = from + YEAR) =>
  selfSignedCertificate({ key: createPrivateKey(of), domain, serial: Buffer.alloc(16, 0xff), from, until });

describe('a certificate that signs itself', () => {
  test('is one that others can read and verify', () => {
    const x509 = new X509Certificate(certificateOf('privacy.example'));
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect(x509.checkHost('privacy.example')).toBe('privacy.example');
    expect(x509.checkHost('other.example')).toBeUndefined();
    expect(x509.ca).toBe(false);
    expect(new Date(x509.validTo).toISOString()).toBe('2027-03-01T09:00:00.000Z');
  });

  test('may be for an address, and end after 2049', () => {
    const x509 = new X509Certificate(certificateOf('127.0.0.1', key, NOW.getTime(), Date.parse('2051-01-02T03:04:05Z')));
    expect(x509.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(new Date(x509.validTo).toISOString()).toBe('2051-01-02T03:04:05.000Z');
  });
});

describe('a signer', () => {
  test('signs so that the certificate verifies it, and nothing else', () => {
    const certificate = certificateOf('privacy.example');
    const signature = Buffer.from(OpenDsrSigner.from({ key, certificate, domain: 'privacy.example', now: NOW }).sign('{"ศ":1}'), 'base64');
    const { publicKey } = new X509Certificate(certificate);
    expect(verify('sha256', Buffer.from('{"ศ":1}'), publicKey, signature)).toBe(true);
    expect(verify('sha256', Buffer.from('{"ศ":2}'), publicKey, signature)).toBe(false);
  });

  test.each([
    ['another key', { certificate: certificateOf('privacy.example', pem(2048)) }, /not that of the key/],
    ['another host', { certificate: certificateOf('other.example') }, /not for privacy\.example/],
    ['no longer valid', { now: new Date(NOW.getTime() + 2 * YEAR) }, /valid from/],
    ['not valid yet', { now: new Date(NOW.getTime() - YEAR) }, /valid from/],
    ['too small a key', { key: pem(1024) }, /2048 bits/],
  ])('is none with a certificate of %s', (_what, change, message) => {
    const whole = { key, certificate: certificateOf('privacy.example'), domain: 'privacy.example', now: NOW };
    expect(() => OpenDsrSigner.from({ ...whole, ...change })).toThrow(message);
  });

  test('makes its pair once, and keeps the key to itself', async () => {
    const directory = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-opendsr-')), 'keys');
    const both = await Promise.all([1, 2].map(() => OpenDsrSigner.selfSigned(directory, 'localhost', NOW)));
    const later = await OpenDsrSigner.selfSigned(directory, 'localhost', NOW);
    expect(new Set([...both, later].map(({ certificate }) => certificate)).size).toBe(1);
    expect(later.sign('x')).toBe(both[0]!.sign('x'));
    expect(fs.readdirSync(directory).sort()).toEqual(['opendsr-key.pem', 'opendsr-localhost.pem']);
    expect(fs.statSync(path.join(directory, 'opendsr-key.pem')).mode & 0o777).toBe(0o600);
  });
});

import { createPrivateKey, generateKeyPair, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';
import fs from 'node:fs/promises';
import { isIP, isIPv6 } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { selfSignedCertificate } from './opendsr-certificate.js';

const LEAST_BITS = 2048;
const OWN_BITS = 3072;
const TEN_YEARS_MS = 3_652 * 86_400_000;

/** Signs what we answer and call back with, so that a controller can show it to others (OpenDSR 4.2, FIPS 186-4: RSASSA-PKCS1-v1_5 with SHA-256). */
export class OpenDsrSigner {
  private constructor(
    /** The host that requests come to. */
    readonly domain: string,
    /** PEM; a chain where one was given. */
    readonly certificate: string,
    private readonly key: KeyObject,
  ) {}

  /**
   * With a certificate that an authority issued, as OpenDSR 4.1 demands.
   * @param key private key, PEM @param certificate PEM, its own first @param domain the host of the public URL
   * @throws Error when they do not belong together, or cannot be used now
   */
  static from({ key, certificate, domain, now }: { key: string; certificate: string; domain: string; now: Date }): OpenDsrSigner {
    const own = createPrivateKey(key);
    const x509 = new X509Certificate(certificate);
    if (own.asymmetricKeyType !== 'rsa' || (own.asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_BITS)
      throw new Error(`The OpenDSR key is no RSA key of ${LEAST_BITS} bits or more: have one made, and a certificate for it.`);
    if (!x509.checkPrivateKey(own)) throw new Error('The OpenDSR certificate is not that of the key: give the two that belong together.');
    const named = isIP(domain) ? x509.checkIP(domain) : x509.checkHost(domain);
    if (named === undefined)
      throw new Error(`The OpenDSR certificate is not for ${domain}: have one issued for the host of the public URL.`);
    if (now < new Date(x509.validFrom) || now > new Date(x509.validTo))
      throw new Error(`The OpenDSR certificate is valid from ${x509.validFrom} to ${x509.validTo}: have a new one issued.`);
    return new OpenDsrSigner(domain, certificate, own);
  }

  /**
   * With a pair that is made at the first start and kept in `directory`. OpenDSR 4.1 forbids controllers to trust it: for development, and for
   * controllers that were given the certificate by hand.
   */
  static async selfSigned(directory: string, domain: string, now: Date): Promise<OpenDsrSigner> {
    if (isIPv6(domain)) throw new Error('The public URL names an IPv6 address: name a host, or give an OpenDSR key and certificate.');
    const [keyFile, certificateFile] = [path.join(directory, 'opendsr-key.pem'), path.join(directory, `opendsr-${domain}.pem`)];
    await fs.mkdir(directory, { recursive: true });
    const key = await kept(keyFile, newKey);
    const certificate = await kept(certificateFile, () =>
      Promise.resolve(
        selfSignedCertificate({
          key: createPrivateKey(key),
          domain,
          serial: randomBytes(16),
          from: now.getTime(),
          until: now.getTime() + TEN_YEARS_MS,
        }),
      ),
    );
    return OpenDsrSigner.from({ key, certificate, domain, now });
  }

  /** @returns base64 */
  sign(body: string): string {
    return sign('sha256', Buffer.from(body), this.key).toString('base64');
  }

  /** `body` as it is sent, with what OpenDSR 7.4, 8.3 and 8.6 demand beside it. */
  headers(body: string): Record<string, string> {
    return { 'X-OpenDSR-Processor-Domain': this.domain, 'X-OpenDSR-Signature': this.sign(body) };
  }
}

async function newKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: OWN_BITS });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** What the file holds; made first where there is none. Of two processes that make it at once, the first wins. */
async function kept(file: string, make: () => Promise<string>): Promise<string> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const written = `${file}.${randomBytes(6).toString('hex')}`;
  await fs.writeFile(written, await make(), { mode: 0o600 });
  // A link, unlike a rename, does not replace what another process put there meanwhile.
  await fs.link(written, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await fs.unlink(written);
  return fs.readFile(file, 'utf8');
}

import type { OpenDsrOptions } from './opendsr.js';
import { OpenDsrSigner } from './opendsr-signer.js';
import type { RequestsConfig } from './requests.config.js';

type Wanted = Pick<RequestsConfig, 'openDsrControllers' | 'openDsrKey' | 'openDsrCertificate' | 'keys' | 'publicUrl'>;

/** OpenDSR as the configuration says; undefined where no other controller is known. @throws Error for a key that does not fit its certificate */
export async function openDsrOf(config: Wanted): Promise<OpenDsrOptions | undefined> {
  const { openDsrControllers, openDsrKey: key, openDsrCertificate: certificate, keys, publicUrl } = config;
  if (openDsrControllers.length === 0) return undefined;
  const domain = new URL(publicUrl).hostname;
  const now = new Date();
  const signer =
    key !== undefined && certificate !== undefined
      ? OpenDsrSigner.from({ key, certificate, domain, now })
      : await OpenDsrSigner.selfSigned(keys, domain, now);
  const controllers = Object.fromEntries(
    openDsrControllers.map((one) => {
      const [sub, customers] = one.split('=') as [string, string];
      return [sub, { customers }];
    }),
  );
  return { signer, controllers };
}

import {
  KeyProviders,
  KeyProviderUnavailable,
  KmsProvider,
  LocalKeyring,
  readIfThere,
  TransitProvider,
  type KeyProvider,
} from '@attesta/vault';
import type { KeyProviderConfig } from './config/key-provider.config.js';

export interface KeyProviderWanted {
  /** The service whose keys are wrapped: ledger, consent, requests or notification. */
  service: string;
  /** The file of its own keyring. With `local` it is made when it is not there. */
  keyring: string;
  onUnavailable?: (error: Error) => void;
}

/**
 * The provider that the configuration names, and behind it the others that it still describes, for what they wrapped before.
 * A server that is away does not keep the process from starting: what needs it answers 503 meanwhile.
 * @throws KeyEncryptionKeyMissing when the server answers, and the key is not there or not of a kind that can be used
 */
export async function openKeyProvider(config: KeyProviderConfig, wanted: KeyProviderWanted): Promise<KeyProvider> {
  const { service, keyring } = wanted;
  const local = config.provider === 'local' ? await LocalKeyring.open(keyring) : await keyringOf(keyring);
  const providers = { local, transit: transitOf(config, service), kms: await kmsOf(config, service) };
  const newest = providers[config.provider]!;
  if (newest !== local) {
    await newest.current().catch((error: unknown) => {
      if (!(error instanceof KeyProviderUnavailable)) throw error;
      wanted.onUnavailable?.(error);
    });
  }
  const before = Object.values(providers).filter((provider) => provider !== undefined && provider !== newest) as KeyProvider[];
  return before.length === 0 ? newest : new KeyProviders(newest, before);
}

const keyringOf = async (file: string): Promise<LocalKeyring | undefined> =>
  (await readIfThere(file)) === undefined ? undefined : LocalKeyring.read(file);

function transitOf(config: KeyProviderConfig, service: string): TransitProvider | undefined {
  const { transitUrl: url, transitToken: value, transitTokenSink: file } = config;
  if (url === undefined || (value === undefined && file === undefined)) return undefined;
  return new TransitProvider({
    url,
    token: file === undefined ? { value: value! } : { file },
    namespace: config.transitNamespace,
    ca: config.transitCa,
    mount: config.transitMount,
    key: config.transitKey,
    service,
  });
}

async function kmsOf(
  { kmsKey: key, kmsRegion: region, kmsEndpoint: endpoint }: KeyProviderConfig,
  service: string,
): Promise<KmsProvider | undefined> {
  return key === undefined ? undefined : KmsProvider.open({ key, region, endpoint, service });
}

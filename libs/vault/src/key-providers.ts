import { grouped } from './grouped.js';
import { KeyEncryptionKeyMissing, type KeyProvider, type WrappedKey } from './key-provider.js';

/** One provider for what is wrapped from now on, and those that wrapped before: a service moves from one to another without a stop. */
export class KeyProviders implements KeyProvider {
  private readonly all: readonly KeyProvider[];

  constructor(
    private readonly newest: KeyProvider,
    before: readonly KeyProvider[],
  ) {
    this.all = [newest, ...before];
  }

  wrap(keys: readonly Buffer[]): Promise<WrappedKey[]> {
    return this.newest.wrap(keys);
  }

  unwrap(keys: readonly WrappedKey[]): Promise<Buffer[]> {
    return this.each(keys, (provider, wanted) => provider.unwrap(wanted));
  }

  rewrap(keys: readonly WrappedKey[]): Promise<WrappedKey[]> {
    return this.each(keys, async (provider, wanted) =>
      provider === this.newest ? provider.rewrap(wanted) : this.newest.wrap(await provider.unwrap(wanted)),
    );
  }

  current(): Promise<string> {
    return this.newest.current();
  }

  owns(kek: string): boolean {
    return this.all.some((provider) => provider.owns(kek));
  }

  /** In the order given. */
  private async each<R>(keys: readonly WrappedKey[], work: (of: KeyProvider, wanted: WrappedKey[]) => Promise<R[]>): Promise<R[]> {
    const results = new Array<R>(keys.length);
    const placed = keys.map((key, i) => ({ key, i, provider: this.ownerOf(key.kek) }));
    for (const [provider, wanted] of grouped(placed, (one) => one.provider)) {
      const done = await work(
        provider,
        wanted.map(({ key }) => key),
      );
      for (const [at, { i }] of wanted.entries()) results[i] = done[at]!;
    }
    return results;
  }

  private ownerOf(kek: string): KeyProvider {
    const owner = this.all.find((provider) => provider.owns(kek));
    if (!owner) throw new KeyEncryptionKeyMissing(kek, 'belongs to a provider that is not configured here; configure it');
    return owner;
  }
}

import { randomBytes } from 'node:crypto';
import { KeyEncryptionKeyMissing, KeyProviderUnavailable, WrappedKeyAltered, type KeyProvider, type WrappedKey } from './key-provider.js';

/** A provider on its server, and what somebody can do to the keys there. */
export interface ProviderRig {
  /** Another one of the same keys, as another process has it. */
  open(service?: string): Promise<KeyProvider>;
  /** A provider whose server cannot be reached; absent where nothing lies between. */
  away?(): Promise<KeyProvider>;
  /** Makes a newer key-encryption key, or version of it, that new data keys are wrapped by. */
  rotate(): Promise<void>;
  /** Takes the key-encryption key of this name away; absent where the server has no notion of that. */
  lose?(kek: string): Promise<void>;
  /** Keys are bound to their service. */
  separates: boolean;
  close(): Promise<void>;
}

/** What every provider of key-encryption keys does. */
export function providerConformance(start: () => Promise<ProviderRig>): void {
  let rig: ProviderRig;
  let provider: KeyProvider;
  beforeEach(async () => {
    rig = await start();
    provider = await rig.open();
  });
  afterEach(() => rig?.close());

  const secrets = (n: number) => Array.from({ length: n }, () => randomBytes(32));
  const altered = ({ kek, wrapped }: WrappedKey): WrappedKey => {
    const bytes = Buffer.from(wrapped);
    bytes[bytes.length - 5]! ^= 1;
    return { kek, wrapped: bytes };
  };

  it('opens what it wrapped, many at once, in their order, also in another process', async () => {
    const keys = secrets(70);
    const wrapped = await provider.wrap(keys);
    expect(new Set(wrapped.map(({ kek }) => kek))).toEqual(new Set([await provider.current()]));
    expect(await provider.unwrap(wrapped)).toEqual(keys);
    expect(await (await rig.open()).unwrap(wrapped.toReversed())).toEqual(keys.toReversed());
  });

  it('shows nothing of a key, and wraps the same one differently each time', async () => {
    const [key] = secrets(1);
    const [one, other] = await provider.wrap([key!, key!]);
    expect(one!.wrapped.includes(key!)).toBe(false);
    expect(one!.wrapped).not.toEqual(other!.wrapped);
  });

  it('is asked nothing for nothing', async () => {
    expect([await provider.wrap([]), await provider.unwrap([]), await provider.rewrap([])]).toEqual([[], [], []]);
  });

  it('tells what was altered from what is missing', async () => {
    const wrapped = await provider.wrap(secrets(3));
    await expect(provider.unwrap([wrapped[0]!, altered(wrapped[1]!), wrapped[2]!])).rejects.toThrow(WrappedKeyAltered);
    await expect(provider.rewrap([altered(wrapped[0]!)])).rejects.toThrow(WrappedKeyAltered);
  });

  it('after a rotation wraps by the new one, opens the old, and rewraps the old under the new', async () => {
    const keys = secrets(5);
    const before = await provider.wrap(keys);
    await rig.rotate();
    const [fresh] = await provider.wrap(secrets(1));
    expect(fresh!.kek).toBe(await provider.current());
    expect(fresh!.kek).not.toBe(before[0]!.kek);
    expect(await provider.unwrap(before)).toEqual(keys);
    const after = await provider.rewrap(before);
    expect(new Set(after.map(({ kek }) => kek))).toEqual(new Set([fresh!.kek]));
    expect(await provider.unwrap(after)).toEqual(keys);
  });

  it('a key-encryption key that is gone is missing, by its name, and nothing else; what was rewrapped opens without it', async () => {
    if (!rig.lose) return;
    const keys = secrets(2);
    const before = await provider.wrap(keys);
    await rig.rotate();
    const after = await provider.rewrap(before);
    await rig.lose(before[0]!.kek);
    const later = await rig.open();
    const failure = await later.unwrap(before).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KeyEncryptionKeyMissing);
    expect((failure as Error).message).toContain(before[0]!.kek);
    expect(await later.unwrap(after)).toEqual(keys);
  });

  it('wrapped for one service does not open for another', async () => {
    if (!rig.separates) return;
    const wrapped = await provider.wrap(secrets(1));
    await expect((await rig.open('other')).unwrap(wrapped)).rejects.toThrow(WrappedKeyAltered);
  });

  it('a server that is away is neither a missing key nor an altered one', async () => {
    if (!rig.away) return;
    const wrapped = await provider.wrap(secrets(1));
    const away = await rig.away();
    const asked = await Promise.allSettled([away.wrap(secrets(1)), away.unwrap(wrapped), away.rewrap(wrapped), away.current()]);
    for (const one of asked) expect(one).toMatchObject({ status: 'rejected', reason: expect.any(KeyProviderUnavailable) });
  });
}

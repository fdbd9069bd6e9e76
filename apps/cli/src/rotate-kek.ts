import { addKeyringKey, countByKek, readKeyring, removeKeyringKey, rewrapAll } from '@attesta/vault';
import { Failure } from './failure.js';
import { after } from './iso-duration.js';
import type { Keyed } from './keyed-services.js';
import type { Screen } from './screen.js';
import { count } from './screen.js';

/** What a rotation came to in one service. */
export interface KekRotation {
  service: string;
  current: string;
  /** Whether this run made the current key; with Transit and KMS their own rotation does. */
  made: boolean;
  rewrapped: number;
  /** By the name of an older key, rows that still hang on it. */
  left: Record<string, number>;
}

/** So soon after another one a rotation is taken for a repetition of it. */
const AGAIN_MS = 60 * 60_000;

/**
 * A new key where none is under way, then everything under it. Where rows still hang on an older key a rotation is under way, and goes on; so a run that was
 * killed is followed by one that ends its work, and a second run right after the first makes no further key.
 */
export async function rotateKek(keyed: Keyed, { again, now, screen }: { again: boolean; now: Date; screen: Screen }): Promise<KekRotation> {
  const { service, keyring, local, provider, pool, columns } = keyed;
  const before = await provider.current();
  let made = false;
  if (local && (await olderThan(before, keyed)).size === 0) {
    const { made: times = {} } = await readKeyring(keyring);
    const age = now.getTime() - Date.parse(times[before] ?? '1970-01-01');
    // The first one came with the keyring, by no rotation.
    if (again || age >= AGAIN_MS || before === 'kek-1') {
      await addKeyringKey(keyring, before, now);
      made = true;
    }
  }
  const total = sum(await countByKek(pool, columns));
  const bar = screen.progress(`rewrapping ${service}`, 'rows', total);
  try {
    const { rewrapped } = await rewrapAll(pool, provider, columns, { onProgress: (n) => bar.update(n) });
    return {
      service,
      current: await provider.current(),
      made,
      rewrapped,
      left: Object.fromEntries(await olderThan(await provider.current(), keyed)),
    };
  } finally {
    bar.stop();
  }
}

/**
 * Destroys an older key of the keyring file.
 * @param keptFor ISO 8601: so long a backup of before the rotation may still be restored, and needs the old key
 * @throws Failure while anything hangs on it, or a backup may
 */
export async function destroyKek(keyed: Keyed, kek: string, { keptFor, now }: { keptFor: string; now: Date }): Promise<void> {
  const { service, keyring, pool, columns } = keyed;
  const ring = await readKeyring(keyring).catch(() => undefined);
  if (ring?.keys[kek] === undefined) throw new Failure(`the keyring of ${service} has no key ${kek}`, 'attesta keys status names them.');
  if (ring.current === kek)
    throw new Failure(`${kek} is the current key of ${service}`, 'attesta keys rotate kek makes another one first.');
  const hanging = (await countByKek(pool, columns)).get(kek) ?? 0;
  if (hanging > 0)
    throw new Failure(
      `${count(hanging, 'row')} of ${service} still hang on ${kek}`,
      'attesta keys rotate kek brings them under the current key.',
    );
  const replaced = Date.parse(successorMade(ring.made ?? {}, kek) ?? '');
  const until = after(Number.isNaN(replaced) ? now.getTime() : replaced, keptFor);
  if (until > now.getTime()) {
    throw new Failure(
      `what was kept of before the rotation may need ${kek} until ${new Date(until).toISOString()}`,
      'Wait until then; or say --backups-are-gone where no older backup will be restored, 10 minutes after the rotation at the earliest.',
    );
  }
  await removeKeyringKey(keyring, kek);
}

/** When the key after this one was made. */
function successorMade(made: Record<string, string>, kek: string): string | undefined {
  const number = (name: string) => Number(/[0-9]+$/.exec(name)?.[0] ?? 0);
  const later = Object.keys(made).filter((name) => number(name) > number(kek));
  const [next] = later.sort((a, b) => number(a) - number(b));
  return next === undefined ? undefined : made[next];
}

/** Rows by key, without the current one. */
export async function olderThan(current: string, { pool, columns }: Keyed): Promise<Map<string, number>> {
  const counts = await countByKek(pool, columns);
  counts.delete(current);
  return counts;
}

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((all, n) => all + n, 0);

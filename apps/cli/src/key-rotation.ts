import { countByKek, readKeyring } from '@attesta/vault';
import { Failure } from './failure.js';
import { withKeyed, type Keyed, type KeyedOptions } from './keyed-services.js';
import type { Cli } from './options.js';
import { destroyKek, rotateKek, type KekRotation } from './rotate-kek.js';
import { count } from './screen.js';

type Json = { json?: true };
export type StatusOptions = KeyedOptions & Json;
export type RotateOptions = KeyedOptions & Json & { again?: true };
export type DestroyOptions = KeyedOptions & Json & { backupsKeptFor: string; backupsAreGone?: true };

/** A process that read the keyring before a rotation may still write what it wrapped then. */
const UNDER_WAY = 'PT10M';
const DAY_MS = 24 * 60 * 60_000;

interface KekStatus {
  service: string;
  kek: string;
  current: boolean;
  /** Rows that hang on it. */
  rows: number;
  madeAt: string | null;
}

export function showKeys(options: StatusOptions, { screen, terminal }: Cli): Promise<void> {
  return withKeyed(options, terminal, async (all) => {
    const keks = (await Promise.all(all.map(keksOf))).flat();
    if (options.json) return screen.json({ keks });
    for (const { service, kek, current, rows, madeAt } of keks) {
      const age =
        madeAt === null ? 'age unknown' : `${count(Math.floor((terminal.now().getTime() - Date.parse(madeAt)) / DAY_MS), 'day')} old`;
      screen.print(`${service.padEnd(12)} ${kek}${current ? ', current' : ''}: ${count(rows, 'row')} hang on it, ${age}`);
    }
  });
}

async function keksOf({ service, keyring, local, provider, pool, columns }: Keyed): Promise<KekStatus[]> {
  const [counts, current, ring] = [
    await countByKek(pool, columns),
    await provider.current(),
    local ? await readKeyring(keyring) : undefined,
  ];
  const names = new Set([...Object.keys(ring?.keys ?? {}), ...counts.keys(), current]);
  return [...names].sort().map((kek) => ({
    service,
    kek,
    current: kek === current,
    rows: counts.get(kek) ?? 0,
    madeAt: ring?.made?.[kek] ?? null,
  }));
}

export async function rotate(key: string, options: RotateOptions, { screen, terminal, exit }: Cli): Promise<void> {
  if (key !== 'kek') throw new Failure(`there is no key ${JSON.stringify(key)} to rotate`, 'Say kek.');
  await withKeyed(options, terminal, async (all) => {
    const rotations: KekRotation[] = [];
    for (const keyed of all) rotations.push(await rotateKek(keyed, { again: options.again === true, now: terminal.now(), screen }));
    if (options.json) screen.json({ rotations });
    else for (const rotation of rotations) screen.print(rotationText(rotation));
    if (rotations.some(({ left }) => Object.keys(left).length > 0)) exit(1);
  });
}

function rotationText({ service, current, made, rewrapped, left }: KekRotation): string {
  const hanging = Object.entries(left).map(([kek, n]) => `${count(n, 'row')} on ${kek}`);
  const older =
    hanging.length === 0 ? 'nothing hangs on an older key' : `still hanging: ${hanging.join(', ')}, which do not open; see docs/keys.md`;
  return `${service.padEnd(12)} ${current} is ${made ? 'new and ' : ''}current; ${count(rewrapped, 'row')} rewrapped; ${older}.`;
}

export async function destroy(kek: string, options: DestroyOptions, { screen, terminal }: Cli): Promise<void> {
  const { service } = options;
  if (service === undefined) throw new Failure('it is not said whose key', 'Name the service with --service.');
  await withKeyed(options, terminal, async ([keyed]) => {
    await destroyKek(keyed!, kek, { keptFor: options.backupsAreGone ? UNDER_WAY : options.backupsKeptFor, now: terminal.now() });
    if (options.json) screen.json({ destroyed: kek, service });
    else screen.print(`${kek} of ${service} is destroyed. Nothing hung on it.`);
  });
}

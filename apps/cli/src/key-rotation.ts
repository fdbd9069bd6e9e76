import { LogFiles, readKeyChanges } from '@attesta/ledger';
import { readWitnessPolicy } from '@attesta/service-kit';
import { countByKek, readKeyring } from '@attesta/vault';
import { Failure } from './failure.js';
import { withKeyed, type Keyed, type KeyedOptions } from './keyed-services.js';
import type { Cli } from './options.js';
import { beginCheckpointRotation, retireCheckpointKey, type CheckpointKeys } from './rotate-checkpoint-key.js';
import { addIntakeKey, retireIntakeKeys } from './rotate-intake-key.js';
import { destroyKek, rotateKek, type KekRotation } from './rotate-kek.js';
import { count } from './screen.js';

type Json = { json?: true };
export type StatusOptions = KeyedOptions & Json;
export type RotateOptions = KeyedOptions & Json & { again?: true };
export type RetireOptions = KeyedOptions & Json & { overlap?: string; witnessPolicy?: string };
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
  if (key === 'checkpoint') return rotateCheckpoint(options, { screen, terminal, exit });
  if (key === 'intake') return rotateIntake(options, { screen, terminal, exit });
  if (key !== 'kek') throw new Failure(`there is no key ${JSON.stringify(key)} to rotate`, 'Say kek, checkpoint or intake.');
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

const checkpointKeysOf = ({ keys, log }: Keyed): CheckpointKeys => ({
  directory: keys,
  files: new LogFiles(log!, { changes: () => readKeyChanges(keys) }),
});

async function rotateCheckpoint(options: RotateOptions, { screen, terminal }: Cli): Promise<void> {
  await withKeyed({ ...options, service: 'ledger' }, terminal, async ([keyed]) => {
    const { old, next } = await beginCheckpointRotation(checkpointKeysOf(keyed!), terminal.now());
    if (options.json) return screen.json({ old, next: next.key, since: next.at });
    screen.print(`Since ${next.at} checkpoints are signed by two keys. Verifiers that know either go on.`);
    screen.print(`  old  ${old}`);
    screen.print(`  new  ${next.key}`);
    screen.print('Give the new line to verifiers and witnesses (a second line in WITNESS_LOGS); then: attesta keys retire checkpoint');
  });
}

async function rotateIntake(options: RotateOptions, { screen, terminal }: Cli): Promise<void> {
  await withKeyed({ ...options, service: 'ledger' }, terminal, async ([keyed]) => {
    const { kid, older, made } = await addIntakeKey(keyed!.keys, { again: options.again === true, now: terminal.now() });
    if (options.json) return screen.json({ kid, older, made });
    screen.print(
      `${kid} is ${made ? 'new and ' : ''}announced at /v1/intake-key; ${older.join(', ') || 'no other key'} still opens what was encrypted to it.`,
    );
  });
}

export async function retire(key: string, options: RetireOptions, { screen, terminal }: Cli): Promise<void> {
  if (key !== 'checkpoint' && key !== 'intake')
    throw new Failure(`there is no key ${JSON.stringify(key)} to retire`, 'Say checkpoint or intake.');
  await withKeyed({ ...options, service: 'ledger' }, terminal, async ([keyed]) => {
    if (key === 'intake') {
      const retired = await retireIntakeKeys(keyed!.keys, keyed!.log!, { overlap: options.overlap ?? 'P30D', now: terminal.now() });
      if (options.json) return screen.json({ retired });
      return screen.print(retired.length === 0 ? 'There is no older intake key.' : `Retired: ${retired.join(', ')}.`);
    }
    const file = options.witnessPolicy ?? terminal.env['ATTESTA_WITNESS_POLICY'];
    const witnesses = file === undefined ? undefined : readWitnessPolicy(file);
    const line = await retireCheckpointKey(checkpointKeysOf(keyed!), {
      overlap: options.overlap ?? 'P30D',
      now: terminal.now(),
      witnesses,
    });
    if (options.json) return screen.json({ key: line });
    screen.print(`THE OLD KEY HAS SIGNED ITS LAST CHECKPOINT and is destroyed. From now on the log is signed by`);
    screen.print(`  ${line}`);
    screen.print('alone. Verifiers that hold the old line are led to this one by /log/key/changes; tell those that verify offline.');
  });
}

import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import type { KeyringFile } from './local-keyring.js';
import { createSecretFile, replaceSecretFile } from './secret-file.js';

export const readKeyring = async (file: string): Promise<KeyringFile> => JSON.parse(await fs.readFile(file, 'utf8')) as KeyringFile;

/**
 * Makes a new key-encryption key the current one. The key stands in a file of its own before the keyring has it: of two who do this at once, or of one
 * that was killed and one that follows, both bring the same key.
 * @param from the key that is current now; where another one is, somebody was here before, and that one is answered
 * @returns its name
 */
export async function addKeyringKey(file: string, from: string, now: Date): Promise<string> {
  const name = `kek-${Number(/[0-9]+$/.exec(from)?.[0] ?? 0) + 1}`;
  const beside = `${file}.${name}`;
  const key = await createSecretFile(beside, () => randomBytes(32).toString('base64'));
  const ring = await readKeyring(file);
  if (ring.current === from) {
    const next: KeyringFile = { current: name, keys: { ...ring.keys, [name]: key }, made: { ...ring.made, [name]: now.toISOString() } };
    await replaceSecretFile(file, JSON.stringify(next));
  }
  await fs.rm(beside, { force: true });
  return ring.current === from ? name : ring.current;
}

/** Takes a key out for good. Whoever calls this has made sure that nothing hangs on it. @throws Error for the current one, or one that is not there */
export async function removeKeyringKey(file: string, name: string): Promise<void> {
  const ring = await readKeyring(file);
  if (ring.current === name) throw new Error(`${name} is the current key of ${file}`);
  if (ring.keys[name] === undefined) throw new Error(`${file} has no key ${name}`);
  const without = <T>(record: Record<string, T>) => Object.fromEntries(Object.entries(record).filter(([one]) => one !== name));
  await replaceSecretFile(file, JSON.stringify({ current: ring.current, keys: without(ring.keys), made: without(ring.made ?? {}) }));
}

import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';

/** Puts a file in place whole or not at all, readable to its owner alone; on disk before this returns, and a kill leaves the old one. */
export async function replaceSecretFile(file: string, text: string): Promise<void> {
  const temporary = await writeBeside(file, text);
  await fs.rename(temporary, file);
  await syncDirectory(file);
}

/**
 * Makes a file unless it is there, whole or not at all: of two who try at once, one makes it.
 * @returns what it holds
 */
export async function createSecretFile(file: string, text: () => string): Promise<string> {
  for (;;) {
    const found = await readIfThere(file);
    if (found !== undefined) return found;
    const made = text();
    const temporary = await writeBeside(file, made);
    try {
      await fs.link(temporary, file);
      await syncDirectory(file);
      return made;
    } catch (error) {
      // Somebody was quicker; theirs is read, or is gone again.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await fs.rm(temporary, { force: true });
    }
  }
}

/** undefined where there is no such file */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeBeside(file: string, text: string): Promise<string> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}`);
  const handle = await fs.open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return temporary;
}

async function syncDirectory(file: string): Promise<void> {
  const handle = await fs.open(path.dirname(file), 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

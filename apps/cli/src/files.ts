import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { codeOf, Failure } from './failure.js';

/** Reads a whole file of bounded size. @throws Failure naming what to do */
export function readFile(cwd: string, name: string, { what, maxBytes }: { what: string; maxBytes: number }): Buffer {
  try {
    const file = path.resolve(cwd, name);
    const stat = fs.statSync(file);
    if (!stat.isFile()) throw new Failure(`${what} ${name} is not a file`, 'Name a file.');
    if (stat.size > maxBytes) throw new Failure(`${what} ${name} is larger than ${maxBytes} bytes`, 'It cannot be what it should be.');
    return fs.readFileSync(file);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${what} ${name} cannot be read (${codeOf(error)})`, 'Check the name, and that you may read it.', { cause: error });
  }
}

/** Puts a file in place whole or not at all, and lastingly: the old content stays until the new one is on the disk. */
export function replaceFile(cwd: string, name: string, text: string): void {
  const file = path.resolve(cwd, name);
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}`);
  try {
    const handle = fs.openSync(temporary, 'wx', 0o600);
    try {
      fs.writeFileSync(handle, text);
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw new Failure(`${name} cannot be written (${codeOf(error)})`, 'Check that its directory exists and that you may write there.', {
      cause: error,
    });
  }
}

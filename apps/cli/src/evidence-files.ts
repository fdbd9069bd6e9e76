import fs from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.js';
import { readFile } from './files.js';
import { BUNDLE_LIMITS, unzip } from './zip.js';

/** Names of the files that a check of evidence reads. */
const READ_FILES = ['manifest.json', 'checkpoint', 'key'];
const READ_FOLDERS = ['entries', 'proofs'];

/** The files of an evidence bundle by path: a ZIP archive, or the directory it was unzipped to. @throws Failure */
export function readBundle(cwd: string, name: string): Map<string, Uint8Array> {
  const files = isDirectory(path.resolve(cwd, name))
    ? readDirectory(path.resolve(cwd, name))
    : withoutWrapping(unzip(readFile(cwd, name, { what: 'the bundle', maxBytes: BUNDLE_LIMITS.totalBytes })));
  if (!files.has('manifest.json')) {
    throw new Failure(
      `${name} is no evidence bundle: it has no manifest.json`,
      'Give the ZIP file as it was downloaded, or the directory it was unzipped to.',
    );
  }
  return files;
}

function isDirectory(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Plain files only: a link in a bundle would have the check read something else than was sent. */
function readDirectory(directory: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let total = 0;
  const read = (name: string) => {
    const file = path.join(directory, name);
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) throw new Failure(`${name} is a link`, 'A bundle holds files only.');
    if (!stat?.isFile()) return;
    total += stat.size;
    if (stat.size > BUNDLE_LIMITS.fileBytes || total > BUNDLE_LIMITS.totalBytes || files.size >= BUNDLE_LIMITS.files) {
      throw new Failure('the directory holds more than an evidence bundle can hold', 'Name the directory the bundle was unzipped to.');
    }
    files.set(name, readFile(directory, name, { what: 'the file', maxBytes: BUNDLE_LIMITS.fileBytes }));
  };
  READ_FILES.forEach(read);
  for (const folder of READ_FOLDERS) {
    if (!isDirectory(path.join(directory, folder))) continue;
    for (const name of fs.readdirSync(path.join(directory, folder))) read(`${folder}/${name}`);
  }
  return files;
}

/** A bundle that somebody unzipped and zipped again as one folder. */
function withoutWrapping(files: Map<string, Uint8Array>): Map<string, Uint8Array> {
  if (files.has('manifest.json')) return files;
  const tops = new Set([...files.keys()].map((name) => name.slice(0, name.indexOf('/') + 1)));
  const [top = ''] = tops;
  if (tops.size !== 1 || top === '') return files;
  return new Map([...files].map(([name, bytes]) => [name.slice(top.length), bytes]));
}

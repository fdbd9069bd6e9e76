import { Zip, ZipDeflate } from 'fflate';
import type { PackageFiles } from './package-files.js';

const SLICE = 1 << 20;

/** A ZIP of the files. The same files give the same bytes. Others get their turn after every MiB: compressing takes a while. */
export async function packageZip({ madeAt, files }: PackageFiles): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let failure: Error | undefined;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else chunks.push(chunk);
  });
  for (const { name, text } of files) {
    const file = new ZipDeflate(name, { level: 6 });
    file.mtime = asLocal(new Date(madeAt));
    zip.add(file);
    const bytes = Buffer.from(text);
    for (let from = 0; ; from += SLICE) {
      const last = from + SLICE >= bytes.length;
      file.push(bytes.subarray(from, from + SLICE), last);
      if (last) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  zip.end();
  if (failure) throw failure;
  return Buffer.concat(chunks);
}

/** A ZIP has local times without a zone: UTC is written, so that the bytes do not depend on where they were made. */
const asLocal = (at: Date): Date =>
  new Date(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds());

import { Zip, ZipDeflate } from 'fflate';

const TURN = 100;

/** A ZIP of files by path. Other requests get their turn in between: compressing thousands of files takes a while. */
export async function zipped(files: readonly [path: string, content: string | Uint8Array][], mtime: Date): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let failure: Error | undefined;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else chunks.push(chunk);
  });
  for (const [i, [path, content]] of files.entries()) {
    const file = new ZipDeflate(path, { level: 6 });
    file.mtime = mtime;
    zip.add(file);
    file.push(typeof content === 'string' ? Buffer.from(content) : content, true);
    if (i % TURN === TURN - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  zip.end();
  if (failure) throw failure;
  return Buffer.concat(chunks);
}

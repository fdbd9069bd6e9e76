import fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

export interface SiteFile {
  bytes: Buffer;
  gzip?: Buffer;
  type: string;
  /** Cache-Control */
  cache: string;
  /** Other sites may load it. */
  open?: boolean;
}

/** Where `npm run build` puts the pages: relative to this file both in src and in dist. */
const BUILT = fileURLToPath(new URL('../dist/web/', import.meta.url));

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
};

/** Names of these files change with what is in them. */
const HASHED = /^\/console\/assets\//;
const SNIPPET = '/privacy/embed.js';

/** All files by the path they are served at. @throws Error when the pages were not built */
export async function readFiles(): Promise<Map<string, SiteFile>> {
  const names = await fs.readdir(BUILT, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new Error('The web pages are not built; run `npm run build`.', { cause });
  });
  const files = new Map<string, SiteFile>();
  for (const found of names.filter((one) => one.isFile())) {
    const file = path.join(found.parentPath, found.name);
    const at = `/${path.relative(BUILT, file).split(path.sep).join('/')}`;
    files.set(at, await read(file, at));
  }
  return files;
}

async function read(file: string, at: string): Promise<SiteFile> {
  const bytes = await fs.readFile(file);
  return {
    bytes,
    ...(bytes.length > 1_000 && { gzip: await promisify(zlib.gzip)(bytes) }),
    type: TYPES[path.extname(file)] ?? 'application/octet-stream',
    cache: HASHED.test(at) ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(at === SNIPPET && { open: true }),
  };
}

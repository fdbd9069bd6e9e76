import zlib from 'node:zlib';
import { Failure } from './failure.js';

export interface ZipLimits {
  /** Most files. */
  files: number;
  /** Most bytes of one file, and of all together, when unpacked. */
  fileBytes: number;
  totalBytes: number;
}

export const BUNDLE_LIMITS: ZipLimits = { files: 100_000, fileBytes: 16 << 20, totalBytes: 512 << 20 };

interface Listed {
  path: string;
  method: number;
  crc: number;
  packed: number;
  unpacked: number;
  offset: number;
}

const END = 0x06054b50;
const LISTED = 0x02014b50;
const LOCAL = 0x04034b50;
const SAFE_NAME = /^(?:[A-Za-z0-9_@+-][A-Za-z0-9._@+-]{0,199}\/)*[A-Za-z0-9_@+-][A-Za-z0-9._@+-]{0,199}$/;
const SYMBOLIC_LINK = 0o120000;

/**
 * The files of a ZIP archive by path, in memory only. Refuses whatever an honest evidence bundle has no use for: paths that lead elsewhere,
 * two files of one name, links, encryption, parts that overlap, and archives that unpack to more than the limits (checked while unpacking,
 * whatever the archive says of itself). CRC-32 sums are checked. @throws Failure
 */
export function unzip(zip: Buffer, limits: ZipLimits = BUNDLE_LIMITS): Map<string, Uint8Array> {
  try {
    return unpackAll(zip, listing(zip, limits), limits);
  } catch (error) {
    // Numbers of the archive that point beyond its end.
    if ((error as NodeJS.ErrnoException).name === 'RangeError') throw refused('is cut off or damaged');
    throw error;
  }
}

function unpackAll(zip: Buffer, listed: Listed[], limits: ZipLimits): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let end = 0;
  let total = 0;
  for (const file of listed.toSorted((a, b) => a.offset - b.offset)) {
    const start = dataStart(zip, file);
    if (file.offset < end) throw refused('has parts that overlap');
    end = start + file.packed;
    if (end > zip.length) throw refused('is cut off or damaged');
    const bytes = unpack(zip.subarray(start, end), file, Math.min(limits.fileBytes, limits.totalBytes - total));
    total += bytes.length;
    if (bytes.length !== file.unpacked || zlib.crc32(bytes) !== file.crc) throw refused(`holds a damaged file, ${file.path}`);
    files.set(file.path, bytes);
  }
  return files;
}

function unpack(packed: Buffer, { path, method }: Listed, most: number): Uint8Array {
  if (method === 0 && packed.length <= most) return packed;
  try {
    if (method === 8) return zlib.inflateRawSync(packed, { maxOutputLength: Math.max(1, most) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw refused(`holds a damaged file, ${path}`);
  }
  throw refused('unpacks to more than an evidence bundle can hold');
}

/** The central directory: what the archive says it holds. */
function listing(zip: Buffer, limits: ZipLimits): Listed[] {
  const end = endOf(zip);
  const count = zip.readUInt16LE(end + 10);
  const start = zip.readUInt32LE(end + 16);
  if (count === 0xffff || start === 0xffffffff) throw refused('is in the ZIP64 form, too large for a bundle');
  if (count > limits.files) throw refused('holds too many files');
  const listed: Listed[] = [];
  const seen = new Set<string>();
  let at = start;
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (zip.readUInt32LE(at) !== LISTED) throw refused('is cut off or damaged');
    const nameLength = zip.readUInt16LE(at + 28);
    const path = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const file: Listed = {
      path,
      method: zip.readUInt16LE(at + 10),
      crc: zip.readUInt32LE(at + 16),
      packed: zip.readUInt32LE(at + 20),
      unpacked: zip.readUInt32LE(at + 24),
      offset: zip.readUInt32LE(at + 42),
    };
    if (zip.readUInt16LE(at + 8) & 1) throw refused('is encrypted');
    if (((zip.readUInt32LE(at + 38) >>> 16) & 0o170000) === SYMBOLIC_LINK) throw refused('holds a link');
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    const isFolder = path.endsWith('/') && file.unpacked === 0;
    if (!SAFE_NAME.test(isFolder ? path.slice(0, -1) : path)) throw refused('holds a file with a path that no bundle has');
    if (isFolder) continue;
    if (file.method !== 0 && file.method !== 8) throw refused('is packed in a way that is not read here; deflate is');
    total += file.unpacked;
    if (file.unpacked > limits.fileBytes || total > limits.totalBytes) throw refused('unpacks to more than an evidence bundle can hold');
    // On some systems, and for some readers, these would be one file.
    if (seen.has(path.toLowerCase())) throw refused('holds two files of one name');
    seen.add(path.toLowerCase());
    listed.push(file);
  }
  return listed;
}

/** Where the end record stands: the archive ends with it and its comment. */
function endOf(zip: Buffer): number {
  for (let at = zip.length - 22; at >= Math.max(0, zip.length - 22 - 0xffff); at--) {
    if (zip.readUInt32LE(at) === END && at + 22 + zip.readUInt16LE(at + 20) === zip.length) return at;
  }
  throw refused('is no ZIP archive, or is cut off');
}

/** Readers that go by the local headers must see the same files as those that go by the directory. */
function dataStart(zip: Buffer, { offset, path }: Listed): number {
  if (zip.readUInt32LE(offset) !== LOCAL) throw refused('is cut off or damaged');
  const nameLength = zip.readUInt16LE(offset + 26);
  if (zip.toString('utf8', offset + 30, offset + 30 + nameLength) !== path) throw refused('names a file in two ways');
  return offset + 30 + nameLength + zip.readUInt16LE(offset + 28);
}

const refused = (why: string): Failure => new Failure(`the archive ${why}`, 'Get the evidence bundle again; do not trust this one.');

import zlib from 'node:zlib';
import { strToU8, zipSync, type Zippable } from 'fflate';
import { Failure } from './failure.js';
import { unzip } from './zip.js';

const zip = (files: Zippable): Buffer => Buffer.from(zipSync(files));
const limits = { files: 10, fileBytes: 100_000, totalBytes: 150_000 };
const LISTED = Buffer.from([0x50, 0x4b, 1, 2]);

/** Overwrites a number of the central directory's entry for the first file. */
function forge(archive: Buffer, offset: number, bytes: number, value: number): Buffer {
  archive.writeUIntLE(value, archive.indexOf(LISTED) + offset, bytes);
  return archive;
}

describe('unzipping a bundle', () => {
  it('gives the files by path, packed or not', () => {
    const files = unzip(
      zip({
        'manifest.json': strToU8('{}'),
        entries: { '0.json': [strToU8('x'.repeat(500)), { level: 9 }] },
        key: [strToU8('k'), { level: 0 }],
      }),
    );
    expect([...files].map(([name, bytes]) => [name, bytes.length])).toEqual([
      ['manifest.json', 2],
      ['entries/0.json', 500],
      ['key', 1],
    ]);
  });

  it.each([
    '../evil',
    'entries/../../evil',
    '/etc/passwd',
    'C:\\evil',
    'C:evil',
    'entries\\..\\evil',
    './manifest.json',
    'entries//0.json',
    '.hidden',
    'a\u0000b',
    'entries/\u202e0.json',
  ])('refuses the path %j', (name) => expect(() => unzip(zip({ [name]: strToU8('x') }))).toThrow('a path that no bundle has'));

  it('keeps its prototype out of reach', () => {
    const files = unzip(zip({ ['__proto__x']: strToU8('x') }));
    expect(files.get('__proto__x')).toBeDefined();
  });

  it('refuses a bomb by what it says of itself', () => {
    expect(() => unzip(zip({ bomb: new Uint8Array(limits.fileBytes + 1) }), limits)).toThrow('more than an evidence bundle can hold');
    expect(() => unzip(zip({ a: new Uint8Array(90_000), b: new Uint8Array(90_000) }), limits)).toThrow(
      'more than an evidence bundle can hold',
    );
  });

  it('refuses a bomb that lies about its size', () => {
    expect(() => unzip(forge(zip({ bomb: new Uint8Array(5_000_000) }), 24, 4, 10), limits)).toThrow(
      'more than an evidence bundle can hold',
    );
    expect(() => unzip(forge(zip({ bomb: new Uint8Array(50_000) }), 24, 4, 10), limits)).toThrow('damaged');
  });

  it('refuses too many files', () => {
    expect(() => unzip(zip(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`f${i}`, strToU8('')]))), limits)).toThrow(
      'too many files',
    );
  });

  it('refuses two files of one name', () => {
    expect(() => unzip(zip({ key: strToU8('a'), KEY: strToU8('b') }))).toThrow('two files of one name');
  });

  it('refuses parts that overlap', () => {
    const archive = zip({ a: strToU8('same'), b: strToU8('same') });
    const second = archive.indexOf(LISTED, archive.indexOf(LISTED) + 1);
    archive.writeUInt32LE(0, second + 42);
    archive.write('a', second + 46);
    expect(() => unzip(archive)).toThrow('two files of one name');
    archive.write('b', second + 46);
    expect(() => unzip(archive)).toThrow('names a file in two ways');
  });

  it('refuses links, encryption, unknown packing and a second name', () => {
    expect(() => unzip(zip({ key: [strToU8('/etc/passwd'), { os: 3, attrs: (0o120777 << 16) >>> 0 }] }))).toThrow('holds a link');
    expect(() => unzip(forge(zip({ key: strToU8('a') }), 8, 2, 1))).toThrow('encrypted');
    expect(() => unzip(forge(zip({ key: strToU8('a') }), 10, 2, 12))).toThrow('deflate is');
    expect(() => unzip(forge(zip({ key: strToU8('a') }), 46, 1, 0x78))).toThrow('names a file in two ways');
  });

  it('notices a changed byte', () => {
    const archive = zip({ key: [strToU8('hello'), { level: 0 }] });
    archive[archive.indexOf('hello')] = 0x48;
    expect(() => unzip(archive)).toThrow('damaged file');
  });

  it('refuses garbage and every truncation, as failures and nothing else', () => {
    const archive = zip({ 'manifest.json': strToU8('{}'), 'entries/0.json': strToU8('x'.repeat(50)) });
    for (let length = 0; length < archive.length; length++) expect(() => unzip(archive.subarray(0, length))).toThrow(Failure);
    expect(() => unzip(Buffer.from(zlib.gzipSync('x')))).toThrow(Failure);
    expect(() => unzip(Buffer.alloc(70_000, 0x50))).toThrow(Failure);
  });

  it('survives any single byte changed', () => {
    const archive = zip({ 'manifest.json': strToU8('{}'), 'entries/0.json': strToU8('x'.repeat(50)) });
    for (let at = 0; at < archive.length; at++) {
      const changed = Buffer.from(archive);
      changed[at] = changed[at]! ^ 0xff;
      try {
        unzip(changed, limits);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }
  });
});

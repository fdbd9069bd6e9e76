import { hash, randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';

/** A ciphertext: position of its entry, its place among the entry's sealed parts from 0, and its nonce, by which it is known again. */
export type ErasedPart = readonly [position: number, part: number, nonce: string];

/** One destruction, as the journal holds it: pseudonyms only. */
export interface Erasure {
  v: 1;
  /** UUID; the id of the event that tells of the destroyed keys. */
  id: string;
  /** RFC 3339. */
  at: string;
  subject: string;
  /** `<retention class>.<version>` */
  keys: readonly string[];
  scope: 'subject' | 'class';
  reason: string;
  actor?: string;
  /** The disposal it is part of, and the id of the event that tells of removed ciphertexts. */
  disposal?: string;
  removal?: string;
  /** Ciphertexts removed under keys that live on. */
  parts?: readonly ErasedPart[];
  /** Ciphertexts removed under keys that are destroyed. */
  dead?: readonly ErasedPart[];
}

/** The log was told of an erasure: it was carried out to its end. */
interface Told {
  v: 1;
  told: string;
  /** RFC 3339. */
  at: string;
}

export interface Remembered {
  erasure: Erasure;
  /** It had been carried out to its end: what lives of it came back with a restore. */
  told: boolean;
}

/** Erasures of which it is still open whether the log was told, and how many bytes of them. */
const WINDOW = 1_000;
const WINDOW_BYTES = 8 << 20;
const MARKED_BYTES = 512;
const NEWLINE = 10;

/**
 * What was destroyed, in a file of its own: part of no database's backup, so that whoever restores one learns from it what must be destroyed again.
 * Several processes append; a line that a crash cut off counts for nothing, for nothing is destroyed before its line is on disk.
 */
export class ErasureJournal {
  constructor(readonly file: string) {}

  /** Returns when the lines are on disk. One writer at a time. */
  async append(erasures: readonly Erasure[]): Promise<void> {
    await this.write(erasures, true);
  }

  async tell(ids: readonly string[], at: string): Promise<void> {
    await this.write(
      ids.map((told): Told => ({ v: 1, told, at })),
      false,
    );
  }

  /**
   * Goes through what was appended from byte `from` on, in order, in batches of bounded size.
   * @param unreadable called with the place of a line that is none of ours, or was cut off
   * @returns the byte after the last whole line
   */
  async read(from: number, visit: (batch: Remembered[]) => Promise<void>, unreadable: (at: number) => void): Promise<number> {
    let end = from;
    let window: (Remembered & { bytes: number })[] = [];
    let bytes = 0;
    const byId = new Map<string, Remembered>();
    const flush = async (count: number) => {
      const batch = window.slice(0, count);
      window = window.slice(count);
      for (const one of batch) {
        bytes -= one.bytes;
        if (byId.get(one.erasure.id) === one) byId.delete(one.erasure.id);
      }
      await visit(batch);
    };
    for await (const { line, start } of this.lines(from)) {
      end = start + line.length + 1;
      const read = parse(line);
      if (read === undefined) unreadable(start);
      else if (read !== null && 'told' in read) {
        const known = byId.get(read.told);
        if (known) known.told = true;
      } else if (read !== null) {
        const one = { erasure: read, told: false, bytes: line.length };
        window.push(one);
        byId.set(read.id, one);
        bytes += line.length;
        if (window.length >= WINDOW || bytes >= WINDOW_BYTES) await flush(Math.ceil(window.length / 2));
      }
    }
    if (window.length > 0) await flush(window.length);
    return end;
  }

  /** What stands before byte `at`, as a digest; undefined where the file does not reach so far. */
  async mark(at: number): Promise<string | undefined> {
    const handle = await this.open();
    if (!handle) return undefined;
    try {
      const length = Math.min(at, MARKED_BYTES);
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, at - length);
      return bytesRead === length ? hash('sha256', buffer, 'base64') : undefined;
    } finally {
      await handle.close();
    }
  }

  /**
   * Drops what stands before byte `upto` and whose time (RFC 3339) is over. No other process may append meanwhile.
   * @returns where `upto` is now
   */
  async prune(isOver: (at: string) => boolean, upto: number): Promise<number> {
    if (!(await this.beginsOver(isOver, upto))) return upto;
    const fresh = `${this.file}.${randomUUID()}`;
    const to = await fs.open(fresh, 'wx', 0o600);
    let moved = 0;
    let size = 0;
    try {
      for await (const { line, start } of this.lines(0)) {
        const read = parse(line);
        if (start < upto && (!read || isOver(read.at))) continue;
        await to.write(Buffer.concat([line, Buffer.from('\n')]));
        size += line.length + 1;
        if (start < upto) moved = size;
      }
      await to.sync();
    } finally {
      await to.close();
    }
    await fs.rename(fresh, this.file);
    await this.syncDirectory();
    return moved;
  }

  private async beginsOver(isOver: (at: string) => boolean, upto: number): Promise<boolean> {
    for await (const { line, start } of this.lines(0)) {
      if (start >= upto) return false;
      const read = parse(line);
      if (read) return isOver(read.at);
    }
    return false;
  }

  /** Begins with a line of its own, so that what a crash left of another's line stays apart. */
  private async write(lines: readonly (Erasure | Told)[], durable: boolean): Promise<void> {
    if (lines.length === 0) return;
    const handle = await fs.open(this.file, 'a', 0o600);
    try {
      const { size } = await handle.stat();
      await handle.writeFile(`\n${lines.map((line) => `${JSON.stringify(line)}\n`).join('')}`);
      if (durable) await handle.sync();
      if (size === 0) await this.syncDirectory();
    } finally {
      await handle.close();
    }
  }

  private async syncDirectory(): Promise<void> {
    const directory = await fs.open(path.dirname(this.file));
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  private async open(): Promise<fs.FileHandle | undefined> {
    try {
      return await fs.open(this.file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Whole lines; what follows the last newline is being written, or was cut off. */
  private async *lines(from: number): AsyncGenerator<{ line: Buffer; start: number }> {
    const handle = await this.open();
    if (!handle) return;
    let rest = Buffer.alloc(0);
    let start = from;
    for await (const chunk of handle.createReadStream({ start: from })) {
      const bytes = Buffer.concat([rest, chunk as Buffer]);
      let begin = 0;
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, begin)) {
        yield { line: bytes.subarray(begin, at), start };
        start += at + 1 - begin;
        begin = at + 1;
      }
      rest = bytes.subarray(begin);
    }
  }
}

/** Null for an empty line, undefined for one that cannot be read. */
function parse(line: Buffer): Erasure | Told | null | undefined {
  if (line.length === 0) return null;
  try {
    const read = JSON.parse(line.toString('utf8')) as Erasure | Told;
    return read.v === 1 ? read : undefined;
  } catch {
    return undefined;
  }
}

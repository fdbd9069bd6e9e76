import { hash } from 'node:crypto';
import type pg from 'pg';

export interface StoredEntry {
  position: number;
  /** The exact sealed bytes. */
  bytes: Buffer;
  leafHash: Buffer;
  /** W3C traceparent of the request that brought the event, where there was one. */
  trace: string | null;
}

/** Where sealed entries are read from: positions are contiguous from 0, so `after` never skips one. */
export interface EntrySource {
  size(): Promise<number>;
  /** Entries with position > `after` (-1 = from the start), in order, at most `limit`. */
  read(after: number, limit: number): Promise<StoredEntry[]>;
  /** Calls back soon after entries were appended; it may also call when none were. Returns the way to stop. */
  watch(wake: () => void): Promise<() => Promise<void>>;
}

export const SEALED_CHANNEL = 'attesta_sealed';

/** The sealed log read straight from its tables. */
export class SealedLogReader implements EntrySource {
  constructor(private readonly pool: pg.Pool) {}

  async size(): Promise<number> {
    const { rows } = await this.pool.query<{ size: string }>('select size from log_head');
    return Number(rows[0]!.size);
  }

  async read(after: number, limit: number): Promise<StoredEntry[]> {
    const { rows } = await this.pool.query<[string, Buffer, string | null]>({
      name: 'read-entries',
      text: 'select position, bytes, trace from entry where position > $1 order by position limit $2',
      values: [after, limit],
      rowMode: 'array',
    });
    return rows.map(([position, bytes, trace]) => ({ position: Number(position), bytes, leafHash: leafOf(bytes), trace }));
  }

  /** The entry and its sealed personal parts, or undefined beyond the end. */
  async entry(position: number): Promise<(StoredEntry & { cipher: Buffer[] }) | undefined> {
    const { rows } = await this.pool.query<{ bytes: Buffer; cipher: Buffer | null; trace: string | null }>(
      'select bytes, cipher, trace from entry where position = $1',
      [position],
    );
    const row = rows[0];
    return row && { position, bytes: row.bytes, leafHash: leafOf(row.bytes), trace: row.trace, cipher: partsOf(row.cipher) };
  }

  /** Entries and their sealed personal parts by position; what is beyond the end is absent. */
  async withParts(positions: readonly number[]): Promise<Map<number, { bytes: Buffer; cipher: Buffer[] }>> {
    const { rows } = await this.pool.query<[string, Buffer, Buffer | null]>({
      text: 'select position, bytes, cipher from entry where position = any ($1::bigint[])',
      values: [positions],
      rowMode: 'array',
    });
    return new Map(rows.map(([position, bytes, cipher]) => [Number(position), { bytes, cipher: partsOf(cipher) }]));
  }

  /** base64 leaf hashes of these entries by position, made from their bytes. */
  async leafHashes(positions: readonly number[]): Promise<Map<number, string>> {
    const { rows } = await this.pool.query<[string, Buffer]>({
      text: 'select position, bytes from entry where position = any ($1::bigint[])',
      values: [positions],
      rowMode: 'array',
    });
    return new Map(rows.map(([position, bytes]) => [Number(position), leafOf(bytes).toString('base64')]));
  }

  /** Where this process or another one appended. */
  watch(wake: () => void): Promise<() => Promise<void>> {
    return listen(this.pool, SEALED_CHANNEL, wake);
  }
}

/** Sealed parts of one entry travel as one value: each behind its length in 4 bytes, big-endian. */
export function frame(parts: readonly Uint8Array[]): Buffer {
  const framed = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    offset = framed.writeUInt32BE(part.length, offset);
    framed.set(part, offset);
    offset += part.length;
  }
  return framed;
}

export function unframe(framed: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let offset = 0; offset < framed.length;) {
    const length = framed.readUInt32BE(offset);
    parts.push(framed.subarray(offset + 4, offset + 4 + length));
    offset += 4 + length;
  }
  return parts;
}

/**
 * Listens on a channel and also wakes every `everyMs`, so that a notification lost with its connection costs a moment and no more.
 * The connection is taken again when it breaks.
 */
export async function listen(pool: pg.Pool, channel: string, wake: () => void, everyMs = 500): Promise<() => Promise<void>> {
  let stopped = false;
  let client: pg.PoolClient | undefined;
  let connecting: Promise<void> | undefined;
  const take = async () => {
    if (stopped || client) return;
    const fresh = await pool.connect();
    if (stopped) return fresh.release();
    client = fresh;
    const lost = () => {
      if (client !== fresh) return;
      client = undefined;
      fresh.release(true);
    };
    // It stays: a connection that is cut may say so twice, and what nobody hears would end the process.
    fresh.on('error', lost);
    fresh.on('notification', wake);
    await fresh.query(`listen ${channel}`).catch((error: unknown) => {
      lost();
      throw error;
    });
  };
  // One at a time: on a slow database the next turn comes before the connection of this one, which would then be nobody's.
  const connect = () => (connecting ??= take().finally(() => (connecting = undefined)));
  await connect();
  const timer = setInterval(() => {
    wake();
    connect().catch(() => undefined); // the database is away: the next turn tries again
  }, everyMs);
  return async () => {
    stopped = true;
    clearInterval(timer);
    const last = client;
    client = undefined;
    last?.release(true); // closing the connection ends the listening
  };
}

/** Tells listeners of new entries, at most once per `everyMs`: a notification in the append itself would serialise all commits. */
export class Announcer {
  private due: NodeJS.Timeout | undefined;
  constructor(
    private readonly pool: pg.Pool,
    private readonly channel = SEALED_CHANNEL,
    private readonly everyMs = 10,
  ) {}

  announce(): void {
    this.due ??= setTimeout(() => {
      this.due = undefined;
      this.pool.query(`notify ${this.channel}`).catch(() => undefined); // readers also look by themselves
    }, this.everyMs);
  }

  stop(): void {
    clearTimeout(this.due);
  }
}

const partsOf = (cipher: Buffer | null): Buffer[] => (cipher ? unframe(cipher) : []);

const PREFIX = Buffer.from([0]);
function leafOf(bytes: Buffer): Buffer {
  return Buffer.from(hash('sha256', Buffer.concat([PREFIX, bytes]), 'base64'), 'base64');
}

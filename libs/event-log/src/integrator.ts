import type pg from 'pg';
import { formatCheckpoint, Frontier, nodeHash, tilePath } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { listen, SEALED_CHANNEL } from './sealed-log.js';

const { sha256 } = nodePrimitives;
const TILE = 256;
const LEADER_LOCK = 0x61747473; // 'atts'

export interface IntegratorOptions {
  pool: pg.Pool;
  origin: string;
  /** Signs a checkpoint's text into a C2SP signed note. */
  sign(text: string): string;
  /** At most one checkpoint per this many milliseconds. */
  everyMs?: number;
  /** Batches of leaves taken into the tree per transaction. */
  batches?: number;
  now?: () => Date;
  /** Told how long the step that signed it took, in milliseconds. */
  onCheckpoint?: (checkpoint: { size: number; note: string; milliseconds: number }) => void;
  onError?: (error: unknown) => void;
}

/** The tree no longer follows from the sealed batches, or another integrator took over: this one must not sign. */
export class IntegratorFenced extends Error {}

/**
 * Builds the RFC 6962 tree over the sealed batches: tiles, frontier and the signed checkpoint in one transaction. One integrator works at
 * a time: an advisory lock elects it, and an epoch in the tree's head fences one that lost the lock without noticing.
 */
export class Integrator {
  private leader: pg.PoolClient | undefined;
  private epoch = -1;
  private running: Promise<void> | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private wanted = false;
  private stopped = false;
  private stopWatching: (() => Promise<void>) | undefined;
  private pause: NodeJS.Timeout | undefined;

  constructor(private readonly options: IntegratorOptions) {}

  /** Whether this process is the integrator, as far as it knows. */
  get leads(): boolean {
    return this.leader !== undefined;
  }

  async start(): Promise<void> {
    this.stopWatching = await listen(this.options.pool, SEALED_CHANNEL, () => this.wake());
    this.wake();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.pause);
    await this.stopWatching?.();
    await this.running;
    await this.turn;
    this.leader?.release(true);
    this.leader = undefined;
  }

  /**
   * Integrates what is sealed, now, after an integration that is under way. Answers the tree's size, or undefined when another process is the
   * integrator.
   */
  integrate(): Promise<number | undefined> {
    const turn = this.turn.then(() => this.integrateAll());
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  private async integrateAll(): Promise<number | undefined> {
    try {
      if (!(await this.lead())) return undefined;
      for (;;) {
        const { size, more } = await this.step();
        if (!more) return size;
      }
    } catch (error) {
      this.stepDown();
      throw error;
    }
  }

  private wake(): void {
    this.wanted = true;
    if (this.running || this.stopped || this.pause) return;
    this.running = this.loop().finally(() => {
      this.running = undefined;
    });
  }

  private async loop(): Promise<void> {
    this.wanted = false;
    try {
      await this.integrate();
    } catch (error) {
      this.options.onError?.(error);
    }
    if (this.stopped) return;
    this.pause = setTimeout(() => {
      this.pause = undefined;
      if (this.wanted) this.wake();
    }, this.options.everyMs ?? 400);
  }

  private async lead(): Promise<boolean> {
    if (this.leader) return true;
    const client = await this.options.pool.connect();
    // Listens from the first statement on: a connection cut in any of them would otherwise end the process.
    const cut = () => {
      if (this.leader === client) this.stepDown();
    };
    client.on('error', cut);
    try {
      const lock = await client.query<{ ok: boolean }>('select pg_try_advisory_lock($1) as ok', [LEADER_LOCK]);
      if (!lock.rows[0]!.ok) {
        client.off('error', cut);
        client.release();
        return false;
      }
      const { rows } = await client.query<{ epoch: string }>('update tree_head set epoch = epoch + 1 returning epoch');
      this.epoch = Number(rows[0]!.epoch);
      this.leader = client;
      return true;
    } catch (error) {
      client.release(true); // closing the connection gives the lock back
      throw error;
    }
  }

  private stepDown(): void {
    this.leader?.release(true);
    this.leader = undefined;
  }

  private async step(): Promise<{ size: number; more: boolean }> {
    const client = this.leader!;
    const started = performance.now();
    await client.query('begin');
    try {
      const head = (
        await client.query<{ size: string; frontier: Buffer; epoch: string }>('select size, frontier, epoch from tree_head for update')
      ).rows[0]!;
      if (Number(head.epoch) !== this.epoch) throw new IntegratorFenced('another integrator has taken over');
      const from = Number(head.size);
      const limit = this.options.batches ?? 200;
      const { rows } = await client.query<{ first: string; leaves: Buffer }>(
        'select first, leaves from sealed_batch where first >= $1 order by first limit $2',
        [from, limit + 1],
      );
      const more = rows.length > limit;
      if (rows.length === 0) {
        await client.query('commit');
        return { size: from, more: false };
      }
      const frontier = new Frontier(sha256, { size: from, hashes: split(head.frontier) });
      const tiles = new Map<number, TileGrowth>();
      let expected = from;
      for (const { first, leaves } of rows.slice(0, limit)) {
        if (Number(first) !== expected) throw new IntegratorFenced(`sealed batch expected at ${expected}, found ${first}`);
        for (let offset = 0; offset < leaves.length; offset += 32) {
          const leaf = leaves.subarray(offset, offset + 32);
          frontier.append(leaf);
          grow(tiles, expected, leaf);
          expected++;
        }
      }
      await this.write(client, tiles);
      const { size } = frontier;
      const root = frontier.root();
      await client.query('update tree_head set size = $1, frontier = $2', [size, Buffer.concat(frontier.state().hashes)]);
      // While behind, the tree grows without signing each step.
      const note = more ? undefined : this.options.sign(formatCheckpoint({ origin: this.options.origin, size, root }));
      if (note) {
        await client.query('insert into checkpoint (size, root, note, signed_at) values ($1, $2, $3, $4)', [
          size,
          Buffer.from(root),
          note,
          this.options.now?.() ?? new Date(),
        ]);
      }
      await client.query('commit');
      if (note) this.options.onCheckpoint?.({ size, note, milliseconds: performance.now() - started });
      return { size, more };
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    }
  }

  /** Writes level by level, each in one statement: a tile that became full gives one hash to the level above. */
  private async write(client: pg.PoolClient, level0: Map<number, TileGrowth>): Promise<void> {
    let growing = level0;
    for (let level = 0; growing.size > 0; level++) {
      const added = [...growing.values()];
      const { rows } = await client.query<{ n: string; width: number; full: Buffer | null }>(
        `insert into tile as t (level, n, hashes) select $1, * from unnest($2::bigint[], $3::bytea[])
         on conflict (level, n) do update set hashes = t.hashes || excluded.hashes
         returning n, length(hashes) / 32 as width, case when length(hashes) = $4 then hashes end as full`,
        [level, added.map(({ n }) => n), added.map(({ hashes }) => Buffer.concat(hashes)), TILE * 32],
      );
      const above = new Map<number, TileGrowth>();
      for (const { n, width, full } of rows) {
        const { start, hashes } = growing.get(Number(n))!;
        if (width !== start + hashes.length) throw new IntegratorFenced(`${tilePath(level, Number(n))} does not continue at ${start}`);
        if (full) grow(above, Number(n), subtreeRoot(full));
      }
      growing = above;
    }
  }
}

interface TileGrowth {
  n: number;
  start: number;
  hashes: Uint8Array[];
}

function grow(tiles: Map<number, TileGrowth>, index: number, hash: Uint8Array): void {
  const n = Math.floor(index / TILE);
  const tile = tiles.get(n);
  if (tile) tile.hashes.push(hash);
  else tiles.set(n, { n, start: index % TILE, hashes: [hash] });
}

function subtreeRoot(tile: Uint8Array): Uint8Array {
  let row = split(Buffer.from(tile));
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < row.length; i += 2) above.push(nodeHash(sha256, row[i]!, row[i + 1]!));
    row = above;
  }
  return row[0]!;
}

function split(hashes: Buffer): Uint8Array[] {
  return Array.from({ length: hashes.length / 32 }, (_, i) => hashes.subarray(32 * i, 32 * i + 32));
}

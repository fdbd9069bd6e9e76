import type { ServiceLog } from '@attesta/event-log';
import {
  checkWitnesses,
  Frontier,
  leafHash,
  LogError,
  LogReader,
  TILE_WIDTH,
  tileWidth,
  toBase64,
  verifyLog,
  type Checkpoint,
  formatVerifierKey,
  type LogFetch,
  type WitnessPolicy,
  type VerifierKey,
} from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { Timers } from '@attesta/service-kit';
import type pg from 'pg';
import { alone } from './alone.js';
import { lookAtHead, type LookAtHead } from './integrity-head.js';
import { settle, type IntegrityProblem } from './integrity-problems.js';
import { differingRows } from './integrity-registers.js';
import { inRuns, problemsOf } from './integrity-report.js';
import * as state from './integrity-state.js';
import { Share } from './share.js';

export interface PatrolOptions {
  /** Of the time, at most, that is spent reading and hashing. Default 0.1. */
  share?: number | undefined;
  /** Between two looks at the whole log. Default 2,000. */
  restMs?: number | undefined;
}

interface Surroundings {
  pool: pg.Pool;
  log: ServiceLog;
  fetchLog: LogFetch;
  /** C2SP verifier key line. */
  key: () => Promise<string>;
  /** Everything up to here is in the registers, or set aside. */
  reached: () => Promise<number>;
  witnessPolicy: WitnessPolicy | undefined;
  now: () => Date;
  onError: (error: unknown) => void;
}

const { sha256 } = nodePrimitives;
const LOOK_MS = 1_000;
const HASH = 32;
/** Seconds since witnesses last signed, beyond which it is said: the ledger asks them once a minute though nothing happens. */
const WITNESSED_WITHIN = 600;

/**
 * Goes round the log for as long as the service runs: each new checkpoint with the entries under it first, then all entries and hashes as the ledger
 * serves them, then what our own registers hold of them, over and over. One process patrols; what it finds is in the database.
 */
export class Patrol {
  private readonly stopping = new AbortController();
  private readonly share: Share;
  private readonly restMs: number;
  private readonly timers: Timers;
  /** Reads for the look at what is new. */
  private readonly reader: LogReader;
  /** Reads for the look at the whole, which lets the look at what is new go first. */
  private readonly sweeper: LogReader;
  /** How often the ledger did not answer: what was read meanwhile says nothing. */
  private outages = 0;
  private lookedAt = -Infinity;
  private sweptAt = -Infinity;
  private looking: Promise<void> | undefined;
  private checked = 0;

  constructor(
    private readonly around: Surroundings,
    { share = 0.1, restMs = 2_000 }: PatrolOptions = {},
  ) {
    this.share = new Share(share, this.stopping.signal);
    this.restMs = restMs;
    this.reader = new LogReader(nodePrimitives, this.fetch);
    this.sweeper = new LogReader(nodePrimitives, async (path, limit) => {
      await this.lookIfDue();
      return path.startsWith('tile/entries/') ? this.share.take(() => this.fetch(path, limit)) : this.fetch(path, limit);
    });
    // What is cut short because the service stops has not failed.
    const onError = (error: unknown) => this.stopping.signal.aborted || around.onError(error);
    this.timers = new Timers({ look: () => this.round(), everyMs: LOOK_MS, onError });
  }

  start(): void {
    this.timers.start();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.timers.stop();
  }

  /** Looks at what is new, and at the whole where that is due, unless another process does. */
  async round(): Promise<void> {
    await alone(this.around.pool, 'attesta audit patrol', async () => {
      await this.lookIfDue(0);
      if (performance.now() - this.sweptAt >= this.restMs) await this.sweep();
    });
  }

  /** The newest checkpoint, and the entries that came under it. */
  async look(): Promise<void> {
    const { pool, log, now } = this.around;
    const seen = await this.head();
    if (!seen) return;
    await settle(pool, log, 'checkpoint', 'problem' in seen ? [seen.problem] : [], now());
    await ('problem' in seen
      ? state.noteLook(pool, now())
      : state.keepHead(pool, formatVerifierKey(seen.key.name, seen.key.publicKey), seen, now()));
    if (!('checkpoint' in seen)) return;
    await state.keepWitnessed(pool, await this.witnessed(seen));
    await this.follow(seen.checkpoint);
  }

  /** The whole log as the ledger serves it, then our own rows of it. */
  async sweep(): Promise<void> {
    const { pool, log, now } = this.around;
    const started = performance.now();
    const outages = this.outages;
    await state.beginSweep(pool, now());
    const key = await this.around.key();
    const report = await verifyLog(nodePrimitives, this.sweeper, { key, onProgress: (checked) => (this.checked = checked) });
    this.sweptAt = performance.now();
    // Without a checkpoint nothing was looked at; why there is none, the look at the head says.
    if (this.interruptedSince(outages) || !report.checkpoint) return;
    const { size } = report.checkpoint;
    const ofLog = problemsOf(report);
    await settle(pool, log, 'log', ofLog, now());
    const ofRegisters = await this.rows(size, new Set(ofLog.flatMap(({ positions }) => positions)));
    if (this.interruptedSince(outages)) return;
    await settle(pool, log, 'registers', ofRegisters, now());
    await state.endSweep(pool, now(), { size, rate: size / ((performance.now() - started) / 1000) });
    this.sweptAt = performance.now();
  }

  private interruptedSince(outages: number): boolean {
    return this.outages > outages || this.stopping.signal.aborted;
  }

  private async lookIfDue(everyMs = LOOK_MS): Promise<void> {
    if (this.looking) return this.looking;
    if (performance.now() - this.lookedAt < everyMs) return;
    this.looking = this.look().finally(() => {
      this.lookedAt = performance.now();
      this.looking = undefined;
    });
    await this.looking;
    await state.noteSweep(this.around.pool, this.checked);
  }

  private async witnessed(head: { checkpoint: Checkpoint; note: string; key: VerifierKey }): Promise<state.WitnessedHead | null> {
    const { witnessPolicy: policy, now } = this.around;
    if (!policy) return null;
    const demand = { policy, now: Math.floor(now().getTime() / 1000), within: WITNESSED_WITHIN };
    const { witnessed, problem } = await checkWitnesses(nodePrimitives, this.reader, head, demand).catch((error: Error) => ({
      witnessed: undefined,
      problem: error.message,
    }));
    return {
      names: witnessed?.names ?? [],
      size: witnessed?.size ?? null,
      at: witnessed ? new Date(witnessed.time * 1000).toISOString() : null,
      problem: problem ?? null,
    };
  }

  /** Undefined while the ledger is away. */
  private async head(): Promise<LookAtHead | undefined> {
    const outages = this.outages;
    try {
      const [note, key, known] = await Promise.all([this.reader.note(), this.around.key(), state.readHead(this.around.pool)]);
      const seen = await lookAtHead(note, key, known, this.reader);
      if (!('problem' in seen) || seen.problem.kind !== 'fork') return seen;
      const position = await this.partingPoint(known.size);
      return position === undefined ? seen : { problem: { ...seen.problem, position, positions: [position] } };
    } catch (error) {
      if (this.interruptedSince(outages)) return undefined;
      const detail = `it cannot be shown that the tree continues the one before: ${(error as Error).message}`;
      return { problem: { kind: 'gap', positions: [], detail } };
    }
  }

  /** Where the log is no longer the one that our registers were filled from. Found once: as long as the fork is known, it is not looked for again. */
  private async partingPoint(size: number): Promise<number | undefined> {
    const known = await state.forkedAt(this.around.pool);
    if (known !== undefined) return known ?? undefined;
    const [first] = await this.rows(size, new Set(), true);
    return first?.position;
  }

  /** Hashes the entries that are new and grows the tree by them; kept only where that leads to the signed root. */
  private async follow({ size, root }: Checkpoint): Promise<void> {
    const { verified, frontier } = await state.readFrontier(this.around.pool);
    if (verified >= size) return;
    const hashes = Array.from({ length: frontier.length / HASH }, (_, i) => new Uint8Array(frontier.subarray(i * HASH, (i + 1) * HASH)));
    const tree = new Frontier(sha256, { size: verified, hashes });
    while (tree.size < size) {
      const n = Math.floor(tree.size / TILE_WIDTH);
      const width = tileWidth(0, n, size);
      const entries = await this.share.take(() => this.reader.bundle(n, width)).catch(() => []);
      // What is missing here, the look at the whole log names.
      if (entries.length < width) return this.suspect();
      for (const bytes of entries.slice(tree.size - n * TILE_WIDTH)) tree.append(leafHash(sha256, bytes));
    }
    if (toBase64(tree.root()) !== toBase64(root)) return this.suspect();
    await state.keepFrontier(this.around.pool, tree.state());
  }

  /** Something is wrong with what is new: the whole is looked at next, which tells what. */
  private suspect(): void {
    this.sweptAt = -Infinity;
  }

  private async rows(size: number, except: ReadonlySet<number>, first = false): Promise<IntegrityProblem[]> {
    const reached = await this.around.reached();
    const outages = this.outages;
    const found: IntegrityProblem[] = [];
    for (let n = 0; n * TILE_WIDTH < Math.min(size, reached + 1); n++) {
      if (!first) await this.lookIfDue();
      const problems = await this.share
        .take(() => differingRows(this.around.pool, this.reader, n, size, reached))
        .catch((error: unknown) => {
          // What the log cannot answer is the log's trouble, and named there.
          if (error instanceof LogError) return [];
          throw error;
        });
      found.push(...problems.filter(({ position }) => !except.has(position!)));
      if (this.interruptedSince(outages) || (first && found.length > 0)) break;
    }
    return inRuns(found);
  }

  /** A path that fails while the ledger gives its checkpoint is not there; while it gives none, the ledger is away. */
  private readonly fetch: LogFetch = async (path, limit) => {
    const { fetchLog } = this.around;
    try {
      return await fetchLog(path, limit);
    } catch (cause) {
      const answers = path !== 'checkpoint' && (await fetchLog('checkpoint', { maxBytes: 1_000_000 }).catch(() => undefined));
      if (!answers) this.outages++;
      throw new LogError((cause as Error).message, { cause });
    }
  };
}

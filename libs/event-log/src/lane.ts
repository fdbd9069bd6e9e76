import { hash } from 'node:crypto';
import type { LRUCache } from 'lru-cache';
import type pg from 'pg';
import type { AppenderOptions } from './appender.js';
import { int4Array, int8Array, uuidArray, VariableArray } from './binary-arrays.js';
import { MAX_ENTRY_BYTES, UNFENCED, type Appended, type Draft } from './draft.js';

const APPEND =
  'select first, kept, dup, dup_position::text[], dup_same, lost, lost_seq::text[], lost_leaf from append_batch($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)';
const CHECKED_AFTER_TROUBLE = 100;
/** SQLSTATE of a batch that was made before the log's fence. */
const FENCED = 'AT001';

/** Where a subject's chain stands. */
export interface Head {
  seq: number;
  /** base64 of the leaf hash of the subject's last entry; null = none yet. */
  leaf: string | null;
}

interface Moved {
  id: string;
  raw: string;
  before: Head;
  after: Head;
}

interface Built {
  drafts: Draft[];
  leaves: string[];
  moved: Moved[];
  values: (Buffer | boolean | number)[];
}

/** One connection with at most one batch on its way. */
export class Lane {
  private queue: Draft[] = [];
  private busy = false;
  private scheduled = false;
  /** Batches left to check for duplicates. */
  private checks = 0;
  private client: (pg.ClientBase & { end(): Promise<void> }) | undefined;
  private readonly bytes = VariableArray.bytea(512 * 1024);
  private readonly cipher = VariableArray.bytea(64 * 1024);
  private readonly trace = VariableArray.text(4096);
  private readonly previous = VariableArray.bytea(16 * 1024);
  private readonly leaf = VariableArray.bytea(16 * 1024);

  constructor(
    private readonly heads: LRUCache<string, Head>,
    private readonly options: AppenderOptions,
    private readonly settle: (draft: Draft, outcome: Appended) => void,
  ) {}

  push(draft: Draft): void {
    this.queue.push(draft);
    this.kick();
  }

  checkNext(): void {
    this.checks = Math.max(this.checks, 1);
  }

  async close(): Promise<void> {
    await this.client?.end();
    this.client = undefined;
  }

  /** What arrives in the same turn of the event loop shares a batch. */
  private kick(): void {
    if (this.busy || this.scheduled || this.queue.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      if (!this.busy && this.queue.length > 0) void this.flush();
    });
  }

  private async flush(): Promise<void> {
    this.busy = true;
    const limit = this.options.batch ?? 500;
    const drafts = this.queue.length <= limit ? this.queue : this.queue.slice(0, limit);
    this.queue = this.queue.length <= limit ? [] : this.queue.slice(limit);
    let built: Built | undefined;
    try {
      this.client ??= await this.connected();
      await this.loadHeads(drafts);
      built = this.build(drafts);
      if (built.drafts.length > 0) {
        const sent = performance.now();
        const { rows } = await this.client.query({ name: 'append', text: APPEND, values: built.values });
        this.options.onBatch?.(performance.now() - sent);
        this.accept(built, rows[0] as AppendRow);
      }
    } catch (error) {
      if (built && this.options.renew && (error as { code?: string }).code === FENCED) await this.renew(built.drafts, this.options.renew);
      else this.failed(drafts, built, error as Error & { code?: string });
    }
    this.busy = false;
    this.kick();
  }

  /** A connection that was cut while nothing was on its way is made anew: no sender need hear of it. */
  private async connected(): Promise<pg.ClientBase & { end(): Promise<void> }> {
    const client = await this.options.connect();
    client.once('end', () => {
      if (this.client === client) this.client = undefined;
    });
    // `heads` is planned once, perhaps while the table is small: it must not read the whole of it for ever after.
    await client.query('set enable_seqscan = off');
    return client;
  }

  private async loadHeads(drafts: Draft[]): Promise<void> {
    const unknown = new Map<string, string>();
    for (const { subject } of drafts) if (subject && !this.heads.get(subject.id)) unknown.set(subject.id, subject.raw);
    if (unknown.size === 0) return;
    const { rows } = await this.client!.query({
      name: 'heads',
      text: "select subject, seq::text, encode(leaf, 'base64') leaf from subject_head where subject = any ($1::uuid[])",
      values: [uuidArray([...unknown.values()])],
    });
    for (const id of unknown.keys()) this.heads.set(id, { seq: 0, leaf: null });
    for (const row of rows as { subject: string; seq: string; leaf: string }[])
      this.heads.set(row.subject, { seq: Number(row.seq), leaf: row.leaf });
  }

  private build(all: Draft[]): Built {
    const recordedAt = (this.options.now?.() ?? new Date()).toISOString();
    const bytes = this.bytes.reset();
    const cipher = this.cipher.reset();
    const trace = this.trace.reset();
    const drafts: Draft[] = [];
    const leaves: string[] = [];
    const moved = new Map<string, Moved>();
    for (const draft of all) {
      const { subject } = draft;
      const head = subject && (moved.get(subject.id)?.after ?? this.heads.get(subject.id)!);
      let link = '';
      if (head) link = `,"subject":{"id":"${subject.id}"${head.leaf === null ? '' : `,"prev":"${head.leaf}"`},"seq":${head.seq + 1}}`;
      // The leading NUL is the leaf prefix of RFC 6962: one buffer serves the hash and the row.
      const text = `\0${draft.before}${recordedAt}${draft.middle}${link}${draft.after}`;
      if (text.length > MAX_ENTRY_BYTES / 3 && Buffer.byteLength(text) - 1 > MAX_ENTRY_BYTES) {
        this.settle(draft, { status: 'too-long', bytes: Buffer.byteLength(text) - 1 });
        continue;
      }
      const leaf = hash('sha256', text, 'base64');
      bytes.utf8(text.slice(1));
      drafts.push(draft);
      leaves.push(leaf);
      if (draft.cipher === null) cipher.null();
      else cipher.bytes(draft.cipher);
      if (draft.trace === null) trace.null();
      else trace.utf8(draft.trace);
      if (head) {
        const after = { seq: head.seq + 1, leaf };
        const known = moved.get(subject.id);
        if (known) known.after = after;
        else moved.set(subject.id, { id: subject.id, raw: subject.raw, before: head, after });
      }
    }
    return this.arrange(drafts, leaves, [...moved.values()]);
  }

  private arrange(drafts: Draft[], leaves: string[], moved: Moved[]): Built {
    moved.sort((a, b) => (a.raw < b.raw ? -1 : 1));
    const previous = this.previous.reset();
    const leaf = this.leaf.reset();
    const indexOf = new Map<string, number>();
    let fresh = 0;
    for (const [i, head] of moved.entries()) {
      indexOf.set(head.id, i + 1);
      if (head.before.leaf === null) {
        fresh++;
        previous.null();
      } else previous.base64(head.before.leaf, 32);
      leaf.base64(head.after.leaf!, 32);
    }
    const leafBytes = Buffer.allocUnsafe(32 * leaves.length);
    for (const [i, value] of leaves.entries()) leafBytes.write(value, 32 * i, 'base64');
    const values = [
      this.checks > 0,
      uuidArray(drafts.map((draft) => draft.key)),
      uuidArray(drafts.map((draft) => draft.content)),
      this.bytes.done(),
      this.cipher.done(),
      this.trace.done(),
      int4Array(drafts.map((draft) => (draft.subject ? indexOf.get(draft.subject.id)! : 0))),
      leafBytes,
      fresh,
      drafts.reduce((oldest, { fence }) => Math.min(oldest, fence), UNFENCED),
      uuidArray(moved.map((head) => head.raw)),
      previous.done(),
      int8Array(moved.map((head) => head.after.seq)),
      leaf.done(),
    ];
    return { drafts, leaves, moved, values };
  }

  private accept({ drafts, leaves, moved }: Built, row: AppendRow): void {
    if (this.checks > 0) this.checks--;
    let position = Number(row.first);
    if (row.kept === null && row.dup === null && row.lost === null) {
      for (const head of moved) this.heads.set(head.id, head.after);
      for (const [i, draft] of drafts.entries()) this.settle(draft, { status: 'sealed', position: position++, leaf: leaves[i]! });
      this.options.onAppended?.(position);
      return;
    }
    const kept = new Set(row.kept ?? []);
    const duplicates = new Map((row.dup ?? []).map((ordinal, i) => [ordinal, i]));
    for (const head of moved) this.heads.delete(head.id); // some moved, some not: the database knows
    const again: Draft[] = [];
    for (const [i, draft] of drafts.entries()) {
      const duplicate = duplicates.get(i + 1);
      if (duplicate !== undefined) {
        const status = row.dup_same![duplicate] ? 'duplicate' : 'conflict';
        this.settle(draft, { status, position: Number(row.dup_position![duplicate]), leaf: null });
      } else if (kept.has(i + 1)) this.settle(draft, { status: 'sealed', position: position++, leaf: leaves[i]! });
      else again.push(draft);
    }
    this.queue = again.concat(this.queue);
    this.options.onAppended?.(position);
  }

  /** Nothing of the batch was appended, and the heads are as they were. */
  private async renew(drafts: Draft[], renew: NonNullable<AppenderOptions['renew']>): Promise<void> {
    try {
      const withdrawn = await renew(drafts);
      this.queue = drafts.filter((draft) => !withdrawn.has(draft)).concat(this.queue);
      for (const draft of withdrawn) this.settle(draft, { status: 'withdrawn' });
    } catch (error) {
      this.giveUp(drafts, error as Error);
    }
  }

  private failed(drafts: Draft[], built: Built | undefined, error: Error & { code?: string }): void {
    this.checks = CHECKED_AFTER_TROUBLE;
    for (const { subject } of drafts) if (subject) this.heads.delete(subject.id);
    const pending = built?.drafts ?? drafts;
    const collided = error.code === '23505' || error.code === '40P01' || error.code === '40001';
    if (collided) {
      this.queue = pending.concat(this.queue);
      return;
    }
    // The connection broke: whether the batch was committed is unknown, and its senders will ask again under the same ids.
    const broken = this.client;
    this.client = undefined;
    void broken?.end().catch(() => undefined);
    this.giveUp(pending, error);
  }

  /** What waits behind them about the same subjects is given up too: it must not overtake what will be sent again. */
  private giveUp(drafts: readonly Draft[], error: Error): void {
    const subjects = new Set(drafts.map(({ subject }) => subject?.raw));
    subjects.delete(undefined);
    const isBehind = ({ subject }: Draft) => subject !== undefined && subjects.has(subject.raw);
    const behind = this.queue.filter(isBehind);
    if (behind.length > 0) this.queue = this.queue.filter((draft) => !isBehind(draft));
    for (const draft of [...drafts, ...behind]) this.settle(draft, { status: 'unavailable', error });
  }
}

interface AppendRow {
  first: string | null;
  kept: number[] | null;
  dup: number[] | null;
  dup_position: string[] | null;
  dup_same: boolean[] | null;
  lost: number[] | null;
  lost_seq: string[] | null;
  lost_leaf: Buffer[] | null;
}

import { randomUUID } from 'node:crypto';
import type { EntrySource, StoredEntry } from '@attesta/event-log';
import { events } from '@attesta/events';
import {
  canonical,
  encodeEntryBundle,
  formatCheckpoint,
  Frontier,
  leafHash,
  parseTilePath,
  signNote,
  toBase64,
  type LogFetch,
} from '@attesta/proof';
import { generateLogKey, nodePrimitives, signEd25519 } from '@attesta/proof/node';

const { sha256 } = nodePrimitives;
const TILE = 256;
const SEALED = { alg: 'A256GCM', nonce: 'AAAAAAAAAAAAAAAA', sha256: 'A'.repeat(43) + '=' };

export interface Happening {
  type: string;
  subject?: string;
  data: Record<string, unknown>;
  time?: string;
  recordedAt?: string;
  source?: string;
  actor?: string;
  id?: string;
  /** What was sealed with it: whose, under which key. */
  sealed?: { subject: string; key: string }[];
}

/** A ledger in memory, for the services that follow one. Seals what it is given, chains subjects, serves tiles and signed checkpoints as C2SP has them. */
export class TestLedger implements EntrySource {
  readonly origin = 'ledger.test/log';
  readonly key = generateLogKey(this.origin);
  readonly stored: StoredEntry[] = [];
  /** How much of the log the checkpoint covers; all of it unless a spec says less. */
  covered: number | undefined;
  private readonly chains = new Map<string, { seq: number; prev: string }>();
  private readonly wakes = new Set<() => void>();
  private readonly signed = new Map<number, Buffer>();

  /** @returns the position */
  seal(happening: Happening): number {
    const { type, subject, data, time = '2026-03-01T09:00:00.000Z', source = '//storefront.test', actor = 'svc-1' } = happening;
    const problems = events.get(type)?.validate(data);
    if (problems?.length) throw new Error(`${type}: ${JSON.stringify(problems)}`);
    const last = subject === undefined ? undefined : this.chains.get(subject);
    const entry = {
      v: 1,
      id: happening.id ?? randomUUID(),
      source,
      type,
      time,
      recordedAt: happening.recordedAt ?? time,
      actor,
      data,
      ...(happening.sealed && { sealed: happening.sealed.map((part) => ({ ...part, ...SEALED })) }),
      ...(subject !== undefined && { subject: last ? { id: subject, seq: last.seq + 1, prev: last.prev } : { id: subject, seq: 1 } }),
    };
    const bytes = Buffer.from(canonical(entry));
    const leaf = leafHash(sha256, bytes);
    if (subject !== undefined) this.chains.set(subject, { seq: (last?.seq ?? 0) + 1, prev: toBase64(leaf) });
    this.stored.push({ position: this.stored.length, bytes, leafHash: Buffer.from(leaf), trace: null });
    for (const wake of this.wakes) wake();
    return this.stored.length - 1;
  }

  size = (): Promise<number> => Promise.resolve(this.stored.length);
  read = (after: number, limit: number): Promise<StoredEntry[]> => Promise.resolve(this.stored.slice(after + 1, after + 1 + limit));
  watch = (wake: () => void): Promise<() => Promise<void>> => {
    this.wakes.add(wake);
    return Promise.resolve(() => Promise.resolve(void this.wakes.delete(wake)));
  };

  fetchLog: LogFetch = (path) => {
    if (path === 'checkpoint') return Promise.resolve(this.checkpoint());
    if (path === 'key') return Promise.resolve(Buffer.from(`${this.key.verifierKey}\n`));
    const address = parseTilePath(path);
    if (!address) return Promise.reject(new Error(`no such path ${path}`));
    const { level, n, width } = address;
    const from = n * TILE;
    if (level === 'entries') return Promise.resolve(encodeEntryBundle(this.stored.slice(from, from + width).map(({ bytes }) => bytes)));
    return Promise.resolve(Buffer.concat(Array.from({ length: width }, (_, i) => this.subtree(level, from + i))));
  };

  entries = async function* (this: TestLedger): AsyncGenerator<{ position: number; bytes: Uint8Array }> {
    yield* this.stored;
  };

  private checkpoint(): Buffer {
    const size = this.covered ?? this.stored.length;
    let note = this.signed.get(size);
    if (!note) {
      const tree = new Frontier(sha256);
      for (const { leafHash: leaf } of this.stored.slice(0, size)) tree.append(leaf);
      const text = formatCheckpoint({ origin: this.origin, size, root: tree.root() });
      note = Buffer.from(signNote(text, this.origin, this.key.publicKey, (message) => signEd25519(this.key.privateKeyPem, message)));
      this.signed.set(size, note);
    }
    return note;
  }

  private subtree(level: number, index: number): Uint8Array {
    const span = TILE ** level;
    const tree = new Frontier(sha256);
    for (const { leafHash: leaf } of this.stored.slice(index * span, (index + 1) * span)) tree.append(leaf);
    return tree.root();
  }
}

import {
  formatVerifierKey,
  LogReader,
  openByKeyOrNext,
  parseCheckpoint,
  parseVerifierKey,
  toBase64,
  type Checkpoint,
  type LogFetch,
} from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';

/** The ledger's newest checkpoint could not be had, and none was seen before. */
export class LedgerUnavailable extends Error {
  override name = 'LedgerUnavailable';
}

/** The ledger shows another tree than it showed before: nothing may be proved with it until somebody has looked. */
export class LogInconsistent extends Error {
  override name = 'LogInconsistent';
}

export interface SignedCheckpoint {
  note: string;
  checkpoint: Checkpoint;
}

const FRESH_MS = 200;

/** The newest checkpoint, its signature checked, asked for at most five times a second however many answers carry it. */
export class Checkpoints {
  readonly reader: LogReader;
  private newest: SignedCheckpoint | undefined;
  private readAt = -Infinity;
  private reading: Promise<SignedCheckpoint> | undefined;
  private line: string | undefined;

  constructor(
    private readonly fetch: LogFetch,
    verifierKey?: string,
  ) {
    this.line = verifierKey?.trim();
    this.reader = new LogReader(nodePrimitives, fetch);
  }

  /** C2SP verifier key line; without a pinned one, the first that the log gave. */
  async key(): Promise<string> {
    this.line ??= Buffer.from(await this.fetch('key', { maxBytes: 1_000 }))
      .toString()
      .trim();
    return this.line;
  }

  /**
   * @param maxAgeMs 0 = ask the ledger now
   * @throws LedgerUnavailable, LogInconsistent, or NoteError when the log's key did not sign
   */
  async latest(maxAgeMs = FRESH_MS): Promise<SignedCheckpoint> {
    if (this.newest && Date.now() - this.readAt < maxAgeMs) return this.newest;
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(): Promise<SignedCheckpoint> {
    let fresh: SignedCheckpoint;
    try {
      const note = await this.reader.note();
      const { text, key } = await openByKeyOrNext(nodePrimitives, this.reader, note, parseVerifierKey(await this.key()));
      this.line = formatVerifierKey(key.name, key.publicKey);
      fresh = { note, checkpoint: parseCheckpoint(text) };
    } catch (cause) {
      if (cause instanceof Error && cause.name === 'NoteError') throw cause;
      // An older checkpoint still proves what it covers.
      if (this.newest) return this.newest;
      throw new LedgerUnavailable('The newest checkpoint of the ledger cannot be read', { cause });
    }
    const known = this.newest;
    this.readAt = Date.now();
    if (known && known.checkpoint.size === fresh.checkpoint.size && toBase64(known.checkpoint.root) !== toBase64(fresh.checkpoint.root)) {
      throw new LogInconsistent(`Two roots were signed for size ${known.checkpoint.size}`);
    }
    // A replica of the ledger may be a moment behind another.
    if (!known || fresh.checkpoint.size >= known.checkpoint.size) this.newest = fresh;
    return this.newest!;
  }
}

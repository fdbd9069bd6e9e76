import { LogReader, openNote, parseCheckpoint, parseVerifierKey, type LogFetch } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';

export interface CaughtUpOptions {
  /** The ledger's log (C2SP paths). */
  fetchLog: LogFetch;
  /** C2SP verifier key line of the log. */
  verifierKey: () => Promise<string>;
}

/**
 * Whether a service's database knows what the log had when this process first looked. One that is older than the log, as a restored one is, first
 * learns what was done meanwhile, instead of doing it once more.
 */
export class CaughtUp {
  private size: number | undefined;
  private done = false;

  constructor(private readonly options: CaughtUpOptions) {}

  /** @param feed undefined before it flows @throws Error for a checkpoint that the log's key did not sign */
  async with(feed: { progress(): Promise<{ position: number }[]> } | undefined): Promise<boolean> {
    if (this.done) return true;
    if (!feed) return false;
    const size = (this.size ??= await this.sizeOfLog());
    if (size === undefined) return false;
    const progress = await feed.progress();
    this.done = progress.length > 0 && progress.every(({ position }) => position >= size - 1);
    return this.done;
  }

  /** Undefined while nothing is signed yet, or the ledger is away. */
  private async sizeOfLog(): Promise<number | undefined> {
    const { fetchLog, verifierKey } = this.options;
    const note = await new LogReader(nodePrimitives, fetchLog).note().catch(() => undefined);
    if (note === undefined) return undefined;
    const { text } = openNote(nodePrimitives, note, [parseVerifierKey((await verifierKey()).trim())]);
    return parseCheckpoint(text).size;
  }
}

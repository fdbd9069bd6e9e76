import { leafHash, formatProof, LogReader, parseVerifierKey, verifyInclusion, type LogFetch } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';

/** An entry with all that proves it offline. */
export interface SealedProof {
  position: number;
  /** The exact canonical bytes, as text. */
  entry: string;
  /** C2SP tlog-proof. */
  tlogProof: string;
  /** C2SP verifier key line. */
  verifierKey: string;
}

/** No signed checkpoint covers the entry, or the ledger does not answer. */
export class NotProvable extends Error {
  override name = 'NotProvable';
}

const WAIT_MS = 5_000;
const LOOK_MS = 50;

/** Proofs of sealed entries from the ledger's log; each is checked before it is handed out. */
export class SealedProofs {
  private readonly reader: LogReader;

  constructor(
    fetchLog: LogFetch,
    private readonly verifierKey: () => Promise<string>,
  ) {
    this.reader = new LogReader(nodePrimitives, fetchLog);
  }

  /** Of the event of a fact, once it has a position that a checkpoint covers. @param position asked again until there is one. @throws NotProvable */
  async ofFact(position: () => Promise<number | null>): Promise<SealedProof> {
    let why: unknown;
    for (const until = Date.now() + WAIT_MS; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, LOOK_MS))) {
      const at = await position();
      if (at === null) continue;
      try {
        const proof = await this.of(at);
        if (proof) return proof;
      } catch (cause) {
        why = cause;
      }
    }
    throw new NotProvable('The entry is not under a signed checkpoint', { cause: why });
  }

  /** @throws Error when the log does not hold together */
  private async of(position: number): Promise<SealedProof | undefined> {
    const verifierKey = (await this.verifierKey()).trim();
    const { note, checkpoint } = await this.reader.checkpoint([parseVerifierKey(verifierKey)]);
    const { size, root } = checkpoint;
    if (size <= position) return undefined;
    const { sha256 } = nodePrimitives;
    for await (const { bytes } of this.reader.entries(position, position + 1, size)) {
      const proof = await this.reader.inclusionProof(position, size);
      if (!verifyInclusion(sha256, { index: position, size, leaf: leafHash(sha256, bytes), proof, root })) break;
      const entry = Buffer.from(bytes).toString();
      return { position, entry, tlogProof: formatProof({ index: position, proof, checkpoint: note }), verifierKey };
    }
    throw new Error(`The log does not prove its entry at position ${position}`);
  }
}

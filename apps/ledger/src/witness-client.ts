import { parseCheckpoint, readCosignatures, splitNote, toBase64, type Cosignature, type LogReader, type VerifierKey } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';

/** Why a witness did not sign, as a word for logs. */
export type WitnessTrouble = 'away' | 'refused' | 'no-cosignature' | 'other-tree' | 'knows-more';

/** A witness did not sign. `knows-more` and `other-tree` say that it signed another history of this log: it was rolled back, or forked. */
export class NotCosigned extends Error {
  override readonly name = 'NotCosigned';

  constructor(
    readonly trouble: WitnessTrouble,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const MOST_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;
const SIZE = 'text/x.tlog.size';

/** Has one witness sign our checkpoints (C2SP tlog-witness). It is whoever answers so at the URL: nothing of ours is presumed. */
export class WitnessClient {
  /** Of the newest checkpoint that it signed, as far as we know. */
  private known = 0;

  constructor(
    private readonly witness: { key: VerifierKey; url: string },
    private readonly log: Pick<LogReader, 'consistencyProof'>,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  /** @throws NotCosigned */
  async cosign(note: string): Promise<Cosignature> {
    const { size } = parseCheckpoint(splitNote(note).text);
    let from = Math.min(this.known, size);
    let answer = await this.post(from, size, note);
    const theirs = sizeIn(answer);
    if (theirs !== undefined && theirs !== from) {
      if (theirs > size) throw new NotCosigned('knows-more', `the witness signed ${theirs} entries of a log that has ${size}`);
      from = theirs;
      answer = await this.post(from, size, note);
    }
    // The same size again: it is the tree that the witness objects to. So a proof of our own tiles that does not hold for its root.
    if ((answer.status === 409 && (sizeIn(answer) ?? from) === from) || answer.status === 422)
      throw new NotCosigned('other-tree', `the witness signed another tree of ${from} entries`);
    if (answer.status !== 200) throw new NotCosigned('refused', `the witness answered with status ${answer.status}`);
    this.known = size;
    return this.cosignatureIn(note, answer.text);
  }

  private async post(from: number, size: number, note: string): Promise<{ status: number; type: string | null; text: string }> {
    const proof = await this.log.consistencyProof(from, size);
    try {
      const response = await fetch(`${this.witness.url}/add-checkpoint`, {
        method: 'POST',
        headers: { 'Content-Type': 'text/plain; charset=utf-8' },
        body: `old ${from}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${note}`,
        redirect: 'error',
        signal: AbortSignal.timeout(this.timeoutMs),
      });
      return { status: response.status, type: response.headers.get('content-type'), text: await textOf(response) };
    } catch (cause) {
      throw new NotCosigned('away', 'the witness does not answer', { cause });
    }
  }

  /** Of whatever lines it answers, the one of the key that we were given. */
  private cosignatureIn(note: string, lines: string): Cosignature {
    try {
      const [cosignature] = readCosignatures(nodePrimitives, note + lines, [this.witness.key]).cosignatures;
      if (cosignature) return cosignature;
    } catch (cause) {
      throw new NotCosigned('no-cosignature', 'the witness answered something else than cosignatures', { cause });
    }
    throw new NotCosigned('no-cosignature', 'the witness did not sign with the key that the policy names');
  }
}

/** The size of an answer that the old size was another (C2SP tlog-witness). */
function sizeIn({ status, type, text }: { status: number; type: string | null; text: string }): number | undefined {
  if (status !== 409) return undefined;
  const digits = /^(0|[1-9][0-9]{0,15})\n$/.exec(text)?.[1];
  return type?.split(';')[0]?.trim() === SIZE && digits !== undefined ? Number(digits) : undefined;
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`the answer is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

import { certificateOf, type DestructionCertificate, type EvidenceEntry } from '@attesta/disposal';
import type { EventTypes } from '@attesta/events';
import { formatProof, leafHash, LogReader, parseVerifierKey, verifyInclusion } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { Problem } from '@attesta/service-kit';
import type { Retention } from './retention.js';

const PATIENCE_MS = 5_000;
const LOOK_MS = 50;

/** Certificates of destruction, made from the log when they are asked for; nothing of them is kept. */
export class Certificates {
  constructor(private readonly retention: Retention) {}

  /** @throws Problem 404; 409 while the disposal is under way, was abandoned, or destroyed nothing; 503 while no signed checkpoint covers it */
  async of(disposal: string): Promise<DestructionCertificate> {
    const positions = await this.positionsOf(disposal);
    const verifierKey = (await this.retention.options.verifierKey()).trim();
    const reader = new LogReader(nodePrimitives, this.retention.options.fetchLog);
    const { note, checkpoint } = await covering(reader, positions.at(-1)!, verifierKey);
    const { size, root } = checkpoint;
    const entries: EvidenceEntry[] = [];
    for (const position of positions) {
      for await (const { bytes } of reader.entries(position, position + 1, size)) {
        const proof = await reader.inclusionProof(position, size);
        const { sha256 } = nodePrimitives;
        if (!verifyInclusion(sha256, { index: position, size, leaf: leafHash(sha256, bytes), proof, root }))
          throw new Error(`The log does not prove its entry at position ${position}`);
        entries.push({ entry: Buffer.from(bytes).toString(), tlogProof: formatProof({ index: position, proof, checkpoint: note }) });
      }
    }
    const completed = entries.pop()!;
    const { data } = JSON.parse(completed.entry) as { data: EventTypes['attesta.disposal.completed.v1'] };
    if (data.parts === 0 && data.keys.length === 0 && data.scope === 'class') throw nothingDestroyed();
    return certificateOf({ completed, related: entries, checkpoint: note, verifierKey, policy: this.retention.policy });
  }

  private async positionsOf(disposal: string): Promise<number[]> {
    for (const until = Date.now() + PATIENCE_MS; ; await pause()) {
      const { rows } = await this.retention.pool.query<{ status: string; told: boolean; positions: string[] }>(
        `select status, heard >= own as told, positions from disposal where id = $1`,
        [disposal],
      );
      const found = rows[0];
      if (!found) throw noSuchDisposal();
      if (found.status !== 'completed') throw notCompleted(found.status);
      if (found.told) return found.positions.map(Number);
      if (Date.now() > until) throw notSealed();
    }
  }
}

async function covering(reader: LogReader, position: number, verifierKey: string) {
  for (const until = Date.now() + PATIENCE_MS; ; await pause()) {
    const head = await reader.checkpoint([parseVerifierKey(verifierKey)]);
    if (head.checkpoint.size > position) return head;
    if (Date.now() > until) throw notSealed();
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, LOOK_MS));
export const noSuchDisposal = () =>
  Problem.notFound('There is no such disposal.', 'Disposals are listed at GET /v1/disposals.', 'no-such-disposal');
const notCompleted = (status: string) =>
  Problem.conflict(
    status === 'abandoned' ? 'The disposal was abandoned: nothing was destroyed.' : 'The disposal is under way.',
    status === 'abandoned' ? 'There is no certificate of it.' : 'Ask again when it is completed.',
    'not-completed',
  );
const nothingDestroyed = () =>
  Problem.conflict(
    'The disposal destroyed nothing: there was nothing, or all of it survives.',
    'See what it says itself.',
    'nothing-destroyed',
  );
const notSealed = () =>
  Problem.unavailable('No signed checkpoint covers the last word of the disposal yet.', 'Try again in a moment.', 'not-provable', 1);

import {
  formatProof,
  leafHash,
  openNote,
  parseCheckpoint,
  parseProof,
  parseVerifierKey,
  verifyInclusion,
  type Checkpoint,
} from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { atMost, number, percentile, type Bench, type Row } from './bench.js';

const PROOFS = 2_000;
const { sha256 } = nodePrimitives;

/** An inclusion proof as the ledger answers it, checkpoint and all, for positions drawn at random; each is then checked against its entry. */
export const proof: Bench = {
  name: 'proof',
  async run(workshop) {
    const { ledger } = await workshop.log(workshop.largest);
    const key = parseVerifierKey(ledger.verifierKey);
    const ms: number[] = [];
    let hashes = 0;
    let size = 0;
    for (let i = 0; i < PROOFS; i++) {
      const started = performance.now();
      const note = await ledger.files.checkpoint();
      const checkpoint: Checkpoint = parseCheckpoint(openNote(nodePrimitives, note!, [key]).text);
      const index = Math.floor(Math.random() * checkpoint.size);
      const file = formatProof({ index, proof: await ledger.log.inclusionProof(index, checkpoint.size), checkpoint: note! });
      ms.push(performance.now() - started);

      size = checkpoint.size;
      const entry = await ledger.reader.entry(index);
      const given = parseProof(file);
      hashes = Math.max(hashes, given.proof.length);
      const inclusion = { index, size, leaf: leafHash(sha256, entry!.bytes), proof: given.proof, root: checkpoint.root };
      if (!verifyInclusion(sha256, inclusion)) throw new Error(`the proof of position ${index} does not hold`);
    }
    const theory = Math.ceil(Math.log2(size));
    const length: Row = {
      name: `hashes in the longest proof of ${number(size)} entries`,
      value: hashes,
      unit: 'hashes',
      limit: theory,
      ratio: hashes / theory,
      goal: '= ceil(log2 n)',
      met: hashes === theory,
    };
    return [atMost(`inclusion proof in ${number(size)} entries, p99`, percentile(ms, 0.99), 'ms', 5), length];
  },
};

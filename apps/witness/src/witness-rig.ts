/* Logs in memory, and a witness behind real HTTP on a real database. For specs. */
import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { consistencyProof, formatCheckpoint, leafHash, nodeHash, parseVerifierKey, rootAt, signNote, toBase64 } from '@attesta/proof';
import { generateLogKey, nodePrimitives, signEd25519, type LogKey } from '@attesta/proof/node';
import { listenerOf, type ListenerOptions } from './listener.js';
import { Witness, type WitnessOptions } from './witness.js';

const { sha256 } = nodePrimitives;

/** A log without end. */
export class SpecLog {
  constructor(
    readonly key: LogKey,
    readonly origin: string,
    private readonly leaf: (index: number) => string = (index) => `leaf ${index}`,
  ) {}

  /** Under the same key, the same up to here and another from here on. */
  forkedAt(position: number): SpecLog {
    return new SpecLog(this.key, this.origin, (index) => (index < position ? this.leaf(index) : `other ${this.leaf(index)}`));
  }

  note(size: number): Promise<string> {
    return rootAt(size, this.hashAt).then((root) => this.sign(formatCheckpoint({ origin: this.origin, size, root })));
  }

  sign(text: string, key = this.key): string {
    return signNote(text, this.origin, key.publicKey, (message) => signEd25519(key.privateKeyPem, message));
  }

  /** The body of add-checkpoint. */
  async request(from: number, to: number, note?: string): Promise<string> {
    const proof = from <= to ? await consistencyProof(from, to, this.hashAt) : [];
    return `old ${from}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${note ?? (await this.note(to))}`;
  }

  private readonly hashAt = (level: number, index: number): Uint8Array => {
    if (level > 0) return nodeHash(sha256, this.hashAt(level - 1, 2 * index), this.hashAt(level - 1, 2 * index + 1));
    return leafHash(sha256, Buffer.from(this.leaf(index)));
  };
}

export const ORIGIN = 'log.example/attesta';
export const NAME = 'witness.example/w1';

export const newLog = (origin = ORIGIN): SpecLog => new SpecLog(generateLogKey(origin), origin);

export const keyOf = (log: SpecLog) => parseVerifierKey(log.key.verifierKey);

export interface WitnessRig {
  witness: Witness;
  url: string;
  post(body: string | Uint8Array): Promise<{ status: number; type: string | null; text: string }>;
  close(): Promise<void>;
}

export const newWitnessKey = () => generateKeyPairSync('ed25519').privateKey;

export async function serveWitness(options: Omit<WitnessOptions, 'name'>, listener?: ListenerOptions): Promise<WitnessRig> {
  const witness = await Witness.open({ ...options, name: NAME });
  const server = http.createServer(listenerOf(witness, listener));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    witness,
    url,
    async post(body) {
      const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
      return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await witness.close();
    },
  };
}

import type { Primitives } from '@attesta/proof';
import { browserPrimitives } from '../../kit/proof/primitives.js';
import { trustedKey } from '../../kit/proof/trusted-key.js';
import { verifyEntry } from '../../kit/proof/verify-entry.js';

/** `GET /v1/receipts/:id`: ISO/IEC TS 27560, with the proof. */
export interface ProvenReceipt {
  receipt: unknown;
  proof: { position: number; entry: string; tlogProof: string };
}

/** A choice as its person made it. */
export interface Choice {
  id: string;
  source: string;
  status: string;
  purposes: readonly string[];
}

export type Standing = { stands: true; position: number } | { stands: false; because: 'another-choice' | 'not-in-log' | 'key-changed' };

/** Whether the sealed entry says this choice, and stands in the log: recomputed here, whatever the service says. @param key C2SP verifier key line */
export function standsInLog(primitives: Primitives, { proof }: ProvenReceipt, choice: Choice, key: string): Standing {
  if (!says(proof.entry, choice)) return { stands: false, because: 'another-choice' };
  const { position, entry, tlogProof } = proof;
  try {
    const { holds } = verifyEntry(primitives, { position, bytes: new TextEncoder().encode(entry), proof: tlogProof, key });
    return holds ? { stands: true, position } : { stands: false, because: 'not-in-log' };
  } catch {
    return { stands: false, because: 'not-in-log' };
  }
}

function says(text: string, { id, source, status, purposes }: Choice): boolean {
  const entry = JSON.parse(text) as { id?: unknown; source?: unknown; data?: { status?: unknown; purposes?: unknown } };
  const sealed = entry.data?.purposes;
  return (
    entry.id === id &&
    entry.source === source &&
    entry.data?.status === status &&
    Array.isArray(sealed) &&
    purposes.every((purpose) => sealed.includes(purpose))
  );
}

/** The same, with the key that this browser trusts: the one its operator pinned, else the first that the log ever gave here. */
export async function verifiedHere(receipt: ProvenReceipt, choice: Choice): Promise<Standing> {
  const { logKey } = (await (await fetch('/console/settings.json', { cache: 'no-store' })).json()) as { logKey: string | null };
  const { key, changed } = await trustedKey(logKey);
  return changed ? { stands: false, because: 'key-changed' } : standsInLog(browserPrimitives, receipt, choice, key);
}

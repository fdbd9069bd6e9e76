import { receiptMismatches, type ConsentRecord, type ConsentReceipt } from '@attesta/decisions';
import { canonical, formatVerifierKey, parseVerifierKey, type Checkpoint, type Primitives } from '@attesta/proof';
import { messageOf } from './failure.js';
import { checkProof } from './proof-check.js';
import type { ReceiptFile } from './receipt-file.js';

export interface ReceiptReport {
  /** True if the entry stands in the log that the key signed for, and the receipt says what the entry says. */
  ok: boolean;
  /** Whose word the signature is checked against: a key the caller brought, or the one that lay in the file. */
  keyFrom: 'caller' | 'receipt';
  /** Verifier key line used. */
  key?: string;
  checkpoint?: Checkpoint;
  position?: number;
  /** What the receipt says; only where all of it is proved. */
  record?: ConsentRecord;
  problems: string[];
}

/** Checks a receipt with its proof offline. `trusted` is a verifier key line from elsewhere. Throws nothing for hostile files. */
export function checkReceipt(primitives: Primitives, { receipt, proof, repeats }: ReceiptFile, trusted?: string): ReceiptReport {
  const problems: string[] = [];
  const own = keyIn(proof['verifierKey'], problems);
  const key = trusted ?? own;
  if (trusted !== undefined && own !== undefined && own !== trusted) problems.push('the key in the receipt is not the key you gave');
  if (repeats) problems.push('a name stands twice in one object of the file: a person could read one value and a program the other');
  const { entry, tlogProof, position } = proof;
  const report: ReceiptReport = {
    ok: false,
    keyFrom: trusted === undefined ? 'receipt' : 'caller',
    ...(key !== undefined && { key }),
    problems,
  };
  if (typeof entry !== 'string') problems.push('the sealed entry in the proof is not a text');
  if (typeof tlogProof !== 'string') problems.push('the tlog-proof is not a text');
  if (typeof position !== 'number') problems.push('the position in the proof is not a number');
  if (typeof entry !== 'string' || typeof tlogProof !== 'string' || typeof position !== 'number' || key === undefined) return report;

  const { checkpoint, position: proved, problem } = checkProof(primitives, { proof: utf8(tlogProof), entry: utf8(entry), key });
  if (checkpoint) report.checkpoint = checkpoint;
  if (problem !== undefined) problems.push(problem);
  if (proved !== undefined && proved !== position) problems.push(`the proof is for position ${proved}, the receipt names ${position}`);
  if (Object.keys(proof).length !== 4) problems.push('the proof holds members that no proof has');
  problems.push(...sayings(receipt, entry, position));
  if (problems.length > 0) return report;
  return { ...report, ok: true, position, record: (receipt as ConsentReceipt).record };
}

function keyIn(line: unknown, problems: string[]): string | undefined {
  try {
    if (typeof line !== 'string') throw new Error('it is not a text');
    const { name, publicKey } = parseVerifierKey(line.trim());
    return formatVerifierKey(name, publicKey);
  } catch (error) {
    problems.push(`the key in the receipt is no verifier key line: ${messageOf(error)}`);
    return undefined;
  }
}

function sayings(receipt: unknown, entryText: string, position: number): string[] {
  let entry: unknown;
  try {
    entry = JSON.parse(entryText);
    if (canonical(entry) !== entryText) return ['the sealed entry in the proof is not in canonical form (RFC 8785)'];
  } catch {
    return ['the sealed entry in the proof is no canonical JSON'];
  }
  return receiptMismatches(receipt, entry, position);
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

import { RECEIPT_SCHEMA, type ConsentReceipt, type ProvenReceipt, type ReceiptInput, type ReceiptProof } from './receipt-form.js';
import { informativePart } from './receipt-informative.js';
import { receiptMismatches } from './receipt-mismatches.js';
import { capturedIn, recordFrom } from './receipt-record.js';

/** Writes the receipt of a choice (ISO/IEC TS 27560:2023; GDPR 7(1)). @throws RangeError when the entry records none */
export function consentReceipt(input: ReceiptInput): ConsentReceipt {
  const captured = capturedIn(input.entry);
  return {
    metadata: { schema_version: RECEIPT_SCHEMA, receipt_id: input.receiptId, issued_at: input.issuedAt },
    record: recordFrom(captured, input.position),
    informative: informativePart(captured.data, input),
  };
}

/** Ties a receipt to its proof. @throws RangeError when the receipt says anything that the entry does not: such a receipt must not go out */
export function provenReceipt(receipt: ConsentReceipt, proof: ReceiptProof): ProvenReceipt {
  const mismatches = receiptMismatches(receipt, JSON.parse(proof.entry), proof.position);
  if (mismatches.length > 0) throw new RangeError(`the receipt is not that of the entry: ${mismatches.join('; ')}`);
  return { receipt, proof };
}

/** The whole consent record of TS 27560, 6.3, for who wants that and no proof: what was sealed, completed by what the policy says. */
export function completeRecord({ record, informative }: ConsentReceipt): Record<string, unknown> {
  const { standing: _standing, ...known } = informative;
  return overlaid(known, record) as Record<string, unknown>;
}

/** `over` prevails; objects are put together by name, lists by place. */
function overlaid(under: unknown, over: unknown): unknown {
  if (Array.isArray(under) && Array.isArray(over)) return over.map((item, i) => (i < under.length ? overlaid(under[i], item) : item));
  if (!isMembers(under) || !isMembers(over)) return over;
  const whole: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) whole[key] = key in under ? overlaid(under[key], value) : value;
  return whole;
}

const isMembers = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

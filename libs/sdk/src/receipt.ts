import type { FieldProblem } from '@attesta/events';

/** What became of one published event. Publishing it again, under the same id, is always safe. */
export interface Receipt {
  id: string;
  source: string;
  /** `accepted`: durable and sealed soon; `duplicate`: was known already; `rejected`: see `problems`. */
  status: 'sealed' | 'accepted' | 'duplicate' | 'rejected';
  /** Place in the log. */
  position?: number;
  /** Leaf hash of the sealed entry, base64: what an inclusion proof starts from. */
  leafHash?: string;
  problems?: FieldProblem[];
}

import type { FieldProblem } from './problem.js';

/** What became of one published event. Publishing it again, under the same id, is always safe. */
export interface Receipt {
  id: string;
  source: string;
  /** `accepted`: durable and sealed soon; `duplicate`: was sealed before, same content; `rejected`: see `problems`. */
  status: 'sealed' | 'accepted' | 'duplicate' | 'rejected';
  /** Place in the log. */
  position?: number;
  /** Leaf hash of the sealed entry, base64: what an inclusion proof starts from. */
  leafHash?: string;
  problems?: FieldProblem[];
}

/** The body of an answer that is an error: `application/problem+json` (RFC 9457). */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail?: string;
  fix?: string;
  errors?: FieldProblem[];
  requestId?: string;
  traceId?: string;
  [extension: string]: unknown;
}

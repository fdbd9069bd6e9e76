import type { CloudEvent, FieldProblem, Receipt } from '@attesta/events';

export type { Receipt };

/** The ledger's front door. One receipt per event, in the same order. Throws only when nothing was decided (try again, same ids). */
export interface Intake {
  submit(events: CloudEvent[], from: { principal?: string; transport: 'http' | 'kafka' | 'internal' }): Promise<Receipt[]>;
}

/**
 * One event as a transport decoded it. `event` has the shape of a CloudEvent but is not checked against any schema.
 * When decoding failed, `id`, `source` and `type` are what could be read, so that the rejection can be found.
 */
export type DecodedEvent =
  { ok: true; event: unknown } | { ok: false; problems: FieldProblem[]; id?: string; source?: string; type?: string };

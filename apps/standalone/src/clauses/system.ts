import type { CloudEvent, FieldProblem } from '@attesta/events';
import type { Role } from '@attesta/service-kit';
import type { ReadMail } from '../mailbox.js';

/** What became of a published event once the ledger has decided. */
export type Outcome = { position: number } | { problems: FieldProblem[] };

/** A piece of what is stored, as text; bytes as hex. `where` says where it lies. */
export interface DumpPiece {
  where: string;
  text: string;
}

export interface SystemAnswer {
  status: number;
  /** Parsed JSON; the raw bytes of anything else. */
  body: unknown;
}

/** A clause can only be shown on a system that may be stopped and started. */
export class NotOurs extends Error {}

/** A running system as a clause sees it: publishers' way in, the public HTTP interface, and what lies in its stores. */
export interface System {
  readonly transport: 'http' | 'kafka';
  /** One outcome per event, in order. Subjects and personal parts are given in clear; the transport protects them as it must. */
  publish(events: CloudEvent[]): Promise<Outcome[]>;
  http(role: Role, method: 'GET' | 'POST', path: string, body?: unknown): Promise<SystemAnswer>;
  /** Posts a form as anybody can who has a link. @returns the status */
  form(path: string, form: Uint8Array): Promise<number>;
  /** Everything stored: every table of every database, and every topic where there are topics. */
  dumps(): AsyncIterable<DumpPiece>;
  /**
   * Does `work` while no service runs and its databases do; with a superuser's connection strings.
   * @throws NotOurs for a system that somebody else runs
   */
  whileDown(work: (adminUrl: (database?: string) => string) => Promise<void>): Promise<void>;
  /** What came for an address by mail. @throws NotOurs for a system that somebody else runs */
  mailsTo(address: string): Promise<ReadMail[]>;
  stop(): Promise<void>;
}

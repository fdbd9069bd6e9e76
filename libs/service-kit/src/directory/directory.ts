import { subjectKind, type FieldProblem } from '@attesta/events';
import { normalise, refOf } from '@attesta/vault';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { Problem } from '../problems/problem.js';

/** Who is who, as the ledger knows: embedded its vault, distributed its HTTP interface. */
export interface LedgerDirectory {
  /** Subject ids by ref, null for nobody. @param enrol make a subject of a ref that nobody had, as sealing an event about it does */
  subjectsOf(refs: string[], enrol: boolean): Promise<Readonly<Record<string, string | null>>>;
  /** Refs by subject id; none of who is unknown or forgotten. */
  refsOf(subjects: string[]): Promise<Readonly<Record<string, string[]>>>;
  /** People forgotten as a whole, in the order `n` in which they were, after a number. */
  erasures(after: number, limit: number): Promise<Erasures>;
  /**
   * By subject id and channel of the policy, where people are reached: none of who is unknown or forgotten. Shows personal data, and is recorded as an
   * access.
   */
  contactsOf(wanted: readonly ContactsWanted[]): Promise<Contacts>;
}

export interface ContactsWanted {
  subject: string;
  /** Entries whose sealed parts may hold an address of theirs. */
  positions: readonly number[];
}

export type Contacts = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Erasures {
  erasures: { n: number; subject: string }[];
  /** The newest number there is, 0 for none. */
  last: number;
}

/** Tables of a service that keeps a `Directory`; its role reads and writes them. */
export const directoryTables = `
create table known_ref (ref text primary key, subject uuid not null);
create index known_ref_subject on known_ref (subject);
`;

const STRANGERS = 10_000;
const STRANGER_MS = 1_000;

/**
 * Subject ids for whatever a caller names a person by. What was learnt once is kept, so that people who are known can be asked about while the
 * ledger is away.
 */
export class Directory {
  /** Refs that nobody is known by, for a moment: so that questions about strangers do not all go to the ledger. */
  private readonly strangers = new LRUCache<string, true>({ max: STRANGERS, ttl: STRANGER_MS });

  constructor(
    private readonly pool: pg.Pool,
    private readonly ledger: LedgerDirectory,
    private readonly pepper: Uint8Array,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** The ref or id that a person is named by; a clear identifier becomes its ref. @throws Problem with `field` when it is neither */
  named(subject: string, field = '/subject'): string {
    const kind = subjectKind(subject);
    if (kind === 'ref' || kind === 'id') return subject;
    if (kind === undefined) throw Problem.invalid([{ field, ...NO_SUBJECT }]);
    const bar = subject.indexOf('|');
    const normal = normalise(subject.slice(0, bar), subject.slice(bar + 1));
    if (!normal.ok) throw Problem.invalid([{ field, ...normal.problem }]);
    return refOf(this.pepper, normal.identifier);
  }

  /** Of somebody a command is about: a stranger becomes a subject. @throws Problem 503 when the ledger cannot say */
  async enrolled(subject: string): Promise<string> {
    const named = this.named(subject);
    return (await this.idsOf([named], true)).get(named)!;
  }

  /**
   * Subject ids by what `named` gave; strangers are left out.
   * @param anew asks also for those that nobody was known by a moment ago
   * @throws Problem 503 when the ledger would have to say and cannot
   */
  async idsOf(names: readonly string[], enrol = false, anew = enrol): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const refs = new Set<string>();
    for (const name of names) {
      if (!name.startsWith('ref1.')) found.set(name, name);
      else if (anew || !this.strangers.has(name)) refs.add(name);
    }
    if (refs.size === 0) return found;
    for (const [ref, subject] of await this.known([...refs])) {
      found.set(ref, subject);
      refs.delete(ref);
    }
    if (refs.size === 0) return found;
    const learnt = await this.ask([...refs], enrol);
    for (const ref of refs) {
      const subject = learnt.get(ref);
      if (subject === undefined) this.strangers.set(ref, true);
      else {
        found.set(ref, subject);
        this.strangers.delete(ref);
      }
    }
    await this.keep(learnt);
    return found;
  }

  /** The refs that people are known by, from the ledger; kept. */
  async refsOf(subjects: string[]): Promise<ReadonlyMap<string, string[]>> {
    const refs = new Map(Object.entries(await this.ledger.refsOf(subjects)));
    await this.keep(new Map([...refs].flatMap(([subject, all]) => all.map((ref) => [ref, subject]))));
    return refs;
  }

  /** @returns who was known by a ref */
  static async forget(tx: Pick<pg.PoolClient, 'query'>, subjects: readonly string[]): Promise<string[]> {
    const { rows } = await tx.query<{ subject: string }>('delete from known_ref where subject = any($1::uuid[]) returning subject', [
      subjects,
    ]);
    return rows.map(({ subject }) => subject);
  }

  private async known(refs: string[]): Promise<[string, string][]> {
    const { rows } = await this.pool.query<{ ref: string; subject: string }>({
      name: 'known-refs',
      text: 'select ref, subject from known_ref where ref = any($1::text[])',
      values: [refs],
    });
    return rows.map(({ ref, subject }) => [ref, subject]);
  }

  private async ask(refs: string[], enrol: boolean): Promise<ReadonlyMap<string, string>> {
    try {
      const subjects = await this.ledger.subjectsOf(refs, enrol);
      return new Map(Object.entries(subjects).flatMap(([ref, subject]) => (subject === null ? [] : [[ref, subject]])));
    } catch (cause) {
      this.onError(cause);
      throw Problem.unavailable(
        'The ledger does not answer, and this person is not known here yet.',
        'Try again in a moment, or name the person by subject id.',
        'ledger-unavailable',
        1,
      );
    }
  }

  private async keep(learnt: ReadonlyMap<string, string>): Promise<void> {
    if (learnt.size === 0) return;
    await this.pool.query('insert into known_ref (ref, subject) select unnest($1::text[]), unnest($2::uuid[]) on conflict do nothing', [
      [...learnt.keys()],
      [...learnt.values()],
    ]);
  }
}

const NO_SUBJECT: Omit<FieldProblem, 'field'> = {
  code: 'bad-subject',
  message: 'is neither scheme|value, nor a subject ref, nor a subject id',
  fix: 'write it like account|c-1001',
};

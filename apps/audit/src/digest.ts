import { createHash } from 'node:crypto';
import { forgottenIn, type Entry } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import { canonical } from '@attesta/proof';
import type pg from 'pg';
import { amendments } from './amendments.projection.js';
import type { CollectedFact, ConfinedFact, ConsentFact, DisposalFact, FlagFact, LinkFact, SuppliedFact } from './candidate.js';
import { collections } from './collections.projection.js';
import { CONFINED } from './confined-collections.projection.js';
import { consents } from './consents.projection.js';
import { disposals } from './disposals.projection.js';
import { confinedMethods, FactIndex, candidateOf } from './fact-index.js';
import { factOf } from './fact.js';
import { flags } from './flags.projection.js';
import { judge } from './findings.decider.js';
import { links } from './links.projection.js';
import { findingRow, findings } from './findings.projection.js';
import type { Change } from './policy-history.js';
import { digestQuery, digestRow, inOrder, type Register } from './register.js';
import { registersOf } from './registers.js';
import type { ForgottenPeople } from './remains.js';
import { SOURCES } from './third-party-sources.projection.js';
import { Tally, tallyAt } from './tally.js';

/** One SHA-256 (hex) per register, over its rows up to a position. The same log gives the same digests, however the rows came about. */
export interface RegisterDigests {
  position: number;
  registers: Record<string, string>;
}

const all = (policy: Policy): Register[] => [...registersOf(policy), findings];
const PAGE = 5_000;

/** Digests of the rows in the database. `tx` must be a repeatable-read transaction, so that all are of one moment. */
export async function digestOfRows(tx: pg.PoolClient, policy: Policy, position: number): Promise<RegisterDigests> {
  await tx.query('set local statement_timeout = 0');
  const registers: Record<string, string> = {};
  for (const register of all(policy)) {
    const digest = createHash('sha256');
    await tx.query({ text: `declare digest no scroll cursor for ${digestQuery(register)}`, values: [position] });
    for (;;) {
      const { rows } = await tx.query<Record<string, unknown>>(`fetch ${PAGE} from digest`);
      for (const row of rows) digestRow(digest, register, row);
      if (rows.length < PAGE) break;
    }
    await tx.query('close digest');
    registers[register.name] = digest.digest('hex');
  }
  registers.tally = digestOfTally(await tallyAt(tx, position));
  return { position, registers };
}

export type Entries = AsyncIterable<{ position: number; bytes: Uint8Array }>;

/** Whoever is forgotten by the end of these entries. */
export async function forgottenBy(entries: Entries): Promise<Set<string>> {
  const forgotten = new Set<string>();
  for await (const { bytes } of entries) for (const subject of forgottenIn(entryOf(bytes))) forgotten.add(subject);
  return forgotten;
}

/**
 * Digests that the registers must have, worked out from the entries alone, in order from position 0. Nothing of the database is looked at.
 * Keeps the facts that findings ask for in memory: about 200 bytes per consent, link, collection and person.
 * @param forgotten whoever the registers have forgotten by now, be it after `upto`
 * @throws Error when the entries are not contiguous
 */
export async function recountOf(entries: Entries, policy: Policy, upto: number, forgotten: ForgottenPeople): Promise<RegisterDigests> {
  const registers = registersOf(policy);
  const digests = all(policy).map((register) => ({ register, digest: createHash('sha256') }));
  const ofFindings = digests.at(-1)!.digest;
  const known = new Known(policy);
  const tally = new Tally();
  let next = 0;
  for await (const { position, bytes } of entries) {
    if (position > upto) break;
    if (position !== next++) throw new Error(`Entry ${next - 1} is missing`);
    const source = { position, bytes: Buffer.from(bytes), entry: entryOf(bytes) };
    const [sealed, left] = [factOf(source), factOf(source, forgotten)];
    for (const [i, register] of registers.entries()) {
      for (const row of inOrder(register, register.rows(left))) digestRow(digests[i]!.digest, register, row);
      known.add(register.name, () => register.rows(sealed));
    }
    tally.add(sealed);
    const candidate = candidateOf(sealed);
    if (candidate) {
      const rows = judge(candidate, known.facts.knownOf(candidate), policy).map((found) => findingRow(candidate, found));
      for (const row of inOrder(findings, rows)) digestRow(ofFindings, findings, row);
      if (candidate.kind === 'told') known.facts.dropTold(candidate);
    }
    for (const subject of forgottenIn(source.entry)) known.part(subject);
  }
  if (next !== upto + 1) throw new Error(`The entries end at position ${next - 1}, not ${upto}`);
  const found = digests.map(({ register, digest }) => [register.name, digest.digest('hex')]);
  return { position: upto, registers: { ...Object.fromEntries(found), tally: digestOfTally(tally) } };
}

const digestOfTally = (tally: Tally): string => createHash('sha256').update(canonical(tally.rows())).digest('hex');

const entryOf = (bytes: Uint8Array): Entry => JSON.parse(Buffer.from(bytes).toString()) as Entry;

/** What was sealed so far, as far as findings ask for it. */
class Known {
  readonly facts: FactIndex;
  private readonly parted = new Set<string>();
  private readonly confined: string[];

  constructor(policy: Policy) {
    this.facts = new FactIndex(policy);
    this.confined = confinedMethods(policy);
  }

  /** @param rows of the register, as they follow from the entry as it was sealed */
  add(register: string, rows: () => readonly object[]): void {
    switch (register) {
      case links.name:
        for (const row of rows() as LinkFact[]) if (!this.parted.has(row.person) && !this.parted.has(row.identity)) this.facts.addLink(row);
        break;
      case consents.name:
        for (const row of rows() as ConsentFact[]) this.facts.addConsent(row);
        break;
      case flags.name:
        for (const row of rows() as FlagFact[]) this.facts.addFlag(row);
        break;
      case amendments.name:
        for (const row of rows() as Change[]) this.facts.history.add(row);
        break;
      case SOURCES:
        for (const row of rows() as SuppliedFact[]) if (!this.parted.has(row.subject)) this.facts.addSupplied(row);
        break;
      case CONFINED:
        for (const row of rows() as ConfinedFact[]) this.facts.addConfined(row);
        break;
      case disposals.name:
        for (const row of rows() as DisposalFact[]) this.facts.addDisposal(row);
        break;
      case collections.name:
        for (const { position, subject, categories, occurredAt, method } of rows() as (CollectedFact & { method: string })[])
          this.facts.addCollected({ position, subject, categories, occurredAt }, !this.confined.includes(method));
    }
  }

  part(subject: string): void {
    this.parted.add(subject);
    this.facts.untie(subject);
    this.facts.dropSuppliedOf(subject);
  }
}

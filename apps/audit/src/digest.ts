import { createHash } from 'node:crypto';
import type { Entry } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type pg from 'pg';
import { CONFINED } from './confined-collections.projection.js';
import { consents } from './consents.projection.js';
import { links } from './links.projection.js';
import { FactIndex, candidateOf } from './fact-index.js';
import { factOf, type Fact } from './fact.js';
import { judge, type ConfinedFact, type ConsentFact, type LinkFact } from './findings.decider.js';
import { findingRow, findings } from './findings.projection.js';
import { digestQuery, digestRow, inOrder, type Register } from './register.js';
import { registersOf } from './registers.js';

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
  return { position, registers };
}

/**
 * Digests that the registers must have, worked out from the entries alone, in order from position 0. Nothing of the database is looked at.
 * Keeps the facts that findings ask for in memory: about 200 bytes per consent, link and person.
 * @throws Error when the entries are not contiguous
 */
export async function recountOf(
  entries: AsyncIterable<{ position: number; bytes: Uint8Array }>,
  policy: Policy,
  upto: number,
): Promise<RegisterDigests> {
  const registers = registersOf(policy);
  const digests = all(policy).map((register) => ({ register, digest: createHash('sha256') }));
  const ofFindings = digests.at(-1)!.digest;
  const facts = new FactIndex();
  let next = 0;
  for await (const { position, bytes } of entries) {
    if (position > upto) break;
    if (position !== next++) throw new Error(`Entry ${next - 1} is missing`);
    const fact = factOf({ position, bytes: Buffer.from(bytes), entry: JSON.parse(Buffer.from(bytes).toString()) as Entry });
    for (const [i, register] of registers.entries()) {
      const rows = register.rows(fact);
      for (const row of inOrder(register, rows)) digestRow(digests[i]!.digest, register, row);
      remember(facts, register.name, rows);
    }
    rememberOpen(facts, fact);
    const candidate = candidateOf(fact);
    if (!candidate) continue;
    const rows = judge(candidate, facts.knownOf(candidate), policy).map((found) => findingRow(candidate, found));
    for (const row of inOrder(findings, rows)) digestRow(ofFindings, findings, row);
  }
  if (next !== upto + 1) throw new Error(`The entries end at position ${next - 1}, not ${upto}`);
  return { position: upto, registers: Object.fromEntries(digests.map(({ register, digest }) => [register.name, digest.digest('hex')])) };
}

function remember(facts: FactIndex, name: string, rows: readonly object[]): void {
  for (const row of rows) {
    if (name === links.name) facts.addLink(row as LinkFact);
    if (name === consents.name) facts.addConsent(row as ConsentFact);
    if (name === CONFINED) facts.addConfined(row as ConfinedFact);
  }
}

/** Collections that confine nothing. The judge loads them for the few people who have confined ones too; here they are all at hand. */
function rememberOpen(facts: FactIndex, { name, data, entry, position }: Fact): void {
  if (name !== 'attesta.collection.recorded' || facts.lastConfined(entry.subject!.id) === position) return;
  facts.addOpen({ position, subject: entry.subject!.id, categories: data.categories as string[] });
}

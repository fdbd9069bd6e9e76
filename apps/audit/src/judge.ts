import type { ServiceLog } from '@attesta/event-log';
import type { Policy } from '@attesta/policy';
import type pg from 'pg';
import { confinedMethods, FactIndex } from './fact-index.js';
import {
  asksForConsent,
  forbiddenMethods,
  judge,
  type Candidate,
  type ConsentFact,
  type Finding,
  type LinkFact,
} from './findings.decider.js';
import { findingEvent, findingId, findingRow, findings } from './findings.projection.js';
import { insertOf } from './register.js';

const STREAM = 'findings';

type Tx = Pick<pg.PoolClient, 'query'>;

/** Judges sealed facts against the registers, in the transaction that brought them or a later one. */
export class Judge {
  private readonly confined: string[];

  constructor(
    private readonly policy: Policy,
    private readonly log: ServiceLog,
  ) {
    this.confined = confinedMethods(policy);
  }

  /**
   * Judges candidates whose predecessors are all in the registers; adds rows and, once for each finding, the event that raises it. Judging
   * the same again adds nothing.
   */
  async decide(tx: Tx, candidates: readonly Candidate[]): Promise<void> {
    if (candidates.length === 0) return;
    const facts = await this.factsFor(tx, candidates);
    const found = candidates.flatMap((candidate) =>
      judge(candidate, facts.knownOf(candidate), this.policy).map((finding): [Candidate, Finding] => [candidate, finding]),
    );
    if (found.length === 0) return;
    const fresh = await this.unknown(tx, found);
    if (fresh.length > 0) {
      const rows = fresh.map(([candidate, finding]) => findingRow(candidate, finding));
      await tx.query(insertOf(findings, rows));
    }
    const events = found.map(([candidate, finding]) => findingEvent(candidate, finding));
    const { rows } = await tx.query<{ id: string }>('select id from service_event where id = any($1::uuid[])', [
      events.map(({ id }) => id),
    ]);
    // After a rebuild the registers are new, but what was said is said.
    const said = new Set(rows.map(({ id }) => id));
    const unsaid = events.filter(({ id }) => !said.has(id));
    if (unsaid.length > 0) await this.log.append(tx as pg.PoolClient, STREAM, 'any', unsaid);
  }

  /** Keeps candidates until everything sealed before them is in the registers: partitions of a topic do not wait for one another. */
  async postpone(tx: Tx, candidates: readonly Candidate[]): Promise<void> {
    if (candidates.length === 0) return;
    await tx.query(
      `insert into to_judge (position, candidate) select (c->>'position')::int8, c from jsonb_array_elements($1::jsonb) c on conflict do nothing`,
      [JSON.stringify(candidates)],
    );
  }

  /** Decides postponed candidates up to a position. Returns how many there were, at most `limit`. */
  async decidePostponed(tx: Tx, upto: number, limit: number): Promise<number> {
    const { rows } = await tx.query<{ candidate: Candidate }>(
      `delete from to_judge where position in (select position from to_judge where position <= $1 order by position limit $2) returning candidate`,
      [upto, limit],
    );
    await this.decide(
      tx,
      rows.map(({ candidate }) => candidate).sort((a, b) => a.position - b.position),
    );
    return rows.length;
  }

  private async unknown(tx: Tx, found: [Candidate, Finding][]): Promise<[Candidate, Finding][]> {
    const { rows } = await tx.query<{ finding: string }>('select finding from finding where position = any($1::int8[])', [
      found.map(([{ position }]) => position),
    ]);
    const known = new Set(rows.map(({ finding }) => finding));
    return found.filter(([{ position }, { rule }]) => !known.has(findingId(rule, position)));
  }

  private async factsFor(tx: Tx, candidates: readonly Candidate[]): Promise<FactIndex> {
    const facts = new FactIndex();
    const named = new Set<string>();
    const consenting = new Set<string>();
    const disclosed = new Set<string>();
    for (const candidate of candidates) {
      const { subject, kind, related } = candidate;
      const asks = asksForConsent(candidate, this.policy);
      if (subject !== undefined && (asks || kind === 'collection')) named.add(subject);
      if (kind === 'collection') for (const one of related) named.add(one);
      if (asks) consenting.add(subject!);
      if (kind === 'disclosure' && subject !== undefined && forbiddenMethods(this.policy, candidate.recipient!).length > 0)
        disclosed.add(subject);
    }
    if (named.size > 0) await this.loadLinks(tx, facts, [...named]);
    if (consenting.size > 0) await this.loadConsents(tx, facts, [...facts.tiedTo(consenting), ...consenting]);
    if (disclosed.size > 0 && this.confined.length > 0) await this.loadConfined(tx, facts, [...disclosed]);
    return facts;
  }

  private async loadLinks(tx: Tx, facts: FactIndex, people: string[]): Promise<void> {
    const { rows } = await tx.query<Omit<LinkFact, 'position' | 'occurredAt'> & { position: string; occurred_at: Date }>({
      name: 'links-of',
      text: `select position, person, identity, linked, kind, occurred_at from link where person = any($1::uuid[])
             union select position, person, identity, linked, kind, occurred_at from link where identity = any($1::uuid[]) order by position`,
      values: [people],
    });
    for (const { position, occurred_at, ...link } of rows)
      facts.addLink({ ...link, position: Number(position), occurredAt: occurred_at.getTime() });
  }

  private async loadConsents(tx: Tx, facts: FactIndex, people: string[]): Promise<void> {
    const { rows } = await tx.query<
      Pick<ConsentFact, 'subject' | 'purpose' | 'status' | 'method'> & { position: string; occurred_at: Date; expires_at: Date | null }
    >({
      name: 'consents-of',
      text: 'select position, subject, purpose, status, method, occurred_at, expires_at from consent where subject = any($1::uuid[]) order by position',
      values: [people],
    });
    for (const { position, occurred_at, expires_at, ...consent } of rows) {
      facts.addConsent({
        ...consent,
        position: Number(position),
        occurredAt: occurred_at.getTime(),
        expiresAt: expires_at?.getTime() ?? null,
      });
    }
  }

  private async loadConfined(tx: Tx, facts: FactIndex, people: string[]): Promise<void> {
    const { rows } = await tx.query<{ position: string; subject: string; method: string; categories: string[] }>({
      name: 'confined-of',
      text: 'select position, subject, method, categories from confined_collection where subject = any($1::uuid[])',
      values: [people],
    });
    if (rows.length === 0) return;
    for (const row of rows) facts.addConfined({ ...row, position: Number(row.position) });
    const others = await tx.query<{ position: string; subject: string; categories: string[] }>(
      `select c.position, c.subject, c.categories from unnest($1::uuid[]) p(id)
         join timeline_subject s on s.subject = p.id join collection c on c.position = s.position and c.subject = p.id
        where c.method <> all($2::text[])`,
      [[...new Set(rows.map(({ subject }) => subject))], this.confined],
    );
    for (const row of others.rows) facts.addOpen({ ...row, position: Number(row.position) });
  }
}

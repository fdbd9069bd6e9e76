import type { ServiceLog } from '@attesta/event-log';
import type { Policy } from '@attesta/policy';
import type pg from 'pg';
import type { Candidate, CollectedFact, ConsentFact, DisposalFact, Finding, FlagFact, LinkFact } from './candidate.js';
import { isDeclared } from './declared.decider.js';
import { confinedMethods, FactIndex } from './fact-index.js';
import { asksForConsent, forbiddenMethods, judge } from './findings.decider.js';
import { findingEvent, findingId, findingRow, findings } from './findings.projection.js';
import type { Parting } from './parting.js';
import type { Change } from './policy-history.js';
import { insertOf } from './register.js';
import { loadSupplied, settleSources, watchSources } from './untold-sources.js';

const STREAM = 'findings';

/** Kinds that may go against what people asked, or against how old they are; and kinds that are for purposes. */
const FLAGGED: ReadonlySet<Candidate['kind']> = new Set(['collection', 'use', 'disclosure', 'message', 'consent']);
const PROCESSING: ReadonlySet<Candidate['kind']> = new Set(['collection', 'use', 'disclosure', 'message']);

type Tx = Pick<pg.PoolClient, 'query'>;

/** Judges sealed facts against the registers, in the transaction that brought them or a later one. */
export class Judge {
  private readonly confined: string[];

  constructor(
    private readonly policy: Policy,
    private readonly log: Pick<ServiceLog, 'append'>,
  ) {
    this.confined = confinedMethods(policy);
  }

  /**
   * Judges candidates whose predecessors are all in the registers; adds rows and, once for each finding, the event that raises it. Judging
   * the same again adds nothing. Then lets go of the ties of those who part.
   */
  async decide(tx: Tx, candidates: readonly Candidate[], partings: readonly Parting[]): Promise<void> {
    await watchSources(tx, candidates);
    const facts = candidates.length === 0 ? undefined : await this.factsFor(tx, candidates);
    // Before anything is appended: whoever waits for these rows may have the head of our own log.
    await settleSources(tx, candidates, partings);
    if (facts) await this.find(tx, candidates, facts);
    if (partings.length === 0) return;
    await tx.query('delete from link where person = any($1::uuid[]) or identity = any($1::uuid[])', [
      partings.flatMap(({ people }) => people),
    ]);
  }

  private async find(tx: Tx, candidates: readonly Candidate[], facts: FactIndex): Promise<void> {
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

  /** Keeps all this until everything sealed before it is in the registers: partitions of a topic do not wait for one another. */
  async postpone(tx: Tx, candidates: readonly (Candidate | Parting)[]): Promise<void> {
    if (candidates.length === 0) return;
    await tx.query(
      `insert into to_judge (position, candidate) select (c->>'position')::int8, c from jsonb_array_elements($1::jsonb) c on conflict do nothing`,
      [JSON.stringify(candidates)],
    );
  }

  /** Decides what was postponed, up to a position. Returns how much there was, at most `limit`. */
  async decidePostponed(tx: Tx, upto: number, limit: number): Promise<number> {
    const { rows } = await tx.query<{ candidate: Candidate | Parting }>(
      `delete from to_judge where position in (select position from to_judge where position <= $1 order by position limit $2) returning candidate`,
      [upto, limit],
    );
    const postponed = rows.map(({ candidate }) => candidate).sort((a, b) => a.position - b.position);
    await this.decide(
      tx,
      postponed.filter((one) => one.kind !== 'parting'),
      postponed.filter((one) => one.kind === 'parting'),
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
    const facts = new FactIndex(this.policy);
    const named = new Set<string>();
    const consenting = new Set<string>();
    const flagged = new Set<string>();
    const disclosed = new Set<string>();
    const worked = new Set<string>();
    for (const candidate of candidates) {
      const { subject, kind, related } = candidate;
      const asks = asksForConsent(candidate, this.policy);
      if (subject !== undefined && (asks || kind === 'collection')) named.add(subject);
      if (kind === 'collection') for (const one of related) named.add(one);
      if (asks) consenting.add(subject!);
      if (subject !== undefined && FLAGGED.has(kind)) flagged.add(subject);
      if (subject !== undefined && (kind === 'use' || kind === 'disclosure')) worked.add(subject);
      if (kind === 'disclosure' && subject !== undefined && forbiddenMethods(this.policy, candidate.recipient!).length > 0)
        disclosed.add(subject);
    }
    if (named.size > 0) await this.loadLinks(tx, facts, [...named]);
    if (consenting.size > 0) await this.loadConsents(tx, facts, [...facts.tiedTo(consenting), ...consenting]);
    if (flagged.size > 0) await this.loadFlags(tx, facts, [...flagged]);
    if (candidates.some((one) => PROCESSING.has(one.kind) && !isDeclared(one, this.policy))) await this.loadAmendments(tx, facts);
    await loadSupplied(tx, facts, candidates);
    const confined = disclosed.size > 0 && this.confined.length > 0 ? await this.loadConfined(tx, facts, [...disclosed]) : [];
    const disposed = worked.size > 0 ? await this.loadDisposals(tx, facts, [...worked]) : [];
    await this.loadCollected(tx, facts, [...new Set([...confined, ...disposed])]);
    return facts;
  }

  private async loadLinks(tx: Tx, facts: FactIndex, people: string[]): Promise<void> {
    const { rows } = await tx.query<
      Omit<LinkFact, 'position' | 'occurredAt' | 'until'> & { position: string; occurred_at: Date; until: string | null }
    >({
      name: 'links-of',
      text: `select l.position, person, identity, linked, kind, occurred_at, least(p.position, i.position) as until
               from (select * from link where person = any($1::uuid[]) union select * from link where identity = any($1::uuid[])) l
               left join forgotten p on p.subject = person left join forgotten i on i.subject = identity order by l.position`,
      values: [people],
    });
    for (const { position, occurred_at, until, ...link } of rows) {
      facts.addLink({
        ...link,
        position: Number(position),
        occurredAt: occurred_at.getTime(),
        until: until === null ? undefined : Number(until),
      });
    }
  }

  private async loadConsents(tx: Tx, facts: FactIndex, people: string[]): Promise<void> {
    const { rows } = await tx.query<
      Omit<ConsentFact, 'position' | 'occurredAt' | 'recordedAt' | 'expiresAt'> & {
        position: string;
        occurred_at: Date;
        recorded_at: Date;
        expires_at: Date | null;
      }
    >({
      name: 'consents-of',
      text: `select position, subject, purpose, status, method, channels, occurred_at, recorded_at, expires_at
               from consent where subject = any($1::uuid[]) order by position`,
      values: [people],
    });
    for (const { position, occurred_at, recorded_at, expires_at, ...consent } of rows) {
      facts.addConsent({
        ...consent,
        position: Number(position),
        occurredAt: occurred_at.getTime(),
        recordedAt: recorded_at.getTime(),
        expiresAt: expires_at?.getTime() ?? null,
      });
    }
  }

  /** Few people have any: found absent by one look each into a small index. */
  private async loadFlags(tx: Tx, facts: FactIndex, people: string[]): Promise<void> {
    const { rows } = await tx.query<
      Omit<FlagFact, 'position' | 'occurredAt' | 'recordedAt'> & { position: string; occurred_at: Date; recorded_at: Date }
    >({
      name: 'flags-of',
      text: `select position, subject, kind, holds, purposes, categories, rules, occurred_at, recorded_at
               from flag where subject = any($1::uuid[]) order by position`,
      values: [people],
    });
    for (const { position, occurred_at, recorded_at, ...flag } of rows) {
      const times = { occurredAt: occurred_at.getTime(), recordedAt: recorded_at.getTime() };
      facts.addFlag({ ...flag, ...times, position: Number(position) });
    }
  }

  private async loadAmendments(tx: Tx, facts: FactIndex): Promise<void> {
    const { rows } = await tx.query<Omit<Change, 'position' | 'occurredAt'> & { position: string; occurred_at: Date }>({
      name: 'amendments',
      text: 'select position, event, purpose, data, occurred_at from amendment order by position',
    });
    for (const { position, occurred_at, ...change } of rows)
      facts.history.add({ ...change, position: Number(position), occurredAt: occurred_at.getTime() });
  }

  /** @returns who has any */
  private async loadConfined(tx: Tx, facts: FactIndex, people: string[]): Promise<string[]> {
    const { rows } = await tx.query<{ position: string; subject: string; method: string; categories: string[] }>({
      name: 'confined-of',
      text: 'select position, subject, method, categories from confined_collection where subject = any($1::uuid[])',
      values: [people],
    });
    for (const row of rows) facts.addConfined({ ...row, position: Number(row.position) });
    return rows.map(({ subject }) => subject);
  }

  /** @returns of whom anything was disposed of */
  private async loadDisposals(tx: Tx, facts: FactIndex, people: string[]): Promise<string[]> {
    const { rows } = await tx.query<
      Pick<DisposalFact, 'subject' | 'scope' | 'categories' | 'kept'> & { position: string; collected_until: Date; occurred_at: Date }
    >({
      name: 'disposals-of',
      text: `select position, subject, scope, categories, kept, collected_until, occurred_at from disposal where subject = any($1::uuid[]) order by position`,
      values: [people],
    });
    for (const { position, collected_until, occurred_at, ...disposal } of rows) {
      facts.addDisposal({
        ...disposal,
        position: Number(position),
        collectedUntil: collected_until.getTime(),
        occurredAt: occurred_at.getTime(),
      });
    }
    return rows.map(({ subject }) => subject);
  }

  private async loadCollected(tx: Tx, facts: FactIndex, people: string[]): Promise<void> {
    if (people.length === 0) return;
    const { rows } = await tx.query<
      Pick<CollectedFact, 'subject' | 'categories'> & { position: string; occurred_at: Date; method: string }
    >(
      `select c.position, c.subject, c.categories, c.occurred_at, c.method from unnest($1::uuid[]) p(id)
         join timeline_subject s on s.subject = p.id join collection c on c.position = s.position and c.subject = p.id`,
      [people],
    );
    for (const { position, occurred_at, method, ...collected } of rows) {
      facts.addCollected({ ...collected, position: Number(position), occurredAt: occurred_at.getTime() }, !this.confined.includes(method));
    }
  }
}

import { inTime, recordOf, type Fact, type PersonRecord } from '@attesta/decisions';
import type { NewEvent, ServiceLog } from '@attesta/event-log';
import type { Policy } from '@attesta/policy';
import { forgottenAmong, Problem } from '@attesta/service-kit';
import type pg from 'pg';
import { decidedFrom, transition, type Change, type Decided, type Said } from './consent.decider.js';
import { decisionEvent } from './decision-events.js';
import type { FactStore, Stored } from './fact-store.js';
import { writeStates } from './state-store.js';

type Tx = pg.PoolClient;

export interface ToSettle {
  facts?: readonly Fact[];
  /** People to look at again without a new fact: time has passed, or a notice came. */
  again?: readonly string[];
  /** Our own events that carry the facts; appended before the decisions that follow from them. */
  events?: readonly NewEvent[];
  /** What was said of a person, in order, where the database does not know what was decided last. */
  before?: (subject: string) => readonly Said[];
  /** What else there is to say, given what changed; appended last. */
  besides?: (changes: readonly PersonChange[]) => readonly NewEvent[];
  /** The clock, in milliseconds; read once everybody concerned is locked. */
  now: () => number;
}

export interface PersonChange extends Change {
  subject: string;
}

export interface Settled {
  stored: Stored[];
  changes: PersonChange[];
  records: ReadonlyMap<string, PersonRecord>;
}

/** Brings facts into the state and says what follows, all in the caller's transaction. */
export class Settlement {
  constructor(
    private readonly facts: FactStore,
    private readonly log: ServiceLog,
  ) {}

  /** @throws Problem 404 when our own events are about somebody who is forgotten */
  async settle(tx: Tx, policy: Policy, { facts = [], again = [], events = [], before, besides, now: clock }: ToSettle): Promise<Settled> {
    const people = await this.lock(tx, [...again, ...facts.flatMap(subjectsOf)]);
    const stored = await this.facts.add(tx, facts);
    if (stored.length < facts.length) await turnAway(tx, people, events.length > 0);
    const circle = [...new Set([...people.keys(), ...(await this.facts.tied(tx, [...people.keys()]))])];
    const known = new FactsByPerson(await this.facts.load(tx, circle));
    const now = clock();
    const fresh = new Set(stored.filter((one) => one.fresh).map(nameOf));

    const records = new Map<string, PersonRecord>();
    const changes: PersonChange[] = [];
    const told: NewEvent[] = [];
    const rows: { subject: string; decided: Decided; minor: boolean; due: number | null }[] = [];
    for (const [subject, decided] of people) {
      const mine = known.about(subject);
      const moment = momentAfter(mine, now);
      const record = recordOf(subject, mine, policy, moment);
      const {
        after,
        changes: found,
        due,
      } = transition(before ? decidedFrom(before(subject), record, policy) : decided, record, policy, moment.at);
      records.set(subject, record);
      for (const change of found) {
        changes.push({ ...change, subject });
        told.push(decisionEvent(subject, change, now, fresh.has(nameOf(change.choice))));
      }
      rows.push({ subject, decided: after, minor: mayGrowUp(record, policy), due: due ?? null });
    }
    await savePeople(tx, rows);
    const changed = await writeStates(
      tx,
      [...records].map(([key, state]) => ({ key, state })),
    );
    await noteWithdrawals(
      tx,
      facts.filter((fact) => fresh.has(nameOf(fact))),
      changed,
    );
    await this.say(tx, [...events, ...told, ...(besides?.(changes) ?? [])]);
    return { stored, changes, records };
  }

  /** Last in a transaction: the log's head stays locked until its commit. What was said before is not said again. */
  async say(tx: Tx, events: readonly NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    const { rows } = await tx.query<{ id: string }>('select id from service_event where id = any($1::uuid[])', [
      events.map(({ id }) => id),
    ]);
    const said = new Set(rows.map(({ id }) => id));
    const unsaid = events.filter(({ id }) => !said.has(id));
    if (unsaid.length > 0) await this.log.append(tx, 'consent', 'any', unsaid);
  }

  /**
   * Locks everybody whose state may change: the people named and all who are tied to them. A tie that came meanwhile is found at the second look.
   * Two that lock the same people wait for one another; a ring among those found late is broken by PostgreSQL, and the caller tries again.
   */
  private async lock(tx: Tx, named: readonly string[]): Promise<Map<string, Decided>> {
    const people = new Map<string, Decided>();
    let wanted = [...new Set([...named, ...(await this.facts.tied(tx, named))])];
    while (wanted.length > 0) {
      const sorted = wanted.sort();
      await tx.query('insert into person (subject) select unnest($1::uuid[]) on conflict do nothing', [sorted]);
      const { rows } = await tx.query<{ subject: string; decided: Decided }>(
        'select subject, decided from person where subject = any($1::uuid[]) order by subject for update',
        [sorted],
      );
      for (const { subject, decided } of rows) people.set(subject, decided);
      wanted = (await this.facts.tied(tx, named)).filter((one) => !people.has(one));
    }
    return people;
  }
}

/** Nothing begins again with those who are forgotten. */
async function turnAway(tx: Tx, people: Map<string, Decided>, commanded: boolean): Promise<void> {
  if (commanded)
    throw Problem.notFound('This person is forgotten.', 'Name the person by identifier: they may have come back.', 'forgotten');
  const forgotten = [...(await forgottenAmong(tx, people.keys())).keys()];
  for (const subject of forgotten) people.delete(subject);
  await tx.query('delete from person where subject = any($1::uuid[])', [forgotten]);
}

const subjectsOf = (fact: Fact): string[] => (fact.kind === 'link' ? [fact.subject, fact.identity] : [fact.subject]);
const nameOf = ({ source, id }: { source: string; id: string }): string => `${source}\n${id}`;

/**
 * Everything that is known, also what is dated ahead of our clock: another process's clock may be, and what was decided must not be undone because ours
 * has not come to it yet. A decision over HTTP asks with its own time.
 */
const momentAfter = (facts: readonly Fact[], now: number) => ({ at: Math.max(now, ...facts.map(({ at }) => at)), known: Infinity });

/** Whether the age rule the person is under ends with a birthday. */
const mayGrowUp = ({ ages }: PersonRecord, policy: Policy): boolean =>
  policy.ages.some(({ id, below }) => below !== undefined && ages.includes(id));

/** Facts by whom they are about, so that each person is folded over few of them. */
class FactsByPerson {
  private readonly bySubject = new Map<string, Fact[]>();
  private readonly byIdentity = new Map<string, Fact[]>();

  constructor(facts: readonly Fact[]) {
    for (const fact of facts) {
      put(this.bySubject, fact.subject, fact);
      if (fact.kind === 'link') put(this.byIdentity, fact.identity, fact);
    }
  }

  /** The person's own, those of everybody tied to them, and every tie of these identities. */
  about(subject: string): Fact[] {
    const own = this.bySubject.get(subject) ?? [];
    const ties = this.byIdentity.get(subject) ?? [];
    const found = new Set([...own, ...ties]);
    const others = new Set([...own.flatMap((fact) => (fact.kind === 'link' ? fact.identity : [])), ...ties.map((fact) => fact.subject)]);
    for (const other of others) {
      for (const fact of this.bySubject.get(other) ?? []) if (fact.kind === 'choice' || fact.kind === 'link') found.add(fact);
      for (const fact of this.byIdentity.get(other) ?? []) found.add(fact);
    }
    return [...found].sort(inTime);
  }
}

function put(map: Map<string, Fact[]>, key: string, fact: Fact): void {
  const known = map.get(key);
  if (known) known.push(fact);
  else map.set(key, [fact]);
}

async function savePeople(
  tx: Tx,
  rows: readonly { subject: string; decided: Decided; minor: boolean; due: number | null }[],
): Promise<void> {
  await tx.query(
    `update person p set decided = f->'decided', minor = (f->>'minor')::bool, due = to_timestamp((f->>'due')::float8 / 1000)
       from jsonb_array_elements($1::jsonb) f where p.subject = (f->>'subject')::uuid`,
    [JSON.stringify(rows)],
  );
}

/** Withdrawals whose way to each consumer is measured (notice clause 8.1). */
async function noteWithdrawals(tx: Tx, facts: readonly Fact[], changed: ReadonlyMap<string, number>): Promise<void> {
  const rows = facts
    .filter((fact) => fact.kind === 'choice' && fact.status === 'withdrawn' && changed.has(fact.subject))
    .map(({ source, id, subject, known }) => ({ source, id, subject, known, changed: changed.get(subject) }));
  if (rows.length === 0) return;
  await tx.query(
    `insert into withdrawal (source, id, subject, taken_at, changed)
     select f->>'source', f->>'id', (f->>'subject')::uuid, to_timestamp((f->>'known')::float8 / 1000), (f->>'changed')::int8
       from jsonb_array_elements($1::jsonb) f on conflict do nothing`,
    [JSON.stringify(rows)],
  );
}

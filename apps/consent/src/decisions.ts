import {
  agesAt,
  decide,
  EMPTY_RECORD,
  inTime,
  POLICY_KEY,
  type Decision,
  type DecisionRequest,
  type PersonRecord,
} from '@attesta/decisions';
import type { Policy } from '@attesta/policy';
import { uuidOf, type NewEvent } from '@attesta/event-log';
import type { Consent } from './consent.js';

export interface Asked extends DecisionRequest {
  /** As `Directory.named` gives it. */
  subject: string;
}

/** People by what they were named by: only those who are known. */
interface Lookup {
  people: ReadonlyMap<string, { subject: string; record: PersonRecord }>;
  policy: Policy;
}

/**
 * Answers "may we?". Nothing of a person is remembered from one question to the next: each reads what is committed, so that a withdrawal taken by
 * any process of the service counts in all of them at once. Questions that come together share one read.
 */
export class Decisions {
  private waiting = new Set<string>();
  private next: Promise<Lookup> | undefined;
  private reading: Promise<unknown> = Promise.resolve();

  constructor(private readonly consent: Consent) {}

  /** @param asked each passed `decisionProblems`. @throws Problem 503 when somebody is not known here and the ledger cannot say who it is */
  async decide(asked: readonly Asked[]): Promise<Decision[]> {
    const { people, policy } = await this.withStrangers(asked.map(({ subject }) => subject));
    const now = this.consent.now().getTime();
    const growing: Promise<void>[] = [];
    const decisions: Decision[] = [];
    for (const [i, request] of asked.entries()) {
      const person = people.get(request.subject);
      if (person && isGrowing(person.record, policy)) {
        growing.push(this.ofToday(person, policy, now).then((record) => void (decisions[i] = decide(request, record, policy, now))));
      } else decisions[i] = decide(request, person?.record ?? EMPTY_RECORD, policy, now);
    }
    if (growing.length > 0) await Promise.all(growing);
    return decisions;
  }

  /** Unknown purposes are kept apart until somebody registers them (notice clause 4.11). */
  async quarantine(purposes: Iterable<string>): Promise<void> {
    for (const purpose of new Set(purposes)) {
      if (this.consent.policy.purposes.has(purpose)) continue;
      await this.consent.transact(async (tx) => {
        const now = this.consent.now();
        const { rowCount } = await tx.query('insert into quarantined_purpose (purpose, asked_at) values ($1, $2) on conflict do nothing', [
          purpose,
          now,
        ]);
        if (rowCount === 0) return;
        await this.consent.say(tx, [quarantined(purpose, now)]);
      });
    }
  }

  /** Refs that are not known here may be the ledger's: it is asked, and whoever it knows is looked up by id. */
  private async withStrangers(names: readonly string[]): Promise<Lookup> {
    const found = await this.lookUp(names);
    const strangers = names.filter((name) => name.startsWith('ref1.') && !found.people.has(name));
    if (strangers.length === 0) return found;
    const ids = await this.consent.directory.idsOf(strangers);
    if (ids.size === 0) return found;
    const { people, policy } = await this.lookUp([...ids.values()]);
    const known = [...ids].flatMap(([ref, id]) => (people.has(id) ? [[ref, people.get(id)!] as const] : []));
    return { policy, people: new Map([...found.people, ...known]) };
  }

  private lookUp(names: readonly string[]): Promise<Lookup> {
    for (const name of names) this.waiting.add(name);
    this.next ??= this.reading.then(() => {
      const all = [...this.waiting];
      this.waiting = new Set();
      this.next = undefined;
      const read = this.read(all);
      this.reading = read.catch(() => undefined);
      return read;
    });
    return this.next;
  }

  private async read(names: string[]): Promise<Lookup> {
    const { pool, policies } = this.consent;
    // Arrays and not joins, so that both tables are entered by key whatever the planner thinks of their size.
    const { rows } = await pool.query<[string, string | null, string | null, PersonRecord | null]>({
      name: 'people-of',
      text: `with named as materialized (select ref, subject::text as key from known_ref where ref = any($1::text[]))
             select ref, key, null, null from named
             union all select key, null, changed, case when key <> $2 then state end from consent_state
                        where key = any($1::text[] || array(select key from named) || $2::text)`,
      values: [names, POLICY_KEY],
      rowMode: 'array',
    });
    const subjects = new Map(names.filter((name) => !name.startsWith('ref1.')).map((name) => [name, name]));
    const records = new Map<string, PersonRecord>();
    let policyChanged = -1;
    for (const [name, subject, changed, state] of rows) {
      if (name === POLICY_KEY) policyChanged = Number(changed);
      else if (subject !== null) subjects.set(name, subject);
      else if (state !== null) records.set(name, state);
    }
    const people = new Map([...subjects].map(([name, subject]) => [name, { subject, record: records.get(subject) ?? EMPTY_RECORD }]));
    return { people, policy: await policies.at(pool, policyChanged) };
  }

  /** A person who is still growing up may have had a birthday since the record was made: it counts from its first moment. */
  private async ofToday(
    { subject, record }: { subject: string; record: PersonRecord },
    policy: Policy,
    now: number,
  ): Promise<PersonRecord> {
    const facts = (await this.consent.facts.load(this.consent.pool, [subject])).filter((fact) => fact.kind === 'age' && fact.at <= now);
    const age = facts.toSorted(inTime).at(-1);
    return age?.kind === 'age' ? { ...record, ages: agesAt(age, now, policy) } : record;
  }
}

const isGrowing = ({ ages }: PersonRecord, policy: Policy): boolean =>
  ages.length > 0 && policy.ages.some(({ id, below }) => below !== undefined && ages.includes(id));

const quarantined = (purpose: string, now: Date): NewEvent => ({
  id: uuidOf(`quarantined\n${purpose}`),
  type: 'attesta.purpose.quarantined.v1',
  time: now.toISOString(),
  data: { purpose },
});

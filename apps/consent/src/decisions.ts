import { agesAt, decide, EMPTY_RECORD, POLICY_KEY, type Decision, type DecisionRequest, type PersonRecord } from '@attesta/decisions';
import type { Policy } from '@attesta/policy';
import type { NewEvent } from '@attesta/event-log';
import type { Consent } from './consent.js';
import { uuidOf } from './decision-events.js';

export interface Asked extends DecisionRequest {
  /** As `Directory.named` gives it. */
  subject: string;
}

interface Lookup {
  records: ReadonlyMap<string, PersonRecord>;
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
    const ids = await this.consent.directory.idsOf(asked.map(({ subject }) => subject));
    const subjects = asked.map(({ subject }) => ids.get(subject));
    const { records, policy } = await this.lookUp(subjects.filter((id) => id !== undefined));
    const now = this.consent.now().getTime();
    return Promise.all(
      asked.map(async (request, i) => {
        const record = records.get(subjects[i] ?? '') ?? EMPTY_RECORD;
        return decide(request, await this.ofToday(subjects[i], record, policy, now), policy, now);
      }),
    );
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

  private lookUp(subjects: readonly string[]): Promise<Lookup> {
    for (const subject of subjects) this.waiting.add(subject);
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

  private async read(subjects: string[]): Promise<Lookup> {
    const { pool, policies } = this.consent;
    const { rows } = await pool.query<{ key: string; changed: string; state: PersonRecord | null }>({
      name: 'states-of',
      text: 'select key, changed, case when key <> $2 then state end as state from consent_state where key = any($1::text[]) or key = $2',
      values: [subjects, POLICY_KEY],
    });
    const policy = await policies.at(pool, Number(rows.find(({ key }) => key === POLICY_KEY)?.changed ?? -1));
    return { policy, records: new Map(rows.flatMap(({ key, state }) => (state === null ? [] : [[key, state]]))) };
  }

  /** A person who is still growing up may have had a birthday since the record was made: it counts from its first moment. */
  private async ofToday(subject: string | undefined, record: PersonRecord, policy: Policy, now: number): Promise<PersonRecord> {
    const growing = policy.ages.some(({ id, below }) => below !== undefined && record.ages.includes(id));
    if (subject === undefined || !growing) return record;
    const facts = (await this.consent.facts.load(this.consent.pool, [subject])).filter((fact) => fact.kind === 'age' && fact.at <= now);
    const age = facts.toSorted((a, b) => a.at - b.at).at(-1);
    return age?.kind === 'age' ? { ...record, ages: agesAt(age, now, policy) } : record;
  }
}

const quarantined = (purpose: string, now: Date): NewEvent => ({
  id: uuidOf(`quarantined\n${purpose}`),
  type: 'attesta.purpose.quarantined.v1',
  time: now.toISOString(),
  data: { purpose },
});

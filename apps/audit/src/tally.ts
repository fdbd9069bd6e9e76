import type { CollectionRecorded, ConsentCaptured, DisclosureRecorded, Entry, FindingRaised } from '@attesta/events';
import type pg from 'pg';
import { factOf, type Fact } from './fact.js';
import { periodOf, type PeriodKind } from './periods.js';

export type TallyKind =
  /** Key: type of the event without its version. */
  | 'event'
  /** `<purpose> <status>` of choices about consent. */
  | 'choice'
  /** `<purpose> <operation>` of processing: collected, used or disclosed. */
  | 'processing'
  /** `<purpose> <category>` of processing. */
  | 'category'
  /** `<purpose> <recipient>` of disclosures. */
  | 'recipient'
  /** `<rule> <severity>` of findings raised. */
  | 'finding';

/** How often something happened on a day, or in a period. */
export interface Count {
  kind: TallyKind;
  /** YYYY-MM-DD in UTC; of a period its first. */
  day: string;
  key: string;
  n: number;
  /** Position of the first entry counted. */
  first: number;
}

const OPERATIONS: Readonly<Record<string, string>> = {
  'attesta.collection.recorded': 'collected',
  'attesta.use.recorded': 'used',
  'attesta.disclosure.recorded': 'disclosed',
};

/**
 * What an entry adds to the tally. It follows from what stays of an entry when people in it are forgotten: forgetting changes no count, and an
 * entry can be taken out of the counts again.
 */
export function countedIn({ name, data }: Pick<Fact, 'name' | 'data'>): [TallyKind, string][] {
  const counted: [TallyKind, string][] = [['event', name]];
  const operation = OPERATIONS[name];
  if (operation !== undefined) {
    const { purposes, categories } = data as CollectionRecorded;
    for (const purpose of purposes) {
      counted.push(['processing', `${purpose} ${operation}`]);
      for (const category of categories) counted.push(['category', `${purpose} ${category}`]);
      if (operation === 'disclosed') counted.push(['recipient', `${purpose} ${(data as DisclosureRecorded).recipient}`]);
    }
  } else if (name === 'attesta.consent.captured') {
    const { purposes, status } = data as ConsentCaptured;
    for (const purpose of purposes) counted.push(['choice', `${purpose} ${status}`]);
  } else if (name === 'attesta.finding.raised') {
    const { rule, severity } = data as FindingRaised;
    counted.push(['finding', `${rule} ${severity}`]);
  }
  return counted;
}

const DAY_MS = 86_400_000;
/** YYYY-MM-DD in UTC. */
export const dayOf = (at: number): string => new Date(Math.floor(at / DAY_MS) * DAY_MS).toISOString().slice(0, 10);

/** Counts as they are added up, in whatever order entries come. */
export class Tally {
  private readonly counts = new Map<string, Count>();

  constructor(private readonly by: PeriodKind = 'day') {}

  add(fact: Fact): void {
    const day = this.dayOf(fact);
    for (const [kind, key] of countedIn(fact)) this.put({ kind, day, key, n: 1, first: fact.position });
  }

  put(count: Count): void {
    const name = `${count.kind} ${count.day} ${count.key}`;
    const known = this.counts.get(name);
    if (!known) this.counts.set(name, { ...count });
    else {
      known.n += count.n;
      known.first = Math.min(known.first, count.first);
    }
  }

  /** Takes an entry out again. Of what is left, `first` stays true only where the entry was not the first. */
  remove(fact: Fact): void {
    const day = this.dayOf(fact);
    for (const [kind, key] of countedIn(fact)) {
      const known = this.counts.get(`${kind} ${day} ${key}`);
      if (known) known.n--;
    }
  }

  private dayOf({ occurredAt }: Fact): string {
    return periodOf(dayOf(occurredAt), this.by);
  }

  /** In one order, by bytes. */
  rows(): Count[] {
    return [...this.counts]
      .filter(([, { n }]) => n > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, count]) => count);
  }
}

/** Adds entries to the tally in the database. The last step of a transaction: whoever adds to the same counts waits from here to its end. */
export async function addToTally(tx: Pick<pg.PoolClient, 'query'>, facts: readonly Fact[]): Promise<void> {
  const tally = new Tally();
  for (const fact of facts) tally.add(fact);
  // In order, so that two who add wait for each other and not in a circle.
  const rows = tally.rows();
  if (rows.length === 0) return;
  await tx.query({
    name: 'add to tally',
    text: `insert into tally (kind, day, key, n, first) select * from unnest($1::text[], $2::date[], $3::text[], $4::int8[], $5::int8[])
           on conflict (kind, day, key) do update set n = tally.n + excluded.n, first = least(tally.first, excluded.first)`,
    values: [
      rows.map(({ kind }) => kind),
      rows.map(({ day }) => day),
      rows.map(({ key }) => key),
      rows.map(({ n }) => n),
      rows.map(({ first }) => first),
    ],
  });
}

export interface TallyFilter {
  kinds?: readonly TallyKind[];
  /** Days, the first and the last, YYYY-MM-DD. */
  from?: string | undefined;
  until?: string | undefined;
  /** Counts of the days of a period are added up. */
  by?: PeriodKind;
}

const PAGE = 5_000;

/**
 * The tally as of a position: what was counted, without the entries sealed later, of which there are few when the position is the newest.
 * @param tx a repeatable-read transaction: tally and entries have to be of one moment
 */
export async function tallyAt(tx: pg.PoolClient, position: number, { kinds, from, until, by = 'day' }: TallyFilter = {}): Promise<Tally> {
  const { rows } = await tx.query<Omit<Count, 'n' | 'first'> & { n: string; first: string }>(
    `select kind, date_trunc($4, day::timestamp)::date::text as day, key, sum(n) as n, min(first) as first from tally
      where ($1::text[] is null or kind = any($1)) and ($2::date is null or day >= $2) and ($3::date is null or day <= $3) group by 1, 2, 3`,
    [kinds ?? null, from ?? null, until ?? null, by],
  );
  const tally = new Tally(by);
  for (const { n, first, ...count } of rows) tally.put({ ...count, n: Number(n), first: Number(first) });
  for await (const fact of factsAfter(tx, position)) {
    const day = dayOf(fact.occurredAt);
    if ((from === undefined || day >= from) && (until === undefined || day <= until)) tally.remove(fact);
  }
  return tally;
}

async function* factsAfter(tx: pg.PoolClient, position: number): AsyncGenerator<Fact> {
  for (let after = position; ;) {
    const { rows } = await tx.query<{ position: string; bytes: Buffer }>(
      'select position, bytes from timeline where position > $1 order by position limit $2',
      [after, PAGE],
    );
    for (const row of rows) {
      yield factOf({ position: Number(row.position), bytes: row.bytes, entry: JSON.parse(row.bytes.toString()) as Entry });
    }
    if (rows.length < PAGE) return;
    after = Number(rows.at(-1)!.position);
  }
}

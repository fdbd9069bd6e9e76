import { randomUUID } from 'node:crypto';
import { Pace } from '@attesta/service-kit';
import type { FeedSubscription } from '@attesta/transport';
import type pg from 'pg';
import { areKeysDone, complete, instruct, isReady, start } from './disposal.decider.js';
import { peopleOf, type People } from './disposal-people.js';
import { lockDisposals, OpenDisposal, saveDisposals } from './disposal-store.js';
import { beginErasure, IS_BEHIND, WAITING, waitingErasure, type Begun } from './erasures.js';
import { leaveNothing } from './forgetting.js';
import { distinct, grouped, groupsOf, type Group } from './grouping.js';
import { partsOfPeople, plan, writePlans, type Planned } from './planner.js';
import type { Retention } from './retention.js';
import { whatGoes, whatWent } from './what-goes.js';

/** Most people, or disposals, in one transaction. */
const MOST = 200;
/** Disposals under way beyond which no more are started: what the ledger and the systems have not answered waits in the inventory. */
const MOST_OPEN = 5_000;
/** One process at a time takes the steps; the others find nothing to do. */
const TURN = "select pg_try_advisory_xact_lock(hashtextextended('attesta retention', 0)) as mine";

/** Carries disposals from what is due to the last word. Every step is one transaction, and is found again after a crash by what it left. */
export class Disposals {
  private readonly pace: Pace | undefined;

  constructor(
    private readonly retention: Retention,
    perSecond: number | undefined,
  ) {
    this.pace = perSecond === undefined ? undefined : new Pace(perSecond, () => performance.now());
  }

  /** Takes every step that can be taken now. */
  async tick(feed: FeedSubscription): Promise<void> {
    for (const step of [() => this.completeSome(), () => this.instructSome(feed), () => this.startAsked(), () => this.startSome()]) {
      while ((await step()) > 0) continue;
    }
  }

  /** Starts disposals of what is due. @returns how many people were looked at */
  private startSome(): Promise<number> {
    return this.inTurn(async (tx) => {
      const now = this.retention.now();
      const { rows: open } = await tx.query<{ n: number }>(
        `select count(*)::int as n from (select 1 from disposal where status in ('started', 'instructed') limit $1) o`,
        [MOST_OPEN],
      );
      const most = open[0]!.n >= MOST_OPEN ? 0 : (this.pace?.take(MOST) ?? MOST);
      if (most === 0) return 0;
      const { rows } = await tx.query<{ subject: string }>(
        `select distinct subject from (
           select subject from part where disposal is null and not held and (action <> 'review' or approved) and due_at <= $1
              and not exists ${WAITING}
            order by due_at, subject limit 2000) d limit $2`,
        [now, most],
      );
      const subjects = rows.map(({ subject }) => subject);
      const planned = await plan(tx, this.retention.policy, await partsOfPeople(tx, subjects, true), now.getTime());
      await writePlans(tx, planned);
      const begun = [...grouped(planned, ({ part }) => part.subject)].flatMap(([subject, theirs]) =>
        groupsOf(theirs, now.getTime()).map((group) => this.begin(subject, group, now)),
      );
      await this.saveBegun(tx, begun);
      return rows.length;
    });
  }

  private begin(subject: string, { cause, due, collectedUntil, ...data }: Group, now: Date): Begun {
    const disposal = new OpenDisposal(randomUUID(), subject, undefined, 0, now);
    disposal.say(this.retention, start(cause, { ...data, collectedUntil: new Date(collectedUntil).toISOString() }), now);
    return { disposal, parts: due };
  }

  /** Starts the disposals that one request for erasure asks for. @returns how many requests there were */
  private startAsked(): Promise<number> {
    return this.inTurn(async (tx) => {
      const erasure = await waitingErasure(tx);
      if (!erasure) return 0;
      const begun = await beginErasure(tx, this.retention, erasure, this.retention.now());
      await tx.query('update erasure set started = true where request = $1', [erasure.request]);
      await this.saveBegun(tx, begun);
      return 1;
    });
  }

  private async saveBegun(tx: pg.PoolClient, begun: readonly Begun[]): Promise<void> {
    await mark(tx, begun);
    await saveDisposals(
      tx,
      this.retention,
      begun.map(({ disposal }) => disposal),
    );
  }

  /** Tells the ledger what to destroy, where keys are closed, systems have answered, and everything sealed before the fence has come. */
  private async instructSome(feed: FeedSubscription): Promise<number> {
    const reached = await reachedBy(feed);
    const unknown = await parkedPeople(feed);
    return this.inTurn(async (tx) => {
      const { rows } = await tx.query<{ id: string }>(
        `select id from disposal where status = 'started' and ready and coalesce((state->'closed'->>'fence')::bigint, 0) <= $1
            and subject <> all($3::uuid[]) and not ${IS_BEHIND}
            and (request is null or not exists (
              select 1 from part p join disposal o on o.id = p.disposal
               where p.subject = disposal.subject and o.id <> disposal.id and o.started_at <= disposal.started_at and o.status in ('started', 'instructed')))
          order by started_at limit $2`,
        [reached + 1, MOST, unknown],
      );
      const ids = rows.map(({ id }) => id);
      const disposals = await lockDisposals(tx, ids);
      const people = await peopleOf(tx, this.retention, [...disposals.values()]);
      const told = [...disposals.values()].filter(({ state }) => isReady(state)).map((disposal) => this.instruct(disposal, people));
      await tx.query('update part set disposal = null where disposal = any($1::uuid[])', [ids]);
      await mark(tx, told);
      await saveDisposals(tx, this.retention, disposals.values());
      return told.length;
    });
  }

  private instruct(disposal: OpenDisposal, people: People): Begun {
    const now = this.retention.now();
    const { going, ...found } = whatGoes(disposal, people, now.getTime());
    disposal.say(this.retention, instruct(disposal.state, found), now);
    if (disposal.state.status === 'started') this.complete(disposal, people, []);
    // Another disposal of the same person, in this transaction, goes by what this one has.
    const { planned, instructed, forgotten } = people;
    const has = new Set(going);
    const after = (planned.get(disposal.subject) ?? []).map((one) => {
      if (has.has(one)) return { ...one, part: { ...one.part, disposal: disposal.id } };
      return one.part.disposal === disposal.id ? { ...one, part: { ...one.part, disposal: null } } : one;
    });
    planned.set(disposal.subject, after);
    if (disposal.state.status === 'instructed') instructed.add(disposal.id);
    if (disposal.state.scope === 'subject') forgotten.add(disposal.subject);
    return { disposal, parts: going };
  }

  /** Says the last word of disposals that the ledger has carried out. */
  private completeSome(): Promise<number> {
    return this.inTurn(async (tx) => {
      const { rows } = await tx.query<{ id: string }>(
        `select id from disposal d where status = 'instructed' and ready
            and not exists (select 1 from part p where p.disposal = d.id and p.part >= 0 and not p.removed and not d.state->'keys' ? p.key)
          order by started_at limit $1`,
        [MOST],
      );
      const disposals = await lockDisposals(
        tx,
        rows.map(({ id }) => id),
      );
      const done = [...disposals.values()].filter(({ state }) => areKeysDone(state));
      const people = await peopleOf(tx, this.retention, done);
      for (const disposal of done) {
        const all = people.planned.get(disposal.subject) ?? [];
        const stays = ({ part }: Planned) => part.disposal !== disposal.id;
        this.complete(
          disposal,
          people,
          all.filter((one) => !stays(one)),
        );
        // Others that end in this transaction go by what this one left.
        people.planned.set(disposal.subject, all.filter(stays));
        for (const [person, tied] of people.tied) people.tied.set(person, tied.filter(stays));
      }
      await tx.query('delete from part where disposal = any($1::uuid[])', [done.map(({ id }) => id)]);
      await leaveNothing(tx, distinct(done.map(({ subject }) => subject)));
      await saveDisposals(tx, this.retention, done);
      return done.length;
    });
  }

  private complete(disposal: OpenDisposal, people: People, gone: readonly Planned[]): void {
    const now = this.retention.now();
    disposal.say(this.retention, complete(disposal.state, whatWent(disposal, people, gone, now.getTime())), now);
  }

  private inTurn(work: (tx: pg.PoolClient) => Promise<number>): Promise<number> {
    return this.retention.transact(async (tx) => {
      const { rows } = await tx.query<{ mine: boolean }>(TURN);
      return rows[0]!.mine ? work(tx) : 0;
    });
  }
}

/** Position up to which everything sealed has come. */
async function reachedBy(feed: FeedSubscription): Promise<number> {
  const progress = await feed.progress();
  return Math.min(...progress.map(({ position }) => position));
}

/** People of whom something sealed could not be taken in, so that nobody knows what of them stays. */
async function parkedPeople(feed: FeedSubscription): Promise<string[]> {
  const parked = await feed.parked.list({ state: 'parked', limit: 10_000 });
  return distinct(
    parked.flatMap(({ event: { entry } }) => [
      ...(entry.subject ? [entry.subject.id] : []),
      ...(entry.sealed ?? []).map(({ subject }) => subject),
    ]),
  );
}

async function mark(tx: pg.PoolClient, begun: readonly Begun[]): Promise<void> {
  const rows = begun.flatMap(({ disposal: { id }, parts }) => parts.map(({ part: { position, part } }) => ({ id, position, part })));
  if (rows.length === 0) return;
  await tx.query(
    `update part set disposal = m.disposal from unnest($1::uuid[], $2::bigint[], $3::int[]) m (disposal, position, part)
      where part.position = m.position and part.part = m.part`,
    [rows.map(({ id }) => id), rows.map(({ position }) => position), rows.map(({ part }) => part)],
  );
}

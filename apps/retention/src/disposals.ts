import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import {
  areKeysDone,
  complete,
  instruct,
  isReady,
  start,
  type Found,
  type Outcome,
  type PartName,
  type Survivor,
} from './disposal.decider.js';
import { lockDisposals, OpenDisposal, saveDisposals } from './disposal-store.js';
import { distinct, groupsOf, mayGo, type Group } from './grouping.js';
import { partsOfPeople, plan, writePlans, type Planned } from './planner.js';
import type { Retention } from './retention.js';
import { covers, survivorsOf, type ActiveHold } from './survivors.js';

/** Most people, or disposals, in one transaction. */
const MOST = 200;
/** Disposals under way beyond which no more are started: what the ledger and the systems have not answered waits in the inventory. */
const MOST_OPEN = 5_000;
/** One process at a time takes the steps; the others find nothing to do. */
const TURN = "select pg_try_advisory_xact_lock(hashtextextended('attesta retention', 0)) as mine";

/** Carries disposals from what is due to the last word. Every step is one transaction, and is found again after a crash by what it left. */
export class Disposals {
  constructor(private readonly retention: Retention) {}

  /** Takes every step that can be taken now. @returns how many disposals moved */
  async tick(): Promise<number> {
    let moved = 0;
    for (const step of [() => this.completeSome(), () => this.instructSome(), () => this.startSome()]) {
      for (let n = MOST; n === MOST; moved += n) n = await step();
    }
    return moved;
  }

  /** Starts disposals of what is due. @returns how many people were looked at */
  private startSome(): Promise<number> {
    return this.inTurn(async (tx) => {
      const now = this.retention.now();
      const { rows: open } = await tx.query<{ n: number }>(
        `select count(*)::int as n from (select 1 from disposal where status in ('started', 'instructed') limit $1) o`,
        [MOST_OPEN],
      );
      if (open[0]!.n >= MOST_OPEN) return 0;
      const { rows } = await tx.query<{ subject: string }>(
        `select distinct subject from (
           select subject from part where disposal is null and not held and (action <> 'review' or approved) and due_at <= $1
            order by due_at, subject limit 2000) d limit $2`,
        [now, MOST],
      );
      const parts = await partsOfPeople(
        tx,
        rows.map(({ subject }) => subject),
        true,
      );
      const planned = await plan(tx, this.retention.policy, parts, now.getTime());
      await writePlans(tx, planned);
      const started = [...byPerson(planned)].flatMap(([subject, theirs]) =>
        groupsOf(theirs, now.getTime()).map((group) => this.start(subject, group, now)),
      );
      await mark(tx, started);
      await saveDisposals(
        tx,
        this.retention,
        started.map(({ disposal }) => disposal),
      );
      return rows.length;
    });
  }

  /**
   * Starts what an erasure request asks for (notice clause 7.7): for the person, and for identities of theirs, whose disposals end first.
   * @param tx the feed's transaction; what else is due of the person is left to the schedule
   */
  async startFor(
    tx: pg.PoolClient,
    { request, subject, categories, at, spared }: { request: string; subject: string; categories: string[]; at: Date; spared: Survivor[] },
  ): Promise<void> {
    const { policy } = this.retention;
    const { rowCount } = await tx.query('select 1 from disposal where request = $1', [request]);
    if (rowCount) return;
    const asked = categories.length > 0 ? categories : [...policy.categories.keys()];
    const { rows } = await tx.query<{ identity: string }>('select distinct identity from tie where person = $1', [subject]);
    const planned = await plan(
      tx,
      policy,
      await partsOfPeople(
        tx,
        rows.map(({ identity }) => identity),
        true,
      ),
      at.getTime(),
    );
    const tied = [...byPerson(planned)].flatMap(([identity, theirs]) =>
      groupsOf(
        theirs.filter(({ part }) => part.categories.some((category) => asked.includes(category))),
        at.getTime(),
      ).map((group) => ({ identity, group })),
    );
    const started = tied.map(({ identity, group }) => this.start(identity, group, at, request));
    await mark(tx, started);
    const own = new OpenDisposal(randomUUID(), subject, undefined, 0, at, [], {
      waits: started.map(({ disposal }) => disposal.id),
      spared,
    });
    const classes = distinct(asked.map((category) => policy.categories.get(category)?.retentionClass ?? category)).slice(0, 64);
    const data = {
      request,
      action: 'destroy' as const,
      rules: [],
      categories: asked.slice(0, 64),
      classes,
      collectedUntil: at.toISOString(),
    };
    own.say(this.retention, start('erasure-request', data), at);
    await tx.query(
      `update part set disposal = $1 where subject = $2 and disposal is null and not held and class = any($3) and due_at <= $4 and collected_at <= $4
          and (action <> 'review' or approved)`,
      [own.id, subject, classes, at],
    );
    await saveDisposals(tx, this.retention, [...started.map(({ disposal }) => disposal), own]);
  }

  private start(subject: string, group: Group, at: Date, request?: string): Marked {
    const { cause, due, collectedUntil, ...data } = group;
    const disposal = new OpenDisposal(randomUUID(), subject, undefined, 0, at, []);
    const until = new Date(collectedUntil).toISOString();
    disposal.say(this.retention, start(cause, { ...data, ...(request !== undefined && { request }), collectedUntil: until }), at);
    return { disposal, parts: due.map(({ part }) => part) };
  }

  /** Tells the ledger what to destroy, where keys are closed, systems have answered, and everything sealed before the fence has come. */
  private async instructSome(): Promise<number> {
    const progress = await this.retention.feed.progress();
    const reached = Math.min(...progress.map(({ position }) => position));
    const waiting = new Set((await this.retention.feed.parked.list({ state: 'parked', limit: 10_000 })).map(({ key }) => key));
    return this.inTurn(async (tx) => {
      const { rows } = await tx.query<{ id: string }>(
        `select id from disposal d where status = 'started' and ready and coalesce((state->'closed'->>'fence')::bigint, 0) <= $1
            and subject::text <> all($3)
            and not exists (select 1 from disposal w where w.id = any(d.waits) and w.status in ('started', 'instructed'))
            and (request is null or not exists (
              select 1 from part p join disposal o on o.id = p.disposal
               where p.subject = d.subject and o.id <> d.id and o.started_at <= d.started_at and o.status in ('started', 'instructed')))
          order by started_at limit $2`,
        [reached + 1, MOST, [...waiting]],
      );
      const disposals = await lockDisposals(
        tx,
        rows.map(({ id }) => id),
      );
      const people = await this.people(tx, [...disposals.values()], true);
      const told: Marked[] = [];
      for (const disposal of disposals.values()) {
        if (!isReady(disposal.state)) continue;
        const found = this.found(disposal, people);
        disposal.say(this.retention, instruct(disposal.state, found), this.retention.now());
        if (disposal.state.status === 'started') this.complete(disposal, people, found.parts);
        told.push({ disposal, parts: found.parts });
      }
      await tx.query('update part set disposal = null where disposal = any($1::uuid[])', [told.map(({ disposal }) => disposal.id)]);
      await mark(tx, told);
      await saveDisposals(tx, this.retention, disposals.values());
      return rows.length;
    });
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
      const people = await this.people(tx, [...disposals.values()], true);
      for (const disposal of disposals.values()) {
        if (!areKeysDone(disposal.state)) continue;
        const gone = (people.planned.get(disposal.subject) ?? []).filter(({ part }) => part.disposal === disposal.id);
        this.complete(
          disposal,
          people,
          gone.map(({ part }) => part),
        );
      }
      await saveDisposals(tx, this.retention, disposals.values());
      await tx.query('delete from part where disposal = any($1::uuid[])', [[...disposals.keys()]]);
      return rows.length;
    });
  }

  /** What is to be destroyed of a person now: looked at anew, for a hold may have come, or a trigger been taken back. */
  private found({ id, subject, state }: OpenDisposal, people: People): Found {
    const all = people.planned.get(subject) ?? [];
    const { fence, keys } = state.closed!;
    const until = Date.parse(state.collectedUntil);
    const now = this.retention.now().getTime();
    const mine = (one: Planned) =>
      mayGo({ ...one, part: { ...one.part, disposal: one.part.disposal === id ? null : one.part.disposal } }, now);
    const inScope = all.filter(({ part }) => state.classes.includes(part.class) && part.collectedAt <= until && part.position < fence);
    const going = inScope.filter(mine);
    const staying = all.filter((one) => !going.includes(one));
    const dead = keys.filter((key) => !staying.some(({ part }) => part.key === key));
    const holds = people.holdsOn(subject);
    const isWhole = staying.length === 0 && holds.length === 0 && this.meansThePerson(state, subject, people);
    const rules = distinct(going.flatMap(({ schedule }) => schedule.rules)).map(({ citation }) => citation);
    const basis = distinct(rules).join('; ').slice(0, 500);
    return {
      scope: isWhole ? 'subject' : 'class',
      keys: dead,
      parts: going.map(({ part: { position, part } }) => ({ position, part })),
      ...(basis !== '' && { basis }),
      holds: distinct(inScope.flatMap((one) => holds.filter((hold) => covers(hold, one)).map((hold) => hold.id))),
    };
  }

  /** Whether nothing is left to know the person for: a child's, a closed account, or an erasure request that names no categories. */
  private meansThePerson({ cause, request }: OpenDisposal['state'], subject: string, { closed, asked }: People): boolean {
    return cause === 'minor' || closed.has(subject) || (request !== undefined && asked.has(request));
  }

  private complete(disposal: OpenDisposal, people: People, gone: readonly PartName[]): void {
    const { state, subject } = disposal;
    const all = people.planned.get(subject) ?? [];
    const names = new Set(gone.map(({ position, part }) => `${position} ${part}`));
    const destroyed = all.filter(({ part }) => names.has(`${part.position} ${part.part}`));
    const until = Date.parse(state.collectedUntil);
    const categories = distinct(destroyed.flatMap(({ part }) => part.categories));
    const scope = new Set(state.request === undefined ? categories : [...state.categories, ...categories]);
    const staying = all.filter((one) => !destroyed.includes(one) && one.part.collectedAt <= until);
    const spared = disposal.waiting.spared.filter(({ category }) => state.request !== undefined || scope.has(category));
    const times = destroyed.map(({ part }) => part.collectedAt);
    const rules = [...new Map(destroyed.flatMap(({ schedule }) => schedule.rules).map((rule) => [rule.id, rule])).values()];
    const last = disposal.destroyed.at(-1);
    const outcome: Outcome = {
      rules: rules.slice(0, 64).map(({ id, citation }) => ({ rule: id, law: citation })),
      categories: categories.slice(0, 64),
      parts: destroyed.length,
      ...(times.length > 0 && { collected: { from: iso(Math.min(...times)), until: iso(Math.max(...times)) } }),
      survivors: [...survivorsOf(staying, scope, people.holdsOn(subject)), ...spared],
      ...(last !== undefined && { destroyed: last }),
    };
    disposal.say(this.retention, complete(state, outcome), this.retention.now());
  }

  private async people(tx: pg.PoolClient, disposals: readonly OpenDisposal[], lock: boolean): Promise<People> {
    const subjects = distinct(disposals.map(({ subject }) => subject));
    const planned = await plan(tx, this.retention.policy, await partsOfPeople(tx, subjects, lock), this.retention.now().getTime());
    const { rows: holds } = await tx.query<ActiveHold>(
      `select id, subject, matter, reason, law, categories, purposes from hold
        where released_at is null and (subject is null or subject = any($1::uuid[])) order by placed_at`,
      [subjects],
    );
    const closing = [...this.retention.policy.triggers.values()].filter(({ closesAccount }) => closesAccount).map(({ id }) => id);
    const { rows: latest } = await tx.query<{ subject: string; state: string }>(
      `select distinct on (subject) subject, state from occurrence
        where subject = any($1::uuid[]) and trigger_id = any($2) and categories is null order by subject, at desc, position desc`,
      [subjects, closing],
    );
    const { rows: asked } = await tx.query<{ request: string }>('select request from asked where subject = any($1::uuid[])', [subjects]);
    return {
      planned: byPerson(planned),
      closed: new Set(latest.filter(({ state }) => state === 'occurred').map(({ subject }) => subject)),
      asked: new Set(asked.map(({ request }) => request)),
      holdsOn: (subject) => holds.filter((hold) => hold.subject === null || hold.subject === subject),
    };
  }

  private inTurn(work: (tx: pg.PoolClient) => Promise<number>): Promise<number> {
    return this.retention.transact(async (tx) => {
      const { rows } = await tx.query<{ mine: boolean }>(TURN);
      return rows[0]!.mine ? work(tx) : 0;
    });
  }
}

/** What is known of the people of some disposals. */
interface People {
  planned: ReadonlyMap<string, Planned[]>;
  /** Whose account is closed. */
  closed: ReadonlySet<string>;
  /** Erasure requests that mean the whole person. */
  asked: ReadonlySet<string>;
  holdsOn(subject: string): ActiveHold[];
}

/** A disposal and the parts it has. */
interface Marked {
  disposal: OpenDisposal;
  parts: readonly PartName[];
}

async function mark(tx: pg.PoolClient, marked: readonly Marked[]): Promise<void> {
  const rows = marked.flatMap(({ disposal: { id }, parts }) => parts.map(({ position, part }) => ({ id, position, part })));
  if (rows.length === 0) return;
  await tx.query(
    `update part set disposal = m.disposal from unnest($1::uuid[], $2::bigint[], $3::int[]) m (disposal, position, part)
      where part.position = m.position and part.part = m.part`,
    [rows.map(({ id }) => id), rows.map(({ position }) => position), rows.map(({ part }) => part)],
  );
}

function byPerson(planned: readonly Planned[]): Map<string, Planned[]> {
  const people = new Map<string, Planned[]>();
  for (const one of planned) {
    const theirs = people.get(one.part.subject);
    if (theirs) theirs.push(one);
    else people.set(one.part.subject, [one]);
  }
  return people;
}

const iso = (at: number): string => new Date(at).toISOString();

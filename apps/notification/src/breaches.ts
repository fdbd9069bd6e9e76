import { randomUUID } from 'node:crypto';
import type { ServiceLog } from '@attesta/event-log';
import type { Policy } from '@attesta/policy';
import { Problem, type Directory } from '@attesta/service-kit';
import type { SealedEvent } from '@attesta/transport';
import type pg from 'pg';
import { BreachPeople } from './breach-people.js';
import { lockBreaches, OpenBreach, type StoredBreach } from './breach-store.js';
import { viewOf, type BreachView } from './breach-views.js';
import { isRecordOf, type Command } from './breach.decider.js';
import type { BreachEvent, Closing, PeopleTold, Recorded, Words } from './breach.state.js';

/** What the register stands on: the notification service. */
export interface BreachHost {
  readonly pool: pg.Pool;
  /** What the service said. Appending is the outbox. */
  readonly log: ServiceLog;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'named' | 'idsOf'>;
  now(): Date;
  transact<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T>;
}

/** Something the data protection officer is to know at once. `cause` is the event that says so: the same alert has the same cause. */
export interface BreachAlert {
  /** `breach-unassessed`: the clock of the assessment says so, be it a warning or the end. */
  kind: 'breach-warned' | 'breach-overdue' | 'breach-unassessed';
  urgent: true;
  /** The breach. */
  reference: string;
  jurisdiction: string;
  due: string;
  cause: string;
}

/** Whom people are who are found by what was collected of them. */
export interface BreachCriteria {
  categories: string[];
  collectedFrom?: string;
  collectedUntil?: string;
}

/** People are to be told: those named, or those found. `cause` is the event that ordered it. */
export type BreachTelling = { breach: string; order: number; cause: string; words: Words } & (
  { subjects: string[] } | { criteria: BreachCriteria }
);

/**
 * What follows, in the transaction that says so. Called once more, with the same cause, where a database that is older than the log learns of it;
 * subjects that the log names late come in a further call with the same cause.
 */
export interface BreachHooks {
  alert(tx: pg.PoolClient, alert: BreachAlert): Promise<void>;
  tell(tx: pg.PoolClient, telling: BreachTelling): Promise<void>;
}

export interface NewBreach extends Omit<Recorded, 'discoveredAt'> {
  /** UUID of the caller's, so that recording twice records one. */
  id?: string;
  /** Now, where it is left out. */
  discoveredAt?: string;
}

const MOST = 100;
const OWN = /^attesta\.breach\./;

/** The breach register (notice clause 6.1; PDPA s.37(4); GDPR Art. 33, 34). */
export class Breaches {
  readonly people: BreachPeople;

  constructor(
    readonly host: BreachHost,
    /** CloudEvents source of what the service says. */
    readonly source: string,
    readonly hooks: BreachHooks,
  ) {
    this.people = new BreachPeople(this);
  }

  /** @throws Problem 409 for an id that is another breach's; 422 for what the policy, or the ledger, would refuse */
  async record({ id = randomUUID(), discoveredAt, ...facts }: NewBreach, actor: string): Promise<BreachView> {
    const time = discoveredAt ?? this.host.now().toISOString();
    return this.host.transact(async (tx) => {
      // Of two who record it at once the second waits here, and finds it.
      await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [id]);
      const known = (await lockBreaches(tx, this, [id])).get(id);
      if (known) {
        const recorded = { discoveredAt: discoveredAt ?? known.state.recorded.discoveredAt, ...facts };
        if (!isRecordOf(known.state, recorded)) throw anotherBreach();
        return this.view(tx, id);
      }
      const breach = new OpenBreach(this, id);
      breach.record({ discoveredAt: time, ...facts }, actor);
      await breach.save(tx);
      return this.view(tx, id);
    });
  }

  /**
   * @param command or what makes it, once the breach is locked
   * @throws Problem 404; 409 or 422 for a command that the breach does not take
   */
  async handle(id: string, actor: string | undefined, command: Command | ((tx: pg.PoolClient) => Promise<Command>)): Promise<BreachView> {
    return this.host.transact(async (tx) => {
      const breach = await this.lock(tx, id);
      breach.decide(typeof command === 'function' ? await command(tx) : command, actor);
      await breach.save(tx);
      return this.view(tx, id);
    });
  }

  /** Orders that people are told: those of `criteria`, or without it those who were named and are told by no order yet. */
  orderNotice(id: string, actor: string, words: Words, criteria?: BreachCriteria): Promise<BreachView> {
    return this.handle(id, actor, async (tx) => {
      const whom = criteria ?? { people: await this.people.unordered(tx, id) };
      return { kind: 'order-notice', notice: { words, ...whom } };
    });
  }

  close(id: string, actor: string, closing: Closing): Promise<BreachView> {
    return this.handle(id, actor, async (tx) => ({ kind: 'close', unordered: await this.people.unordered(tx, id), ...closing }));
  }

  /** How the telling of an order ended, from whoever did it. Told again in the same numbers, it is said once. */
  async noteTold(tx: pg.PoolClient, id: string, order: number, told: PeopleTold): Promise<void> {
    const breach = await this.lock(tx, id);
    breach.decide({ kind: 'note-told', order, told }, undefined);
    await breach.save(tx);
  }

  /** Lets clocks say what they have to say by now. Several processes may look at once: each takes breaches that no other one holds. */
  async tick(): Promise<void> {
    for (let found = MOST; found === MOST;) {
      found = await this.host.transact(async (tx) => {
        const { rows } = await tx.query<{ id: string }>(
          'select id from breach where look_at <= $1 order by look_at, id limit $2 for update skip locked',
          [this.host.now(), MOST],
        );
        const due = await lockBreaches(
          tx,
          this,
          rows.map(({ id }) => id),
        );
        for (const breach of due.values()) {
          breach.decide({ kind: 'look' }, undefined);
          await breach.save(tx);
        }
        return rows.length;
      });
    }
  }

  /** Takes what came back sealed, in the transaction that moves the cursor: a database that is older than the log is built again from it. */
  async take(tx: pg.PoolClient, events: readonly Pick<SealedEvent, 'position' | 'entry'>[]): Promise<void> {
    const own = events.filter(({ entry }) => entry.source === this.source && OWN.test(entry.type));
    await this.people.take(
      tx,
      own.filter(({ entry }) => entry.subject),
    );
    const said = own.filter(({ entry }) => !entry.subject);
    if (said.length === 0) return;
    const breaches = await lockBreaches(tx, this, [...new Set(said.map(({ entry }) => breachOf(entry)))]);
    for (const { position, entry } of said) {
      const { breach: id, ...data } = entry.data as { breach: string } & Record<string, unknown>;
      const breach = breaches.get(id) ?? new OpenBreach(this, id);
      if (breach.take({ type: entry.type, data } as BreachEvent, entry.id, position, Date.parse(entry.time))) breaches.set(id, breach);
    }
    for (const breach of breaches.values()) await breach.save(tx);
  }

  /** @throws Problem 404 */
  async view(db: Pick<pg.Pool, 'query'>, id: string): Promise<BreachView> {
    return viewOf(this.host.policy, await this.find(db, id), this.host.now(), await this.people.count(db, id));
  }

  /** Newest first. @param after the id of the last one seen */
  async list({ status, after, limit }: { status?: string; after?: string; limit: number }): Promise<BreachView[]> {
    const { rows } = await this.host.pool.query<StoredBreach & { named: number }>(
      `select id, version, state, recorded_at, positions, (select count(*)::int from breach_person p where p.breach = breach.id) as named
         from breach
        where ($1::text is null or state->>'status' = $1)
          and ($2::uuid is null or (recorded_at, id) < (select recorded_at, id from breach where id = $2))
        order by recorded_at desc, id desc limit $3`,
      [status ?? null, after ?? null, limit],
    );
    return rows.map(({ named, ...row }) => viewOf(this.host.policy, row, this.host.now(), named));
  }

  /** @throws Problem 404 */
  async lock(tx: pg.PoolClient, id: string): Promise<OpenBreach> {
    const breach = (await lockBreaches(tx, this, [id])).get(id);
    if (!breach) throw noSuchBreach();
    return breach;
  }

  /** Alerts and telling that follow from what happened to a breach. */
  async tellOf(tx: pg.PoolClient, breach: OpenBreach): Promise<void> {
    for (const { id: cause, event, position } of breach.happened) {
      const common = { urgent: true, reference: breach.id, cause } as const;
      if (event.type === 'attesta.breach.warned.v1' || event.type === 'attesta.breach.overdue.v1') {
        const { duty, jurisdiction, due } = event.data;
        const kind = event.type === 'attesta.breach.warned.v1' ? 'breach-warned' : 'breach-overdue';
        await this.hooks.alert(tx, { ...common, kind: duty === 'assessment' ? 'breach-unassessed' : kind, jurisdiction, due });
      }
      if (event.type === 'attesta.breach.people-notice-ordered.v1') {
        const { order, words, people, ...criteria } = event.data;
        const telling = { breach: breach.id, order, cause, words };
        if (people === undefined) await this.hooks.tell(tx, { ...telling, criteria: criteria as BreachCriteria });
        else await this.hooks.tell(tx, { ...telling, subjects: await this.people.assign(tx, breach.id, order, position) });
      }
    }
  }

  /** @throws Problem 404 */
  async find(db: Pick<pg.Pool, 'query'>, id: string): Promise<StoredBreach> {
    const { rows } = await db.query<StoredBreach>('select id, version, state, recorded_at, positions from breach where id = $1', [id]);
    if (!rows[0]) throw noSuchBreach();
    return rows[0];
  }
}

const breachOf = ({ data }: SealedEvent['entry']): string => (data as { breach: string }).breach;

export const noSuchBreach = () =>
  Problem.notFound('There is no such breach.', 'Breaches are listed at GET /v1/breaches.', 'no-such-breach');
const anotherBreach = () =>
  Problem.conflict(
    'Another breach has this id.',
    'Give a new breach a new id, or none; send the same breach again unchanged.',
    'id-conflict',
  );

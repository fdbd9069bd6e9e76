import { uuidOf, type NewEvent } from '@attesta/event-log';
import { forgottenAmong, Problem, refuseUnsealable } from '@attesta/service-kit';
import type { SealedEvent } from '@attesta/transport';
import type pg from 'pg';
import { lockBreaches, streamOf, type OpenBreach } from './breach-store.js';
import type { Breaches } from './breaches.js';

export interface Added {
  /** New on the list. */
  added: number;
  /** On it before. */
  known: number;
  /** Nobody is known by these: their places in the list that was sent. */
  strangers: number[];
}

const NAMED = 'attesta.breach.person-named.v1';

/** Whom breaches concern, one by one. Each is named in an event about them: it is theirs to know, and gone when they are forgotten. */
export class BreachPeople {
  constructor(private readonly breaches: Breaches) {}

  /**
   * Adds people to those who are to be told; the next order has them told. Nobody is made a subject by it.
   * @param names scheme|value, refs or subject ids
   * @throws Problem 400 with the places of what names nobody; 404; 409 for a breach that is closed; 503 when the ledger would have to say and cannot
   */
  async add(id: string, actor: string, names: readonly string[]): Promise<Added> {
    const { directory, log, policy } = this.breaches.host;
    const named = this.named(names);
    const found = await directory.idsOf([...new Set(named)]);
    const strangers = named.flatMap((name, i) => (found.has(name) ? [] : [i]));
    return this.breaches.host.transact(async (tx) => {
      const { state } = await this.breaches.lock(tx, id);
      if (state.status === 'closed') throw closed();
      const subjects = [...new Set(found.values())];
      const forgotten = await forgottenAmong(tx, subjects);
      const { rows } = await tx.query<{ subject: string }>(
        'insert into breach_person (breach, subject) select $1, unnest($2::uuid[]) on conflict do nothing returning subject',
        [id, subjects.filter((subject) => !forgotten.has(subject))],
      );
      const events = rows.map(({ subject }) => this.naming(id, subject, actor));
      if (events[0]) refuseUnsealable(this.breaches.source, events[0], policy, this.breaches.host.now());
      if (events.length > 0) await log.append(tx, `${streamOf(id)}-people`, 'any', events);
      return { added: events.length, known: subjects.length - forgotten.size - events.length, strangers };
    });
  }

  /** How many were named and are told by no order yet. */
  async unordered(tx: pg.PoolClient, id: string): Promise<number> {
    const { rows } = await tx.query<{ n: number }>('select count(*)::int as n from breach_person where breach = $1 and notice is null', [
      id,
    ]);
    return rows[0]!.n;
  }

  async count(db: Pick<pg.Pool, 'query'>, id: string): Promise<number> {
    const { rows } = await db.query<{ n: number }>('select count(*)::int as n from breach_person where breach = $1', [id]);
    return rows[0]!.n;
  }

  /**
   * @param before position of the order, where it was learnt from the log: who was named after it is another one's
   * @returns those whom the order is the first to have told
   */
  async assign(tx: pg.PoolClient, id: string, order: number, before: number | undefined): Promise<string[]> {
    const { rows } = await tx.query<{ subject: string }>(
      'update breach_person set notice = $2 where breach = $1 and notice is null and ($3::bigint is null or named < $3) returning subject',
      [id, order, before ?? null],
    );
    return rows.map(({ subject }) => subject).sort();
  }

  /**
   * Learns from the log who was named. People and breaches come in an order of their own each: whoever comes after the order that had them told is
   * told by that order.
   */
  async take(tx: pg.PoolClient, events: readonly Pick<SealedEvent, 'position' | 'entry'>[]): Promise<void> {
    const named = events.filter(({ entry }) => entry.type === NAMED);
    if (named.length === 0) return;
    const forgotten = await forgottenAmong(
      tx,
      named.map(({ entry }) => entry.subject!.id),
    );
    const rows = named
      .filter(({ entry }) => !forgotten.has(entry.subject!.id))
      .map(({ entry, position }) => ({ breach: (entry.data as { breach: string }).breach, subject: entry.subject!.id, position }));
    const breaches = await lockBreaches(tx, this.breaches, [...new Set(rows.map(({ breach }) => breach))]);
    await tx.query(
      `insert into breach_person (breach, subject, named)
       select (p->>'breach')::uuid, (p->>'subject')::uuid, (p->>'position')::bigint from jsonb_array_elements($1::jsonb) p
       on conflict (breach, subject) do update set named = excluded.named`,
      [JSON.stringify(rows)],
    );
    for (const breach of breaches.values()) await this.catchUp(tx, breach);
  }

  /** Has people told whom an order that was given after they were named did not find. */
  private async catchUp(tx: pg.PoolClient, breach: OpenBreach): Promise<void> {
    for (const [order, { people, words, event }] of breach.state.notices.entries()) {
      const position = breach.positionOf(event);
      if (people === undefined || position === undefined) continue;
      const subjects = await this.assign(tx, breach.id, order, position);
      if (subjects.length > 0) await this.breaches.hooks.tell(tx, { breach: breach.id, order, cause: breach.idOf(event), words, subjects });
    }
  }

  private named(names: readonly string[]): string[] {
    const errors: ReturnType<typeof problemsOf> = [];
    const named = names.map((name, i) => {
      try {
        return this.breaches.host.directory.named(name, `/subjects/${i}`);
      } catch (error) {
        errors.push(...problemsOf(error));
        return name;
      }
    });
    if (errors.length > 0) throw Problem.invalid(errors.slice(0, 20));
    return named;
  }

  private naming(id: string, subject: string, actor: string): NewEvent {
    const time = this.breaches.host.now().toISOString();
    return { id: uuidOf(`${NAMED}\n${id}\n${subject}`), type: NAMED, time, subject, actor, data: { breach: id } };
  }
}

function problemsOf(error: unknown) {
  if (!(error instanceof Problem) || !error.errors) throw error;
  return error.errors;
}

const closed = () =>
  Problem.conflict('The breach is closed.', 'Update it, or assess it anew, with what is new: that opens it again.', 'closed');

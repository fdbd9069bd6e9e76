import { uuidOf, type NewEvent } from '@attesta/event-log';
import { refuseUnsealable } from '@attesta/service-kit';
import type pg from 'pg';
import { areKeysDone, evolve, hasEnded, isReady, type Answer, type DisposalState, type OwnEvent, type Status } from './disposal.decider.js';
import type { Retention } from './retention.js';

type Tx = Pick<pg.PoolClient, 'query'>;

/** CloudEvents source of what the retention service says. */
export const RETENTION_SOURCE = '//attesta/retention';

/** Disposals in the hands of one transaction: locked, decided on, and written together at the end. */
export class OpenDisposal {
  readonly said: NewEvent[] = [];
  private changed = false;
  private ended: Date | undefined;

  constructor(
    readonly id: string,
    readonly subject: string,
    private folded: DisposalState | undefined,
    /** How many events we said of it. */
    public own: number,
    readonly startedAt: Date,
    /** Positions of the key.destroyed events that answered it. */
    readonly destroyed: readonly number[] = [],
  ) {}

  get state(): DisposalState {
    if (!this.folded) throw new Error('the disposal was not started yet');
    return this.folded;
  }

  get status(): Status | undefined {
    return this.folded?.status;
  }

  get isChanged(): boolean {
    return this.changed;
  }

  /** When its last word was said, if it was said here and now. */
  get endedAt(): Date | undefined {
    return this.ended;
  }

  /** @param at when it is decided @throws Problem 422 for what the ledger would refuse */
  say(retention: Retention, events: readonly OwnEvent[], at: Date, actor?: string): void {
    for (const event of events) {
      const said: NewEvent = {
        id: this.idOf(this.own),
        type: event.type,
        time: at.toISOString(),
        subject: this.subject,
        ...(actor !== undefined && { actor }),
        data: { disposal: this.id, ...event.data },
      };
      refuseUnsealable(RETENTION_SOURCE, said, retention.policy, retention.now());
      this.said.push(said);
      this.apply(event, at);
      this.own++;
    }
  }

  /** Takes what came back from the log. @returns false for what we said ourselves and know */
  take(event: OwnEvent | Answer, id: string, at: Date): boolean {
    if (OWN.test(event.type)) {
      for (let n = 0; n < this.own; n++) if (this.idOf(n) === id) return false;
      this.own++; // a database that is older than the log learns it from there
    }
    this.apply(event, at);
    return true;
  }

  private apply(event: OwnEvent | Answer, at: Date): void {
    this.folded = evolve(this.folded, event);
    this.changed = true;
    if (hasEnded(this.folded)) this.ended ??= at;
  }

  private idOf(n: number): string {
    return uuidOf(`disposal\n${this.id}\n${n}`);
  }
}

export const OWN = /^attesta\.disposal\.(?:started|instructed|abandoned|completed)\.v1$/;

/** Locks disposals, in the order of their ids; those that do not exist are left out. */
export async function lockDisposals(tx: Tx, ids: readonly string[]): Promise<Map<string, OpenDisposal>> {
  const { rows } = await tx.query<Row>(
    'select id, subject, state, own, started_at, destroyed from disposal where id = any($1::uuid[]) order by id for update',
    [ids],
  );
  return new Map(
    rows.map((row) => [row.id, new OpenDisposal(row.id, row.subject, row.state, row.own, row.started_at, row.destroyed.map(Number))]),
  );
}

/** Writes all that changed, and appends what was said: last in the transaction. */
export async function saveDisposals(tx: Tx, retention: Retention, disposals: Iterable<OpenDisposal>): Promise<void> {
  const changed = [...disposals].filter(({ isChanged }) => isChanged);
  if (changed.length === 0) return;
  const rows = changed.map(({ id, subject, state, own, startedAt, endedAt }) => ({
    id,
    subject,
    state,
    own,
    request: state.request ?? null,
    cause: state.cause,
    status: state.status,
    ready: isReady(state) || areKeysDone(state),
    started: startedAt,
    ended: endedAt ?? null,
  }));
  await tx.query(
    `insert into disposal (id, subject, request, cause, status, state, own, started_at, ended_at, ready)
     select (d->>'id')::uuid, (d->>'subject')::uuid, (d->>'request')::uuid, d->>'cause', d->>'status', d->'state', (d->>'own')::int,
            (d->>'started')::timestamptz, (d->>'ended')::timestamptz, (d->>'ready')::boolean
       from jsonb_array_elements($1::jsonb) d
     on conflict (id) do update set status = excluded.status, state = excluded.state, own = excluded.own, ready = excluded.ready,
            ended_at = coalesce(disposal.ended_at, excluded.ended_at)`,
    [JSON.stringify(rows)],
  );
  const said = changed.flatMap((disposal) => disposal.said);
  if (said.length > 0) await retention.log.append(tx, 'disposals', 'any', said);
}

interface Row {
  id: string;
  subject: string;
  state: DisposalState;
  own: number;
  started_at: Date;
  destroyed: string[];
}

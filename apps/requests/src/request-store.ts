import { uuidOf, type NewEvent } from '@attesta/event-log';
import type { EventTypes } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import { refuseUnsealable } from '@attesta/service-kit';
import type pg from 'pg';
import { deadlineOf, nextLook } from './request.clock.js';
import { decide, type Command } from './request.decider.js';
import { evolve, isOpen, type RequestEvent, type RequestState, type Spared } from './request.state.js';
import { effectsOf, messagesOf, nextStep, type NextStep } from './request.flow.js';
import type { Requests } from './requests.js';

/** CloudEvents source of what the requests service says. */
export const REQUESTS_SOURCE = '//attesta/requests';

/** A request as the database has it. */
export interface Stored {
  id: string;
  subject: string;
  version: number;
  state: RequestState;
  spared: Spared[] | null;
}

/** A request in the hands of one transaction: locked, decided on, and written once at the end. */
export class OpenRequest {
  private readonly said: NewEvent[] = [];

  constructor(
    private readonly requests: Requests,
    private readonly policy: Policy,
    readonly id: string,
    readonly subject: string,
    private readonly version: number,
    private folded: RequestState | undefined,
    /** What the law keeps of an erasure that is accepted: it is told when the erasure is instructed. */
    public spared: readonly Spared[] = [],
  ) {}

  get state(): RequestState {
    if (!this.folded) throw new Error('the request was not received yet');
    return this.folded;
  }

  /** @param at when it happened, in milliseconds @throws NotNow; Problem 422 for what the ledger would refuse */
  decide(command: Command, actor: string | undefined, at = this.requests.now().getTime()): void {
    for (const event of decide(this.policy, this.state, command, at)) this.say(event, at, actor);
  }

  /** @param at when it happened, in milliseconds */
  say(event: RequestEvent, at: number, actor: string | undefined): void {
    this.folded = evolve(this.folded, event, at);
    const said = this.add(event.type, { request: this.id, ...event.data }, at, actor);
    for (const effect of effectsOf(this.policy, this.folded, event, at)) this.add(effect.type, effect.data, at, actor);
    for (const message of messagesOf(this.policy, this.folded, event)) {
      this.add('attesta.request.message-due.v1', { request: this.id, cause: said.id, ...message }, at, undefined);
    }
  }

  /** Does what follows by itself. @returns whether a package has to be made, which takes longer than a transaction may */
  goOn(): 'make-package' | undefined {
    for (let step = this.next(); step; step = this.next()) {
      if (step.kind === 'make-package') return step.kind;
      this.decide(step, undefined);
    }
    return undefined;
  }

  /** Last in the transaction. */
  async save(tx: pg.PoolClient): Promise<void> {
    const { state, policy } = this;
    if (this.said.length === 0) {
      await tx.query('update request set look_at = to_timestamp($2::float8 / 1000) where id = $1', [
        this.id,
        nextLook(policy, state) ?? null,
      ]);
      return;
    }
    const open = isOpen(state);
    const due = open ? deadlineOf(policy, state)?.overdueFrom : undefined;
    const look = nextLook(policy, state);
    await tx.query(
      `update request set status = $2, version = $3, state = $4, received_at = to_timestamp($5::float8 / 1000), due = $6,
              look_at = to_timestamp($7::float8 / 1000), open = $8, spared = $9 where id = $1`,
      [
        this.id,
        state.status,
        this.version + this.said.length,
        state,
        state.receivedAt,
        due ?? null,
        look ?? null,
        open,
        this.spared.length > 0 && !state.instructed ? JSON.stringify(this.spared) : null,
      ],
    );
    // Whatever ended, no system is asked for it any more, and what they needed to find the person is not either.
    if (!open) await tx.query('update task set open = false, next_at = null, kek = null, box = null where request = $1', [this.id]);
    await this.requests.log.append(tx, streamOf(this.id), this.version, this.said);
  }

  private next(): NextStep | undefined {
    return nextStep(this.policy, this.state, this.spared);
  }

  private add<T extends keyof EventTypes>(type: T, data: EventTypes[T], at: number, actor: string | undefined): NewEvent {
    const event: NewEvent = {
      id: uuidOf(`${streamOf(this.id)}\n${this.version + this.said.length}`),
      type,
      time: new Date(at).toISOString(),
      subject: this.subject,
      ...(actor !== undefined && { actor }),
      data,
    };
    refuseUnsealable(REQUESTS_SOURCE, event, this.policy, this.requests.now());
    this.said.push(event);
    return event;
  }
}

export const streamOf = (request: string): string => `request-${request}`;

/** Locks requests, in the order of their ids. Those that do not exist are left out. */
export async function lock(tx: pg.PoolClient, requests: Requests, ids: readonly string[]): Promise<OpenRequest[]> {
  const { rows } = await tx.query<Stored>(
    'select id, subject, version, state, spared from request where id = any($1::uuid[]) order by id for update',
    [ids],
  );
  return rows.map(
    ({ id, subject, version, state, spared }) => new OpenRequest(requests, requests.policy, id, subject, version, state, spared ?? []),
  );
}

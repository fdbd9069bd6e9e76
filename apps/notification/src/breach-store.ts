import { uuidOf, type NewEvent } from '@attesta/event-log';
import { refuseUnsealable } from '@attesta/service-kit';
import type pg from 'pg';
import { nextLook } from './breach.clock.js';
import { decide, record, type Command } from './breach.decider.js';
import { evolve, type BreachEvent, type BreachState, type Recorded } from './breach.state.js';
import { refusalAsProblem } from './breach-refusal.js';
import type { Breaches } from './breaches.js';

/** A breach as the database has it. */
export interface StoredBreach {
  id: string;
  version: number;
  state: BreachState;
  recorded_at: Date;
  /** Positions of its events in the ledger's log, by number, as far as they came back sealed. */
  positions: Record<string, number>;
}

/** An event of a breach that was said here, or learnt from the log, with its id. */
export interface Happened {
  id: string;
  event: BreachEvent;
  /** In the ledger's log, of what was learnt from it. */
  position: number | undefined;
}

/** A breach in the hands of one transaction: locked, decided on, and written once at the end. */
export class OpenBreach {
  /** What happened to it in this transaction. */
  readonly happened: Happened[] = [];
  private readonly said: NewEvent[] = [];

  constructor(
    private readonly breaches: Breaches,
    readonly id: string,
    private folded: BreachState | undefined = undefined,
    private version = 0,
    private readonly positions: Record<string, number> = {},
  ) {}

  get state(): BreachState {
    if (!this.folded) throw new Error('the breach was not recorded yet');
    return this.folded;
  }

  /** @throws Problem 422 for what the policy, or the ledger, would refuse */
  record(recorded: Recorded, actor: string): void {
    this.say((now) => record(this.breaches.host.policy, recorded, now), actor);
  }

  /** @throws Problem 409 or 422 for a command that the breach does not take */
  decide(command: Command, actor: string | undefined): void {
    this.say((now) => decide(this.breaches.host.policy, this.state, command, now), actor);
  }

  /**
   * Takes what came back from the log: its position, and, where this database is older than the log, what happened.
   * @param at when it was said, in milliseconds
   * @returns false for what is no event of this breach, or not the next one
   */
  take(event: BreachEvent, id: string, position: number, at: number): boolean {
    for (let n = 0; n <= this.version; n++) {
      if (this.idOf(n) !== id) continue;
      this.positions[n] = position;
      if (n === this.version) this.apply(event, at);
      return true;
    }
    return false;
  }

  /** Position of an event of it, where it is known. */
  positionOf(event: number): number | undefined {
    return this.positions[event];
  }

  /** Writes it, appends what was said, and tells whoever is to be told. Last in the transaction. */
  async save(tx: pg.PoolClient): Promise<void> {
    await tx.query(
      `insert into breach (id, version, state, look_at, recorded_at, positions)
       values ($1, $2, $3, to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000), $6)
       on conflict (id) do update set version = excluded.version, state = excluded.state, look_at = excluded.look_at, positions = excluded.positions`,
      [
        this.id,
        this.version,
        this.state,
        nextLook(this.breaches.host.policy, this.state) ?? null,
        this.state.recorded.saidAt,
        this.positions,
      ],
    );
    await this.breaches.tellOf(tx, this);
    if (this.said.length > 0) await this.breaches.host.log.append(tx, streamOf(this.id), 'any', this.said);
  }

  private say(deciding: (now: number) => BreachEvent[], actor: string | undefined): void {
    const now = this.breaches.host.now();
    for (const event of decided(() => deciding(now.getTime()))) {
      const { type, data } = event;
      const said: NewEvent = {
        id: this.idOf(this.version),
        type,
        time: now.toISOString(),
        ...(actor !== undefined && { actor }),
        data: { breach: this.id, ...data },
      };
      refuseUnsealable(this.breaches.source, said, this.breaches.host.policy, now);
      this.said.push(said);
      this.apply(event, now.getTime());
    }
  }

  private apply(event: BreachEvent, at: number): void {
    this.happened.push({ id: this.idOf(this.version), event, position: this.positions[this.version] });
    this.folded = evolve(this.folded, event, at);
    this.version++;
  }

  /** Id of an event of it, by number. */
  idOf(n: number): string {
    return uuidOf(`${streamOf(this.id)}\n${n}`);
  }
}

export const streamOf = (breach: string): string => `breach-${breach}`;

/** Locks breaches, in the order of their ids; those that do not exist are left out. */
export async function lockBreaches(tx: pg.PoolClient, breaches: Breaches, ids: readonly string[]): Promise<Map<string, OpenBreach>> {
  const { rows } = await tx.query<StoredBreach>(
    'select id, version, state, positions from breach where id = any($1::uuid[]) order by id for update',
    [ids],
  );
  return new Map(rows.map(({ id, version, state, positions }) => [id, new OpenBreach(breaches, id, state, version, positions)]));
}

function decided(decide: () => BreachEvent[]): BreachEvent[] {
  try {
    return decide();
  } catch (error) {
    throw refusalAsProblem(error);
  }
}

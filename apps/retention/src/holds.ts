import { randomUUID } from 'node:crypto';
import type { EventTypes } from '@attesta/events';
import { uuidOf, type NewEvent } from '@attesta/event-log';
import { Problem, refuseUnsealable } from '@attesta/service-kit';
import type pg from 'pg';
import { RETENTION_SOURCE } from './disposal-store.js';
import { noteHolds } from './planner.js';
import type { Retention } from './retention.js';

export interface NewHold {
  /** UUID of the caller's, so that asking twice places one. */
  id?: string | undefined;
  /** Subject id; without it, everybody. */
  subject?: string | undefined;
  matter: string;
  reason: string;
  law?: string | undefined;
  categories?: string[] | undefined;
  purposes?: string[] | undefined;
}

export interface HoldView {
  id: string;
  subject: string | null;
  matter: string;
  reason: string;
  law: string | null;
  categories: string[] | null;
  purposes: string[] | null;
  placedAt: string;
  releasedAt: string | null;
  releaseReason: string | null;
}

/** Parts that a hold placed now comes too late for: the ledger was told to destroy them. */
export interface Placed {
  hold: HoldView;
  covered: number;
  tooLate: number;
}

const COLUMNS = 'id, subject, matter, reason, law, categories, purposes, placed_at, released_at, release_reason';

/** Legal holds: what one covers is not disposed of until it is released, and then by itself (notice clause 7.7). */
export class Holds {
  constructor(private readonly retention: Retention) {}

  /** @throws Problem 409 for an id that is another hold's; 422 for what the ledger would refuse */
  async place(hold: NewHold, actor: string): Promise<Placed> {
    const { id = randomUUID(), subject, matter, reason, law, categories, purposes } = hold;
    const data: EventTypes['attesta.hold.placed.v1'] = {
      hold: id,
      matter,
      reason,
      ...(law !== undefined && { law }),
      ...(categories && { categories }),
      ...(purposes && { purposes }),
    };
    return this.retention.transact(async (tx) => {
      const event = this.event(id, 'attesta.hold.placed.v1', subject, data, actor);
      if (await insertHold(tx, { subject, ...data }, new Date(event.time), actor)) {
        await noteHolds(tx, ...scopeOf(hold));
        await this.retention.log.append(tx, 'holds', 'any', [event]);
      } else if (!same((await this.find(tx, id))!, hold)) throw anotherHold();
      const [where, values] = scopeOf(hold);
      const { rows } = await tx.query<{ covered: number; late: number }>(
        `select count(*)::int as covered, count(*) filter (where d.status = 'instructed')::int as late
           from part left join disposal d on d.id = part.disposal where ${where}`,
        values,
      );
      return { hold: (await this.find(tx, id))!, covered: rows[0]!.covered, tooLate: rows[0]!.late };
    });
  }

  /** Releasing twice is releasing once. @throws Problem 404 */
  async release(id: string, reason: string, actor: string): Promise<HoldView> {
    const released = await this.retention.transact(async (tx) => {
      const { rows } = await tx.query<HoldRow>(`select ${COLUMNS} from hold where id = $1 for update`, [id]);
      const hold = rows[0] && viewOf(rows[0]);
      if (!hold) throw noSuchHold();
      if (hold.releasedAt !== null) return hold;
      const data: EventTypes['attesta.hold.released.v1'] = { hold: id, matter: hold.matter, reason };
      const event = this.event(id, 'attesta.hold.released.v1', hold.subject ?? undefined, data, actor);
      await releaseHold(tx, id, new Date(event.time), reason, actor);
      await noteHolds(tx, ...scopeOf(hold));
      await this.retention.log.append(tx, 'holds', 'any', [event]);
      return (await this.find(tx, id))!;
    });
    this.retention.wake();
    return released;
  }

  async find(db: Pick<pg.Pool, 'query'>, id: string): Promise<HoldView | undefined> {
    const { rows } = await db.query<HoldRow>(`select ${COLUMNS} from hold where id = $1`, [id]);
    return rows[0] && viewOf(rows[0]);
  }

  /** Newest first. @param after the id of the last one seen */
  async list({ active, matter, after, limit }: { active?: boolean; matter?: string; after?: string; limit: number }): Promise<HoldView[]> {
    const { rows } = await this.retention.pool.query<HoldRow>(
      `select ${COLUMNS} from hold
        where ($1::boolean is null or (released_at is null) = $1) and ($2::text is null or matter = $2)
          and ($3::uuid is null or (placed_at, id) < (select placed_at, id from hold where id = $3))
        order by placed_at desc, id desc limit $4`,
      [active ?? null, matter ?? null, after ?? null, limit],
    );
    return rows.map(viewOf);
  }

  private event(hold: string, type: string, subject: string | undefined, data: Record<string, unknown>, actor: string): NewEvent {
    const event: NewEvent = {
      id: uuidOf(`${type}\n${hold}`),
      type,
      time: this.retention.now().toISOString(),
      actor,
      data: { ...data, hold },
      ...(subject !== undefined && { subject }),
    };
    refuseUnsealable(RETENTION_SOURCE, event, this.retention.policy, this.retention.now());
    return event;
  }
}

/** As it is placed here, or as a database that is older than the log learns of it. @returns whether it is new */
export async function insertHold(
  tx: Pick<pg.PoolClient, 'query'>,
  { hold, subject, matter, reason, law, categories, purposes }: EventTypes['attesta.hold.placed.v1'] & { subject?: string | undefined },
  at: Date,
  actor: string | undefined,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into hold (id, subject, matter, reason, law, categories, purposes, placed_at, placed_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    [hold, subject ?? null, matter, reason, law ?? null, categories ?? null, purposes ?? null, at, actor ?? null],
  );
  return rowCount === 1;
}

export async function releaseHold(
  tx: Pick<pg.PoolClient, 'query'>,
  id: string,
  at: Date,
  reason: string,
  actor: string | undefined,
): Promise<void> {
  await tx.query('update hold set released_at = $2, release_reason = $3, released_by = $4 where id = $1 and released_at is null', [
    id,
    at,
    reason,
    actor ?? null,
  ]);
}

/** Parts that a hold may be about, as SQL on `part` and its values. */
export const scopeOf = ({
  subject,
  categories,
  purposes,
}: Pick<Partial<HoldView>, 'subject'> & {
  categories?: string[] | null | undefined;
  purposes?: string[] | null | undefined;
}): [where: string, values: unknown[]] => [
  `($1::uuid is null or part.subject = $1) and ($2::text[] is null or part.categories && $2) and ($3::text[] is null or part.purposes && $3)`,
  [subject ?? null, categories ?? null, purposes ?? null],
];

function same(known: HoldView, asked: NewHold): boolean {
  const key = (hold: NewHold | HoldView) =>
    JSON.stringify([hold.subject ?? null, hold.matter, hold.reason, hold.law ?? null, hold.categories ?? null, hold.purposes ?? null]);
  return key(known) === key(asked);
}

interface HoldRow extends Omit<HoldView, 'placedAt' | 'releasedAt' | 'releaseReason'> {
  placed_at: Date;
  released_at: Date | null;
  release_reason: string | null;
}

const viewOf = ({ placed_at: placedAt, released_at: releasedAt, release_reason: releaseReason, ...row }: HoldRow): HoldView => ({
  ...row,
  placedAt: placedAt.toISOString(),
  releasedAt: releasedAt?.toISOString() ?? null,
  releaseReason,
});

const noSuchHold = () => Problem.notFound('There is no such hold.', 'Holds are listed at GET /v1/holds.', 'no-such-hold');
const anotherHold = () =>
  Problem.conflict('Another hold has this id.', 'Give a new hold a new id, or none; send the same hold again unchanged.', 'id-conflict');

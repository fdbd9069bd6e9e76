import { hash } from 'node:crypto';
import { canonical } from '@attesta/proof';
import type { Policy } from '@attesta/policy';
import { uuidOf } from '@attesta/event-log';
import { partsOfPeople, replan } from './planner.js';
import type { Retention } from './retention.js';

/** People planned in one transaction. */
const MOST = 500;
const START = '00000000-0000-0000-0000-000000000000';

export interface ReplanningView {
  /** Version and digest of the rules that the inventory is planned by. */
  rules: string;
  /** Whether all of it is. */
  done: boolean;
  /** Lines looked at so far, and how many became due earlier, and later. */
  holdings: number;
  earlier: number;
  later: number;
}

/** Stream of what is said of planning anew. */
export const PLAN = 'plan';

/** Plans the whole inventory anew when the rules changed, or something came about that is about everybody: in steps, so that a crash costs one. */
export class Replanning {
  constructor(private readonly retention: Retention) {}

  /** Notes under which rules this process plans; other rules than before start it. */
  async note(): Promise<void> {
    const rules = rulesOf(this.retention.policy);
    await this.retention.pool.query(
      `insert into plan (rules) values ($1) on conflict (one) do update
          set before = plan.rules, rules = excluded.rules, upto = $2, holdings = 0, earlier = 0, later = 0 where plan.rules <> excluded.rules`,
      [rules, START],
    );
  }

  /** Starts it because of something that is about everybody. */
  async begin(tx: { query(sql: string, values: unknown[]): Promise<unknown> }): Promise<void> {
    await tx.query('update plan set before = rules, upto = $1, holdings = 0, earlier = 0, later = 0', [START]);
  }

  /** Goes on to the end, if it is under way. */
  async go(): Promise<void> {
    while (await this.step()) continue;
  }

  async progress(): Promise<ReplanningView> {
    const { rows } = await this.retention.pool.query<{ rules: string; done: boolean; holdings: string; earlier: string; later: string }>(
      'select rules, upto is null as done, holdings, earlier, later from plan',
    );
    const { rules, done, holdings, earlier, later } = rows[0]!;
    return { rules, done, holdings: Number(holdings), earlier: Number(earlier), later: Number(later) };
  }

  /** @returns whether there is more */
  private step(): Promise<boolean> {
    return this.retention.transact(async (tx) => {
      const { rows } = await tx.query<{
        rules: string;
        before: string | null;
        upto: string;
        holdings: string;
        earlier: string;
        later: string;
      }>('select rules, before, upto, holdings, earlier, later from plan where upto is not null for update skip locked');
      const plan = rows[0];
      if (!plan) return false;
      const { rows: people } = await tx.query<{ subject: string }>(
        'select distinct subject from part where subject > $1 order by subject limit $2',
        [plan.upto, MOST],
      );
      const subjects = people.map(({ subject }) => subject);
      const parts = await partsOfPeople(tx, subjects, true);
      const now = this.retention.now();
      const moved = await replan(tx, this.retention.policy, parts, now.getTime());
      const sum = {
        holdings: Number(plan.holdings) + parts.length,
        earlier: Number(plan.earlier) + moved.earlier,
        later: Number(plan.later) + moved.later,
      };
      const isLast = subjects.length < MOST;
      await tx.query('update plan set upto = $1, holdings = $2, earlier = $3, later = $4', [
        isLast ? null : subjects.at(-1),
        sum.holdings,
        sum.earlier,
        sum.later,
      ]);
      if (isLast) {
        const time = now.toISOString();
        await this.retention.log.append(tx, PLAN, 'any', [
          {
            id: uuidOf(`replanned\n${plan.rules}\n${time}`),
            type: 'attesta.retention.replanned.v1',
            time,
            data: { ...(plan.before !== null && { from: plan.before }), to: plan.rules, ...sum },
          },
        ]);
      }
      return !isLast;
    });
  }
}

/** Version of the policy, and a digest of what retention is planned by. */
function rulesOf({ version, retention, triggers, categories }: Policy): string {
  const classes = [...categories.values()].map(({ id, retentionClass }) => [id, retentionClass]);
  const digest = hash('sha256', canonical([retention, [...triggers.values()], classes]), 'hex').slice(0, 16);
  return `${version} ${digest}`.slice(0, 64);
}

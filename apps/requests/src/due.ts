import { endOfDuration } from '@attesta/policy';
import { allParts } from '@attesta/service-kit';
import { lock } from './request-store.js';
import type { Requests } from './requests.js';

const MOST = 100;

/**
 * What happens because time passes: clocks, letters, tasks, packages. All are found by looking at what is due, so that no restart forgets one;
 * several processes may look at once, for each request is locked, and what was said of a deadline is not said again.
 */
export class Due {
  constructor(private readonly requests: Requests) {}

  /** What fails keeps nothing else from what is due. */
  look(): Promise<void> {
    const { disposals, disposalTasks, tasks, packages, mail, openDsr, sessions } = this.requests;
    return allParts([
      () => this.requests.refreshPolicy(),
      () => this.endUnproved(),
      () => this.lookAtClocks(),
      () => disposals.tick(),
      () => disposalTasks.tick(),
      () => tasks.tick(),
      () => packages.tick(),
      () => mail.send(),
      () => openDsr?.callbacks.tick(),
      () => sessions?.tick(),
    ]);
  }

  private async lookAtClocks(): Promise<void> {
    for (let found = MOST; found === MOST;) {
      found = await this.requests.transact(async (tx) => {
        const { rows } = await tx.query<{ id: string }>(
          'select id from request where look_at <= $1 order by look_at, id limit $2 for update skip locked',
          [this.requests.now(), MOST],
        );
        for (const request of await lock(
          tx,
          this.requests,
          rows.map(({ id }) => id),
        )) {
          request.decide({ kind: 'look' }, undefined);
          await request.save(tx);
        }
        return rows.length;
      });
    }
  }

  /** Nobody has proved to be the person in all that time: the request ends before its deadline can be missed for it. */
  private async endUnproved(): Promise<void> {
    const { within } = this.requests.rules.identity;
    const now = this.requests.now().getTime();
    for (let found = MOST; found === MOST;) {
      found = await this.requests.transact(async (tx) => {
        const { rows } = await tx.query<{ id: string }>(
          `select id from request
            where status = 'requires-action' and state->'needs' ? 'identity-verification' and (state->>'waitingSince')::bigint <= $1
            order by (state->>'waitingSince')::bigint limit $2 for update skip locked`,
          [now - endOfDuration(0, within), MOST],
        );
        for (const request of await lock(
          tx,
          this.requests,
          rows.map(({ id }) => id),
        )) {
          request.decide({ kind: 'give-up' }, undefined);
          await request.save(tx);
        }
        return rows.length;
      });
    }
  }
}

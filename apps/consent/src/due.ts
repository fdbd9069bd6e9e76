import { localDay } from '@attesta/policy';
import type { Consent } from './consent.js';

const MOST = 200;

/**
 * What happens because time passes: consents that run out, and birthdays. Both are found by looking, so that no restart forgets one; several
 * processes may look at once, for each person is locked and what was said is not said again.
 */
export class Due {
  private sweptOn: string | undefined;

  constructor(private readonly consent: Consent) {}

  async look(): Promise<void> {
    await this.expire();
    await this.growUp();
    await this.nameStates();
  }

  private async expire(): Promise<void> {
    for (let found = MOST; found === MOST;) {
      found = await this.consent.transact(async (tx) => {
        const { rows } = await tx.query<{ subject: string }>(
          'select subject from person where due <= $1 order by due, subject limit $2 for update skip locked',
          [this.consent.now(), MOST],
        );
        if (rows.length > 0) await this.consent.settle(tx, { again: rows.map(({ subject }) => subject) });
        return rows.length;
      });
    }
  }

  /** Once on each day of each jurisdiction, everybody who may have had a birthday. */
  private async growUp(): Promise<void> {
    const { policy } = this.consent;
    const now = this.consent.now().getTime();
    const today = [...policy.jurisdictions.keys()].map((jurisdiction) => localDay(policy, jurisdiction, now)).join();
    if (today === this.sweptOn) return;
    for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
      const subjects = await this.consent.transact(async (tx) => {
        const { rows } = await tx.query<{ subject: string }>(
          'select subject from person where minor and subject > $1 order by subject limit $2',
          [after, MOST],
        );
        const found = rows.map(({ subject }) => subject);
        if (found.length > 0) await this.consent.settle(tx, { again: found });
        return found;
      });
      if (subjects.length < MOST) break;
      after = subjects.at(-1)!;
    }
    this.sweptOn = today;
  }

  /** States tell the refs of their people, which the ledger knows: whoever decides from them finds a person by identifier. */
  private async nameStates(): Promise<void> {
    const { pool, directory } = this.consent;
    for (;;) {
      const { rows } = await pool.query<{ key: string }>(
        `select key from consent_state where refs is null and state is not null and key <> 'policy' limit $1`,
        [MOST],
      );
      if (rows.length === 0) return;
      const refs = await directory.refsOf(rows.map(({ key }) => key));
      await this.consent.transact((tx) =>
        tx.query(
          `with head as (update state_head set changed = changed + $3 returning changed - $3 as base)
           update consent_state s set refs = array(select jsonb_array_elements_text(n.refs)), changed = base + n.o
             from unnest($1::text[], $2::jsonb[]) with ordinality n(key, refs, o), head
            where s.key = n.key and s.state is not null and s.refs is null`,
          [rows.map(({ key }) => key), rows.map(({ key }) => JSON.stringify(refs.get(key) ?? [])), rows.length],
        ),
      );
      if (rows.length < MOST) return;
    }
  }
}

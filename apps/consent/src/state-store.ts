import type { PersonRecord, PersonState, PolicyState, StateChange } from '@attesta/decisions';
import { listen } from '@attesta/event-log';
import type pg from 'pg';

type Tx = Pick<pg.PoolClient, 'query'>;

export const STATE_CHANNEL = 'attesta_consent_state';

export interface NewState {
  /** A subject id, or POLICY_KEY. */
  key: string;
  /** Null: forgotten. */
  state: PersonRecord | PolicyState | null;
}

/**
 * Puts states in the place of those before; where nothing is new, nothing changes. Near the end of a transaction, for the numbers are handed
 * out under a lock that lasts until its commit: whoever reads in their order misses none.
 * @returns the number of each key that changed
 */
export async function writeStates(tx: Tx, states: readonly NewState[]): Promise<Map<string, number>> {
  if (states.length === 0) return new Map();
  const { rows } = await tx.query<{ key: string; changed: string }>(
    `with head as (update state_head set changed = changed + $3 returning changed - $3 as base),
          fresh as (select key, state, o from unnest($1::text[], $2::jsonb[]) with ordinality f(key, state, o))
     insert into consent_state as s (key, changed, state) select key, base + o, state from fresh, head
     on conflict (key) do update set changed = excluded.changed, state = excluded.state, refs = case when excluded.state is null then null else s.refs end
      where s.state is distinct from excluded.state
     returning key, changed`,
    [states.map(({ key }) => key), states.map(({ state }) => (state === null ? null : JSON.stringify(state))), states.length],
  );
  if (rows.length > 0) await tx.query(`notify ${STATE_CHANNEL}`);
  return new Map(rows.map(({ key, changed }) => [key, Number(changed)]));
}

/** The states as a relay reads them. */
export const stateSource = (pool: pg.Pool) => ({
  read: (after: number, limit: number) => readChanges(pool, after, limit),
  watch: (wake: () => void) => listen(pool, STATE_CHANNEL, wake),
});

/** States changed after a number, in order; each key once, as it is now. */
export async function readChanges(db: Tx, after: number, limit: number): Promise<StateChange[]> {
  const { rows } = await db.query<{ key: string; changed: string; refs: string[] | null; state: PersonRecord | PolicyState | null }>(
    'select key, changed, refs, state from consent_state where changed > $1 order by changed limit $2',
    [after, limit],
  );
  return rows.map(({ key, changed, refs, state }) => ({ key, changed: Number(changed), state: told(state, refs) }));
}

function told(state: PersonRecord | PolicyState | null, refs: string[] | null): PersonState | PolicyState | null {
  if (state === null || 'amendments' in state) return state;
  return { refs: refs ?? [], record: state };
}

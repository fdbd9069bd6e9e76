import { POLICY_KEY, type PolicyState } from '@attesta/decisions';
import { amended, amends, loadPolicy, type Amendment, type Policy, type PolicySource } from '@attesta/policy';
import type pg from 'pg';
import { writeStates } from './state-store.js';

type Tx = Pick<pg.PoolClient, 'query'>;

/** The policy file with what was published and registered since, the same in every process of the service. */
export class Policies {
  private readonly base: Policy;
  private seen = -1;
  private now: Policy;

  /** @throws PolicyError */
  constructor(private readonly source: PolicySource) {
    this.base = loadPolicy(source);
    this.now = this.base;
  }

  /** As of the last look. */
  get current(): Policy {
    return this.now;
  }

  /** Looks again where the state under POLICY_KEY has another number than what was seen. */
  async at(tx: Tx, changed: number): Promise<Policy> {
    if (changed !== this.seen) {
      this.now = amended(this.base, await readAmendments(tx));
      this.seen = changed;
    }
    return this.now;
  }

  async refresh(tx: Tx): Promise<Policy> {
    const { rows } = await tx.query<{ changed: string }>('select changed from consent_state where key = $1', [POLICY_KEY]);
    return this.at(tx, Number(rows[0]?.changed ?? -1));
  }

  /** Tells everybody the policy file of this process, if it is another than they know. */
  async tell(tx: Tx): Promise<void> {
    const state: PolicyState = { source: this.source, amendments: await readAmendments(tx) };
    await writeStates(tx, [{ key: POLICY_KEY, state }]);
    await this.refresh(tx);
  }

  /** @returns false when it was known */
  async add(tx: Tx, origin: { source: string; id: string; position: number }, amendment: Amendment): Promise<boolean> {
    const { rowCount } = await tx.query(
      'insert into amendment (source, id, position, type, time, data) values ($1, $2, $3, $4, $5, $6) on conflict do nothing',
      [origin.source, origin.id, origin.position, amendment.type, amendment.time, JSON.stringify(amendment.data)],
    );
    if (rowCount === 0) return false;
    await this.tell(tx);
    return true;
  }
}

async function readAmendments(tx: Tx): Promise<Amendment[]> {
  const { rows } = await tx.query<Amendment>('select type, time, data from amendment order by position');
  return rows.filter(({ type }) => amends(type));
}

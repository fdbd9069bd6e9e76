import type { DisposalState } from './disposal.decider.js';
import { IS_BEHIND } from './erasures.js';
import type { Retention } from './retention.js';

/** A disposal as officers and auditors see it. */
export interface DisposalView {
  id: string;
  subject: string;
  request: string | null;
  cause: string;
  status: DisposalState['status'];
  action: string;
  classes: string[];
  /** What systems were asked to erase. */
  categories: string[];
  rules: string[];
  collectedUntil: string;
  startedAt: string;
  endedAt: string | null;
  /** What is waited for. */
  waitsFor: ('ledger-closes' | 'systems' | 'ledger-destroys' | 'earlier-disposals' | 'the-log')[];
  fence: number | null;
  keys: string[];
  scope: 'class' | 'subject';
  /** Sealed events of it, by position. */
  positions: number[];
}

export interface DisposalFilter {
  status?: string | undefined;
  request?: string | undefined;
  subject?: string | undefined;
  after?: string | undefined;
  limit: number;
}

const COLUMNS = `id, subject, request, cause, status, state, ready, started_at, ended_at, positions,
  ${IS_BEHIND} as behind`;

/** Newest first. */
export async function listDisposals(
  retention: Retention,
  { status, request, subject, after, limit }: DisposalFilter,
): Promise<DisposalView[]> {
  const { rows } = await retention.pool.query<Row>(
    `select ${COLUMNS} from disposal
      where ($1::text is null or status = $1) and ($2::uuid is null or request = $2) and ($3::uuid is null or subject = $3)
        and ($4::uuid is null or (started_at, id) < (select started_at, id from disposal where id = $4))
      order by started_at desc, id desc limit $5`,
    [status ?? null, request ?? null, subject ?? null, after ?? null, limit],
  );
  return rows.map(viewOf);
}

export async function findDisposal(retention: Retention, id: string): Promise<DisposalView | undefined> {
  const { rows } = await retention.pool.query<Row>(`select ${COLUMNS} from disposal where id = $1`, [id]);
  return rows[0] && viewOf(rows[0]);
}

interface Row {
  id: string;
  subject: string;
  request: string | null;
  cause: string;
  status: DisposalState['status'];
  state: DisposalState;
  ready: boolean;
  behind: boolean;
  started_at: Date;
  ended_at: Date | null;
  positions: string[];
}

const viewOf = ({ state, started_at: startedAt, ended_at: endedAt, positions, ready, behind, ...row }: Row): DisposalView => ({
  ...row,
  action: state.action,
  classes: state.classes,
  categories: state.categories,
  rules: state.rules,
  collectedUntil: state.collectedUntil,
  startedAt: startedAt.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
  waitsFor: waitsFor(state, ready, behind),
  fence: state.closed?.fence ?? null,
  keys: state.keys,
  scope: state.scope,
  positions: positions.map(Number),
});

function waitsFor(state: DisposalState, ready: boolean, behind: boolean): DisposalView['waitsFor'] {
  if (state.status === 'instructed') return ['ledger-destroys'];
  if (state.status !== 'started') return [];
  return [
    ...(state.closed ? [] : (['ledger-closes'] as const)),
    ...(state.request === undefined && state.acknowledgements === undefined ? (['systems'] as const) : []),
    ...(behind ? (['earlier-disposals'] as const) : []),
    ...(ready && !behind ? (['the-log'] as const) : []),
  ];
}

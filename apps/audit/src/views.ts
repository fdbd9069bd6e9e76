import type pg from 'pg';
import { answerOf, columnsOf, selectionOf, type AnswerOf, type Shape } from './row-shape.js';

const VIEW = { id: 'uuid', name: 'text', query: 'text', shared: 'flag', owner: 'text', createdAt: 'time' } as const satisfies Shape;
const COLUMNS = columnsOf(VIEW);
const MOST_VIEWS = 500;

/** A query under a name. */
export type SavedView = Omit<AnswerOf<typeof VIEW>, 'owner'> & { /** Of whoever asks. */ mine: boolean };

export interface NewView {
  id: string;
  name: string;
  query: string;
  shared: boolean;
}

type Tx = Pick<pg.PoolClient, 'query'>;

/** Their own, and what others share, by name. */
export async function viewsOf(db: Tx, owner: string): Promise<SavedView[]> {
  const { rows } = await db.query<object>(
    `select ${selectionOf(COLUMNS)} from saved_view where owner = $1 or shared order by name, id limit ${MOST_VIEWS}`,
    [owner],
  );
  return rows.map((row) => viewOf(row, owner));
}

/** @returns the view, new or as it was; undefined where the id is another view's */
export async function saveView(
  tx: Tx,
  { id, name, query, shared }: NewView,
  owner: string,
  now: Date,
): Promise<{ view: SavedView; fresh: boolean } | undefined> {
  const added = await tx.query(
    'insert into saved_view (id, name, query, shared, owner, created_at) values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing',
    [id, name, query, shared, owner, now],
  );
  const { rows } = await tx.query<object>(
    `select ${selectionOf(COLUMNS)} from saved_view where id = $1 and owner = $2 and name = $3 and query = $4 and shared = $5`,
    [id, owner, name, query, shared],
  );
  return rows[0] && { view: viewOf(rows[0], owner), fresh: added.rowCount === 1 };
}

export async function countViews(tx: Tx, owner: string): Promise<number> {
  const { rows } = await tx.query<{ n: string }>('select count(*) as n from saved_view where owner = $1', [owner]);
  return Number(rows[0]!.n);
}

/** @param sharedToo what others share is theirs to remove as well @returns whether there was one */
export async function removeView(tx: Tx, id: string, owner: string, sharedToo: boolean): Promise<boolean> {
  const { rowCount } = await tx.query('delete from saved_view where id = $1 and (owner = $2 or (shared and $3))', [id, owner, sharedToo]);
  return rowCount === 1;
}

function viewOf(row: object, asking: string): SavedView {
  const { owner, ...view } = answerOf<typeof VIEW>(COLUMNS, row);
  return { ...view, mine: owner === asking };
}

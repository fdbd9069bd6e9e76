import type { Fact } from '@attesta/decisions';
import type pg from 'pg';
import type { Births } from './births.js';

type Tx = Pick<pg.PoolClient, 'query'>;

interface Row {
  source: string;
  id: string;
  subject: string;
  kind: Fact['kind'];
  identity: string | null;
  at: Date;
  known: Date;
  position: string | null;
  body: Record<string, unknown>;
  kek: string | null;
  sealed: Buffer | null;
}

/** What became of a fact that was stored. */
export interface Stored {
  source: string;
  id: string;
  /** It was not there before. */
  fresh: boolean;
}

/** Facts in the database. */
export class FactStore {
  constructor(private readonly births: Births) {}

  /** Adds facts; of those that are there already only a missing position is filled in, and those about people who are forgotten are left out. */
  async add(tx: Tx, facts: readonly Fact[]): Promise<Stored[]> {
    if (facts.length === 0) return [];
    const rows = await Promise.all(facts.map((fact) => this.toRow(fact)));
    const { rows: stored } = await tx.query<Stored>(
      `insert into fact (source, id, subject, kind, identity, at, known, position, body, kek, sealed)
       select f->>'source', f->>'id', (f->>'subject')::uuid, f->>'kind', (f->>'identity')::uuid, to_timestamp((f->>'at')::float8 / 1000),
              to_timestamp((f->>'known')::float8 / 1000), (f->>'position')::int8, f->'body', f->>'kek', decode(f->>'sealed', 'base64')
         from jsonb_array_elements($1::jsonb) f
        where not exists (select 1 from forgotten x where x.subject in ((f->>'subject')::uuid, (f->>'identity')::uuid))
       on conflict (source, id) do update set position = coalesce(fact.position, excluded.position)
       returning source, id, xmax = 0 as fresh`,
      [JSON.stringify(rows)],
    );
    return stored;
  }

  /** The fact that was stored under a name. */
  async find(tx: Tx, source: string, id: string): Promise<Fact | undefined> {
    return (await this.read(tx, 'select * from fact where source = $1 and id = $2', [source, id]))[0];
  }

  /** Everything about these people, and every tie of these identities. */
  load(tx: Tx, subjects: readonly string[]): Promise<Fact[]> {
    return this.read(
      tx,
      'select * from fact where subject = any($1::uuid[]) union all select * from fact where identity = any($1::uuid[]) and subject <> all($1::uuid[])',
      [subjects],
    );
  }

  /** Everybody who is or was tied to one of these people or identities. */
  async tied(tx: Tx, subjects: readonly string[]): Promise<string[]> {
    const { rows } = await tx.query<{ id: string }>(
      `select identity as id from fact where kind = 'link' and subject = any($1::uuid[])
       union select subject from fact where identity = any($1::uuid[])`,
      [subjects],
    );
    return rows.map(({ id }) => id);
  }

  /** Leaves nothing of people behind. @returns of whom there was something */
  async forget(tx: Tx, subjects: readonly string[]): Promise<string[]> {
    const { rows } = await tx.query<Pick<Row, 'subject' | 'identity'>>(
      'delete from fact where subject = any($1::uuid[]) or identity = any($1::uuid[]) returning subject, identity',
      [subjects],
    );
    const named = new Set(rows.flatMap(({ subject, identity }) => [subject, identity]));
    return subjects.filter((subject) => named.has(subject));
  }

  private async read(tx: Tx, text: string, values: unknown[]): Promise<Fact[]> {
    const { rows } = await tx.query<Row>(text, values);
    const dated = rows.filter(({ sealed }) => sealed !== null);
    const dates = await this.births.open(dated.map(({ kek, sealed }) => ({ kek: kek!, sealed: sealed! })));
    const birthDates = new Map(dated.map((row, i) => [row, dates[i]!]));
    return rows.map((row) => fromRow(row, birthDates.get(row)));
  }

  private async toRow(fact: Fact): Promise<Record<string, unknown>> {
    const { source, id, subject, kind, at, known, position, ...rest } = fact;
    const { birthDate, identity, ...body } = rest as { birthDate?: string; identity?: string };
    const birth = birthDate === undefined ? undefined : await this.births.seal(birthDate);
    return {
      ...{ source, id, subject, kind, at, known, position, body },
      ...(identity !== undefined && { identity }),
      ...(birth && { kek: birth.kek, sealed: birth.sealed.toString('base64') }),
    };
  }
}

function fromRow({ source, id, subject, kind, identity, at, known, position, body }: Row, birthDate: string | undefined): Fact {
  return {
    ...body,
    ...{ source, id, subject, kind, at: at.getTime(), known: known.getTime() },
    position: position === null ? null : Number(position),
    ...(identity !== null && { identity }),
    ...(birthDate !== undefined && { birthDate }),
  } as Fact;
}

import { randomUUID } from 'node:crypto';
import type { FieldProblem } from '@attesta/events';
import { personalKind } from '@attesta/policy';
import { PersonalEncryptor, type IntakeKey } from '@attesta/vault';
import type pg from 'pg';
import type { Channel } from './prepare.js';

export interface Rejection {
  /** Place among the rejections, contiguous from 0. */
  position: number;
  at: string;
  eventId: string | null;
  source: string | null;
  type: string | null;
  transport: Channel;
  publisher: string | null;
  problems: FieldProblem[];
}

export interface NewRejection {
  eventId?: string | undefined;
  source?: string | undefined;
  type?: string | undefined;
  transport: Channel;
  publisher?: string | undefined;
  problems: FieldProblem[];
  /** Refs and ids of the people it names, as far as that can be read. */
  people: string[];
  /** The event as it came. */
  original: unknown;
}

export interface RejectionFilter {
  source?: string | undefined;
  type?: string | undefined;
  code?: string | undefined;
  /** Only older ones than this position. */
  before?: number | undefined;
  limit: number;
}

const ORIGINAL_SOURCE = '//attesta/rejections';

/** What was refused and why. Only the event as it came is ever removed, when somebody it names is forgotten. */
export class Rejections {
  private encryptor: { kid: string; to: PersonalEncryptor } | undefined;

  constructor(
    private readonly pool: pg.Pool,
    private readonly intakeKey: IntakeKey,
    private readonly now: () => Date,
  ) {}

  /** To the newest intake key. */
  private encrypt(original: unknown, key: string): string {
    const { publicKey } = this.intakeKey;
    if (this.encryptor?.kid !== publicKey.kid) this.encryptor = { kid: publicKey.kid, to: new PersonalEncryptor(publicKey) };
    return this.encryptor.to.encrypt({ original: sendable(original) }, { source: ORIGINAL_SOURCE, id: key, subject: '' });
  }

  /** @returns positions in the order given */
  async add(rejections: readonly NewRejection[]): Promise<number[]> {
    const at = this.now().toISOString();
    const rows = rejections.map(({ original, ...row }) => {
      const key = randomUUID();
      const names = { eventId: nameOrNothing(row.eventId), source: nameOrNothing(row.source), type: nameOrNothing(row.type) };
      return {
        ...row,
        ...names,
        at,
        original: `${key}.${this.encrypt(original, key)}`,
      };
    });
    const { rows: added } = await this.pool.query<{ position: string }>(
      // The head's lock is held until the commit: positions are contiguous and become visible in order.
      `with head as (update rejection_head set size = size + $2 returning size - $2 as first)
       insert into rejection (position, at, event_id, source, type, transport, publisher, problems, people, original)
       select first + o - 1, (r->>'at')::timestamptz, r->>'eventId', r->>'source', r->>'type', r->>'transport', r->>'publisher', r->'problems',
              array(select jsonb_array_elements_text(r->'people')), r->>'original'
         from head, jsonb_array_elements($1::jsonb) with ordinality x(r, o) order by o returning position`,
      [JSON.stringify(rows), rows.length],
    );
    return added.map(({ position }) => Number(position));
  }

  async list({ source, type, code, before, limit }: RejectionFilter): Promise<Rejection[]> {
    const { rows } = await this.pool.query<Row>(
      `select position, at, event_id, source, type, transport, publisher, problems from rejection
        where ($1::text is null or source = $1) and ($2::text is null or type = $2) and ($3::jsonb is null or problems @> $3)
          and ($4::bigint is null or position < $4) order by position desc limit $5`,
      [source ?? null, type ?? null, code === undefined ? null : JSON.stringify([{ code }]), before ?? null, limit],
    );
    return rows.map(fromRow);
  }

  /** The rejection with the event as it was sent; null once somebody whom it names was forgotten. */
  async get(position: number): Promise<(Rejection & { original: unknown }) | undefined> {
    const { rows } = await this.pool.query<Row & { original: string | null }>('select * from rejection where position = $1', [position]);
    const row = rows[0];
    if (!row) return undefined;
    if (row.original === null) return { ...fromRow(row), original: null };
    const dot = row.original.indexOf('.');
    const key = row.original.slice(0, dot);
    const { original } = this.intakeKey.decrypt(row.original.slice(dot + 1), { source: ORIGINAL_SOURCE, id: key, subject: '' }) as {
      original: unknown;
    };
    return { ...fromRow(row), original };
  }

  /** Removes what was kept of events that name any of these people. That they were refused, and why, stays. */
  async forget(people: readonly string[]): Promise<void> {
    await this.pool.query('update rejection set original = null where original is not null and people && $1', [people]);
  }

  /** For the relay to attesta.rejected.v1: what a topic may hold, in order. */
  async read(after: number, limit: number): Promise<Rejection[]> {
    const { rows } = await this.pool.query<Row>(
      'select position, at, event_id, source, type, transport, publisher, problems from rejection where position > $1 order by position limit $2',
      [after, limit],
    );
    return rows.map(fromRow);
  }

  /** Rejections are rare and nobody waits for them: the relay looks now and then. */
  watch(wake: () => void): Promise<() => Promise<void>> {
    const timer = setInterval(wake, 1000);
    return Promise.resolve(() => Promise.resolve(clearInterval(timer)));
  }
}

interface Row {
  position: string;
  at: Date;
  event_id: string | null;
  source: string | null;
  type: string | null;
  transport: Channel;
  publisher: string | null;
  problems: FieldProblem[];
}

const fromRow = (row: Row): Rejection => ({
  position: Number(row.position),
  at: row.at.toISOString(),
  eventId: row.event_id,
  source: row.source,
  type: row.type,
  transport: row.transport,
  publisher: row.publisher,
  problems: row.problems,
});

/** Bytes: an id and a source stand in one index together, whose rows PostgreSQL keeps below 2,704; those of an event that is sealed are shorter. */
const LONGEST_NAME = 1_300;

/** What cannot be stored as a name, or may be somebody's, stands in the original alone. */
const nameOrNothing = (name: string | undefined): string | undefined =>
  name !== undefined && Buffer.byteLength(name) <= LONGEST_NAME && !name.includes('\u0000') && personalKind(name) === undefined
    ? name.toWellFormed()
    : undefined;

/** Text is kept as it is; a value as JSON text, because hostile ones (half surrogates, say) have no canonical form. */
function sendable(original: unknown): string {
  const text = typeof original === 'string' ? original : (JSON.stringify(original) ?? '');
  return text.toWellFormed().slice(0, 300_000);
}

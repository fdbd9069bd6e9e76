import type pg from 'pg';
import { listen } from './sealed-log.js';

/**
 * A service's own log: what it decided, by stream. Appending is at once the outbox: a relay carries every event to the ledger's intake.
 * No personal data belongs here.
 */
export const serviceLogTables = `
create table service_log_head (one boolean primary key default true check (one), size bigint not null) with (fillfactor = 10);
insert into service_log_head (size) values (0);
create table service_event (
  position bigint primary key, stream text not null, version int not null, id uuid not null unique,
  type text not null, time timestamptz not null, subject text, actor text, data jsonb not null, trace text,
  unique (stream, version)
);
`;

export const SERVICE_LOG_CHANNEL = 'attesta_service_log';

export interface NewEvent {
  /** UUID; the same for the same cause, so that deciding twice appends once. */
  id: string;
  type: string;
  /** RFC 3339. */
  time: string;
  /** Subject id or subject ref, never a clear identifier. */
  subject?: string;
  actor?: string;
  data: Record<string, unknown>;
  trace?: string;
}

export interface LoggedEvent extends NewEvent {
  position: number;
  stream: string;
  version: number;
}

/** Another writer was first: read the stream again and decide anew. */
export class VersionConflict extends Error {
  constructor(
    readonly stream: string,
    readonly expected: number,
  ) {
    super(`stream ${stream} is no longer at version ${expected}`);
  }
}

type Queryable = Pick<pg.Pool, 'query'>;

export class ServiceLog {
  constructor(private readonly pool: pg.Pool) {}

  /**
   * Appends in the caller's transaction; do it last, for the log's head stays locked until the commit (that is what makes positions
   * contiguous in commit order).
   * @param expected the stream's version the decision was made on (0 = new), or 'any'
   * @throws VersionConflict
   */
  async append(
    tx: Queryable,
    stream: string,
    expected: number | 'any',
    events: readonly NewEvent[],
  ): Promise<{ position: number; version: number }> {
    const n = events.length;
    const head = await tx.query<{ first: string }>('update service_log_head set size = size + $1 returning size - $1 as first', [n]);
    const first = Number(head.rows[0]!.first);
    // A statement of its own: it must see what was committed while the head was waited for.
    const { rows } = await tx.query<{ version: number }>(
      `with stream as (select coalesce(max(version), 0) as version from service_event where stream = $2),
            added as (
              insert into service_event (position, stream, version, id, type, time, subject, actor, data, trace)
              select $1 + o - 1, $2, stream.version + o, (e->>'id')::uuid, e->>'type', (e->>'time')::timestamptz, e->>'subject', e->>'actor',
                     e->'data', e->>'trace'
                from stream, jsonb_array_elements($3::jsonb) with ordinality x(e, o))
       select version, pg_notify($4, '') from stream`,
      [first, stream, JSON.stringify(events), SERVICE_LOG_CHANNEL],
    );
    const { version } = rows[0]!;
    if (expected !== 'any' && version !== expected) throw new VersionConflict(stream, expected);
    return { position: first + n - 1, version: version + n };
  }

  /** Events with position > `after` (-1 = from the start), in order. */
  async read(after: number, limit: number): Promise<LoggedEvent[]> {
    const { rows } = await this.pool.query<Row>('select * from service_event where position > $1 order by position limit $2', [
      after,
      limit,
    ]);
    return rows.map(fromRow);
  }

  async readStream(stream: string): Promise<LoggedEvent[]> {
    const { rows } = await this.pool.query<Row>('select * from service_event where stream = $1 order by version', [stream]);
    return rows.map(fromRow);
  }

  async size(): Promise<number> {
    const { rows } = await this.pool.query<{ size: string }>('select size from service_log_head');
    return Number(rows[0]!.size);
  }

  watch(wake: () => void): Promise<() => Promise<void>> {
    return listen(this.pool, SERVICE_LOG_CHANNEL, wake);
  }
}

interface Row {
  position: string;
  stream: string;
  version: number;
  id: string;
  type: string;
  time: Date;
  subject: string | null;
  actor: string | null;
  data: Record<string, unknown>;
  trace: string | null;
}

const fromRow = (row: Row): LoggedEvent => ({
  position: Number(row.position),
  stream: row.stream,
  version: row.version,
  id: row.id,
  type: row.type,
  time: row.time.toISOString(),
  data: row.data,
  ...(row.subject !== null && { subject: row.subject }),
  ...(row.actor !== null && { actor: row.actor }),
  ...(row.trace !== null && { trace: row.trace }),
});

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

/**
 * Appends events (JSON array of NewEvent) to a stream: one round trip for the log's head, the rows and the word to the relay. A statement of its
 * own for each: the second must see what was committed while the head was waited for.
 */
export const serviceLogAppend = `
create or replace function append_service_events (stream_name text, events jsonb, out last_position bigint, out stream_version int)
language plpgsql as $$
declare
  n int := jsonb_array_length(events);
begin
  update service_log_head set size = size + n returning size - 1 into last_position;
  select coalesce(max(version), 0) + n into stream_version from service_event where stream = stream_name;
  insert into service_event (position, stream, version, id, type, time, subject, actor, data, trace)
  select last_position - n + o, stream_name, stream_version - n + o, (e->>'id')::uuid, e->>'type', (e->>'time')::timestamptz, e->>'subject',
         e->>'actor', e->'data', e->>'trace'
    from jsonb_array_elements(events) with ordinality x(e, o);
  perform pg_notify('${SERVICE_LOG_CHANNEL}', '');
end $$;
`;

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
   * Appends in the caller's transaction, or in one of its own where `tx` is a pool; do it last, for the log's head stays locked until the commit
   * (that is what makes positions contiguous in commit order).
   * @param expected the stream's version the decision was made on (0 = new), or 'any'
   * @throws VersionConflict
   */
  async append(
    tx: Queryable,
    stream: string,
    expected: number | 'any',
    events: readonly NewEvent[],
  ): Promise<{ position: number; version: number }> {
    const { rows } = await tx.query<{ last_position: string; stream_version: number }>({
      name: 'append service events',
      text: 'select last_position, stream_version from append_service_events($1, $2)',
      values: [stream, JSON.stringify(events)],
    });
    const { last_position: position, stream_version: version } = rows[0]!;
    if (expected !== 'any' && version !== expected + events.length) throw new VersionConflict(stream, expected);
    return { position: Number(position), version };
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

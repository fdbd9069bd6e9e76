import type pg from 'pg';
import type { MessageRow, Status } from './messages.js';

/** A message as it may be looked at: neither text nor address is part of it. */
export interface MessageView {
  id: string;
  template: string;
  templateVersion: string | null;
  kind: string;
  purpose: string;
  channel: string | null;
  recipient: string;
  subject: string | null;
  request: string | null;
  cause: { source: string; id: string };
  wave: string | null;
  status: Status;
  /** Why it was suppressed, or given up. */
  reason: string | null;
  queuedAt: string;
  nextAt: string | null;
  attempts: number;
  handedOffAt: string | null;
  endedAt: string | null;
  fields: string[] | null;
  exposed: string[] | null;
  consent: number | null;
}

export interface MessageFilter {
  subject?: string | undefined;
  status?: string | undefined;
  template?: string | undefined;
  wave?: string | undefined;
  /** Id of the last one seen. */
  before?: string | undefined;
  limit: number;
}

/** Newest first. */
export async function listMessages(db: Pick<pg.Pool, 'query'>, filter: MessageFilter): Promise<MessageView[]> {
  const { subject, status, template, wave, before, limit } = filter;
  const { rows } = await db.query<MessageRow>(
    `select * from message
      where ($1::uuid is null or subject = $1) and ($2::text is null or status = $2) and ($3::text is null or template = $3) and ($4::text is null or wave = $4)
        and ($5::uuid is null or (queued_at, id) < (select queued_at, id from message where id = $5))
      order by queued_at desc, id desc limit $6`,
    [subject ?? null, status ?? null, template ?? null, wave ?? null, before ?? null, limit],
  );
  return rows.map(viewOf);
}

export async function findMessage(db: Pick<pg.Pool, 'query'>, id: string): Promise<MessageView | undefined> {
  const { rows } = await db.query<MessageRow>('select * from message where id = $1', [id]);
  return rows[0] && viewOf(rows[0]);
}

const viewOf = (row: MessageRow): MessageView => ({
  id: row.id,
  template: row.template,
  templateVersion: row.version,
  kind: row.kind,
  purpose: row.purpose,
  channel: row.channel,
  recipient: row.recipient,
  subject: row.subject,
  request: row.request,
  cause: { source: row.cause_source, id: row.cause_id },
  wave: row.wave,
  status: row.status,
  reason: row.reason,
  queuedAt: row.queued_at.toISOString(),
  nextAt: row.next_at?.toISOString() ?? null,
  attempts: row.attempts,
  handedOffAt: row.handed_off_at?.toISOString() ?? null,
  endedAt: row.ended_at?.toISOString() ?? null,
  fields: row.fields,
  exposed: row.exposed,
  consent: row.consent === null ? null : Number(row.consent),
});

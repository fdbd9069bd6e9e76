import { directoryTables, ERASURE_TABLES, erasureTables } from '@attesta/service-kit';
import { BREACH_TABLES, breachTables } from './breach.schema.js';

/**
 * The notification service's own tables, beside its log. Personal values are in `kek`, `box` columns alone, encrypted; no address is kept but the
 * one that the last word of a request goes to (request_address), until it went.
 * person: whom the log tells of; `closed_at`: the account was closed, so that there is nothing more to tell but answers. They are told of changes
 * of the notice. address_source: entries whose sealed parts may hold an address.
 * message: `channel` null: whichever the person can be reached by; `worker`: the process that is handing it off; `body`: what goes into the template
 * without being personal; `send_at`: not before; `wave`: of many that are told the same; `address`: ref of where it went. dead_address: refs of addresses that take no mail.
 * stop: a person used the link to stop that came with a message, and has not consented again since. withdrawal: measures of what came after one.
 * collected: of which categories data was collected, and when, for whom a breach concerns (6.1); wave_person: who is told, where it is not everybody.
 * supplied: data from third parties that the person is to be told of (clause 1.6); alert: what the DPO is to know, `message`: told by it.
 */
export const notificationTables = `
${directoryTables}
${erasureTables}
create table person (subject uuid primary key, language text, known_from bigint not null, closed_at timestamptz) with (fillfactor = 80);
create table address_source (subject uuid not null, position bigint not null, primary key (subject, position));
create table message (
  id uuid primary key, template text not null, kind text not null, purpose text not null, channel text, recipient text not null, subject uuid, request uuid,
  language text, cause_source text not null, cause_id text not null, body jsonb not null, kek text, box bytea, basis text, wave text,
  status text not null, queued_at timestamptz not null, send_at timestamptz, next_at timestamptz, attempts int not null default 0, worker bigint,
  version text, fields text[], exposed text[], consent bigint, address text, handed_off_at timestamptz, ended_at timestamptz, reason text
) with (fillfactor = 70);
create index message_next on message ((wave is not null), next_at, id) where status = 'queued';
create index message_handing on message (worker) where status = 'handing';
create index message_subject on message (subject, queued_at) where subject is not null;
create index message_newest on message (queued_at, id);
create index message_wave on message (wave, status) where wave is not null;
create index message_expires on message (greatest(queued_at, send_at), id) where status = 'queued';
create index message_given_up on message (queued_at, id) where status = 'failed';
create index message_failed on message (ended_at) where status = 'failed' and box is not null;
create table request_address (request uuid primary key, subject uuid not null, kek text not null, box bytea not null);
create table dead_address (ref text primary key, subject uuid not null, at timestamptz not null);
create index dead_address_subject on dead_address (subject);
create table stop (
  subject uuid not null, purpose text not null, channel text not null, message uuid not null, event uuid not null, at timestamptz not null,
  primary key (subject, purpose, channel)
);
create table withdrawal (
  source text not null, id text not null, position bigint not null, subject uuid not null, purposes text[] not null, channels text[], at timestamptz not null,
  known_at timestamptz not null, in_flight int not null default 0, last_ms bigint, after_known int not null default 0,
  primary key (source, id)
);
create index withdrawal_subject on withdrawal (subject, at);
create table wave (
  id text primary key, template text not null, cause_source text not null, cause_id text not null, body jsonb not null,
  state text not null, after uuid, upto bigint not null, people int not null default 0, planned int not null default 0,
  started_at timestamptz not null, completed_at timestamptz, posted_at timestamptz, posted_uri text
);
create table wave_person (wave text not null references wave, subject uuid not null, primary key (wave, subject));
create index wave_person_subject on wave_person (subject);
create index wave_running on wave (started_at) where state = 'running';
create table collected (
  subject uuid not null, category text not null, first_at timestamptz not null, last_at timestamptz not null, primary key (subject, category)
) with (fillfactor = 80);
create table supplied (
  position bigint not null, subject uuid not null, party text, categories text[] not null, purposes text[] not null, at timestamptz not null, due timestamptz not null,
  message uuid, primary key (position, subject)
);
create index supplied_due on supplied (due) where message is null;
create index supplied_subject on supplied (subject);
create table alert (
  id uuid primary key, kind text not null, severity text not null, urgent boolean not null, body jsonb not null, at timestamptz not null, message uuid
);
create index alert_untold on alert (at) where message is null;
create table endpoint (id uuid primary key, kinds text[], kek text not null, box bytea not null, created_at timestamptz not null);
create table endpoint_delivery (
  alert uuid not null references alert, endpoint uuid not null references endpoint on delete cascade, next_at timestamptz, attempts int not null default 0,
  delivered_at timestamptz, primary key (alert, endpoint)
);
create index endpoint_delivery_next on endpoint_delivery (next_at) where next_at is not null;
create table amendment (position bigint primary key, type text not null, time text not null, data jsonb not null);
${breachTables}
`;

const OWN = [
  'known_ref',
  'person',
  'address_source',
  'message',
  'request_address',
  'dead_address',
  'stop',
  'withdrawal',
  'wave',
  'wave_person',
  'collected',
  'supplied',
  'alert',
  'endpoint',
  'endpoint_delivery',
  'amendment',
  ...BREACH_TABLES,
  ...ERASURE_TABLES,
] as const;

/** What the running service may do: keep its own tables, append to its own log, and nothing else with that. */
export const notificationGrants = (role: string): string => `
grant select, insert, update, delete on ${OWN.join(', ')} to ${role};
grant select, insert on service_event to ${role};
grant select, update on service_log_head to ${role};
grant select, insert, update, delete on feed_cursor, feed_parked, relay_cursor, relay_parked to ${role};
`;

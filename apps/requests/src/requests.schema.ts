import { directoryTables, ERASURE_TABLES } from '@attesta/service-kit';

/**
 * opendsr_request: what a controller calls a request that it made, and a keyed digest of what it asked for. opendsr_callback: a URL that it gave,
 * encrypted; `told`: up to which version of the request's stream it knows; `open`: more may come; `failed`: changes that could not be told.
 */
const openDsrTables = `
create table opendsr_request (
  request uuid primary key references request, controller text not null, id uuid not null, digest text not null, received_at timestamptz not null,
  unique (controller, id)
);
create table opendsr_callback (
  request uuid not null references opendsr_request, n int not null, kek text not null, box bytea not null, told int not null default 0,
  next_at timestamptz not null, attempts int not null default 0, failed int not null default 0, open boolean not null default true,
  primary key (request, n)
);
create index opendsr_callback_next on opendsr_callback (next_at) where open;
`;

/**
 * The requests service's own tables, beside its log. Personal values are in `kek`, `box` columns alone, encrypted; forgetting a person empties them.
 * request: the newest state of each stream; `look_at`: its clock has to be looked at then; `cause`: what made it, so that it is made once.
 * dossier: what the ledger sealed about each person, without personal values: packages, recipients and survivors are drawn from it.
 * task: what a system was asked; `next_at`: a webhook is tried, or lateness noted, then. outgoing: mail not handed over yet.
 * task_head: the last task.number given out; numbers grow in the order of commits, and are for connected systems alone.
 * amendment: notices published and purposes registered since the policy file was written.
 * package: `box` until a link is drawn, `bytes` under the link's own key afterwards.
 */
export const requestsTables = `
${directoryTables}
create table request (
  id uuid primary key, subject uuid not null, right_id text not null, jurisdiction text not null, status text not null, version int not null,
  state jsonb not null, received_at timestamptz not null, due timestamptz, look_at timestamptz, open boolean not null,
  cause text unique, receipt text, kek text, box bytea
) with (fillfactor = 80);
create index request_subject on request (subject);
create index request_look on request (look_at) where look_at is not null;
create index request_open on request (due, id) where open;
create index request_packaged on request (id) where open and status = 'accepted';
create index request_unproved on request (((state->>'waitingSince')::bigint)) where status = 'requires-action' and state->'needs' ? 'identity-verification';

create table code (
  request uuid primary key references request, digest text not null, expires_at timestamptz not null, tries int not null default 0
);
create table code_sent (subject uuid not null, at timestamptz not null);
create index code_sent_subject on code_sent (subject, at);
create table outgoing (
  id uuid primary key, request uuid not null references request, kind text not null, kek text not null, box bytea not null,
  next_at timestamptz not null, attempts int not null default 0, failure text
);
create index outgoing_next on outgoing (next_at) where failure is null;

create table system (id text primary key, body jsonb not null, kek text, secret bytea);
create table task (
  id uuid primary key, request uuid not null references request, subject uuid not null, system text not null, body jsonb not null,
  kek text, box bytea, open boolean not null default true, issued_at timestamptz not null, due_at timestamptz not null,
  attempts int not null default 0, next_at timestamptz, late boolean not null default false, digest text, answer_kek text, answer bytea,
  number bigint
) with (fillfactor = 80);
create index task_request on task (request);
create index task_system on task (system, issued_at, id) where open;
create index task_next on task (next_at) where open and next_at is not null;
create index task_late on task (due_at) where open and not late;
create unique index task_number on task (number) where open and number is not null;
create table task_head (one boolean primary key default true check (one), number bigint not null) with (fillfactor = 10);
insert into task_head (number) values (0);

create table package (
  request uuid primary key references request, digest text not null, expires_at timestamptz not null, kek text, box bytea,
  token text unique, bytes bytea, downloaded_at timestamptz
);
create table dossier (position bigint primary key, subject uuid not null, entry jsonb not null);
create index dossier_subject on dossier (subject, position);
create index dossier_tie on dossier ((entry->'data'->'related'->0->>'subject')) where entry->>'type' like 'attesta.identifier.%';
create table amendment (position bigint primary key, type text not null, time text not null, data jsonb not null);
create table minor (subject uuid primary key);
create table mail (id text primary key, request uuid, received_at timestamptz not null, kek text, box bytea, outcome text not null);
${openDsrTables}`;

/**
 * Disposals that nobody asked for, and what a request's erasure waits for.
 * disposal: one that the retention service started; `asked`: tasks are issued, where there are any; `answered`: all of them ended, and that was said.
 * task: of a request, or of a disposal; `outcome`: how one of a disposal ended, without personal values.
 * request: `spared`: what the law keeps of an accepted erasure, until the erasure is instructed and says it.
 * general: what retention is counted from, and holds, where they are about everybody.
 */
export const disposalTables = `
create table disposal (
  id uuid primary key, subject uuid not null, body jsonb not null, asked boolean not null, answered boolean not null
) with (fillfactor = 80);
create index disposal_unasked on disposal (id) where not asked;
alter table task alter column request drop not null;
alter table task add column disposal uuid references disposal, add column outcome jsonb, add check (num_nonnulls(request, disposal) = 1);
create index task_disposal on task (disposal) where disposal is not null;
create index task_disposal_open on task (due_at, id) where open and disposal is not null;
alter table request add column spared jsonb;
create table general (position bigint primary key, entry jsonb not null);
drop table minor;
`;

const OWN = [
  'known_ref',
  'request',
  'code',
  'code_sent',
  'outgoing',
  'system',
  'task',
  'task_head',
  'package',
  'dossier',
  'amendment',
  'disposal',
  'general',
  'mail',
  'opendsr_request',
  'opendsr_callback',
  'session',
  'session_code',
  ...ERASURE_TABLES,
] as const;

/** What the running service may do: keep its own tables, append to its own log, and nothing else with that. */
export const requestsGrants = (role: string): string => `
grant select, insert, update, delete on ${OWN.join(', ')} to ${role};
grant select, insert on service_event to ${role};
grant select, update on service_log_head to ${role};
grant select, insert, update, delete on feed_cursor, feed_parked, relay_cursor, relay_parked to ${role};
`;

import { directoryTables, ERASURE_TABLES, erasureTables } from '@attesta/service-kit';

/**
 * The retention service's own tables, beside its log. Nothing in them is a personal value.
 * part: the inventory, a row for each sealed part, and for each retention class of a collection whose values systems alone hold (`part` below 0).
 * `due_at`: null while something runs that has no end yet; `disposal`: under way; `kept_until`: somebody decided to keep it until then;
 * `approved`: somebody decided to dispose of it; `removed`: its ciphertext is gone, or its key. A row goes when its disposal is completed.
 * occurrence: what retention is counted from (`channels`: a consent by channel); activity: when each person last did something; tie: identities linked
 * to a person, and unlinked. All of them stay after a person was forgotten, for as long as parts are counted from them.
 * erasure: requests for erasure, `whole` where they mean the person; `position` and what follows it: of the newest event that instructed it, and the
 * disposal that is, or will be, its last.
 * disposal: the newest state; `own`: how many events we said of it, and `heard`: how many of them came back sealed; `ready`: nothing is waited for but
 * our next step; `positions`, `destroyed`: of all sealed events of it, and of those that tell of destroyed keys.
 * plan: under which rules the inventory was planned; `upto`: the subject that planning anew has reached, null when it is done.
 */
export const retentionTables = `
${directoryTables}
${erasureTables}
create table part (
  position bigint not null, part int not null, subject uuid not null, class text not null, key text, categories text[] not null, purposes text[] not null,
  jurisdiction text not null, collected_at timestamptz not null, due_at timestamptz, action text not null default 'destroy', cause text not null default 'schedule',
  unruled boolean not null default false, held boolean not null default false, kept_until timestamptz, approved boolean not null default false, disposal uuid, removed boolean not null default false,
  primary key (position, part)
) with (fillfactor = 80);
create index part_subject on part (subject, class);
create index part_due on part (due_at, subject) where disposal is null and not held and (action <> 'review' or approved);
create index part_review on part (due_at) where action = 'review' and not approved;
create index part_disposal on part (disposal) where disposal is not null;
create table occurrence (
  position bigint primary key, subject uuid, trigger_id text not null, state text not null, at timestamptz not null, categories text[], purposes text[],
  channels text[], collected_until timestamptz
);
create index occurrence_subject on occurrence (subject);
create index occurrence_common on occurrence (position) where subject is null;
create table activity (subject uuid primary key, at timestamptz not null) with (fillfactor = 80);
create table tie (position bigint primary key, person uuid not null, identity uuid not null, linked boolean not null);
create index tie_person on tie (person);
create index tie_identity on tie (identity);
create table erasure (
  request uuid primary key, subject uuid not null, whole boolean not null default false,
  position bigint, at timestamptz, categories text[], spared jsonb, disposal uuid, started boolean not null default false
);
create unique index erasure_disposal on erasure (disposal) where disposal is not null;
create index erasure_waiting on erasure (position) where disposal is not null and not started;
create table hold (
  id uuid primary key, subject uuid, matter text not null, reason text not null, law text, categories text[], purposes text[],
  placed_at timestamptz not null, placed_by text, released_at timestamptz, released_by text, release_reason text
);
create index hold_active on hold (subject) where released_at is null;
create table disposal (
  id uuid primary key, subject uuid not null, request uuid, cause text not null, status text not null, state jsonb not null, own int not null,
  started_at timestamptz not null, ended_at timestamptz, ready boolean not null default false,
  heard int not null default 0, positions bigint[] not null default '{}', destroyed bigint[] not null default '{}'
) with (fillfactor = 70);
create index disposal_newest on disposal (started_at, id);
create index disposal_subject on disposal (subject);
create index disposal_request on disposal (request) where request is not null;
create index disposal_open on disposal (status, ready, started_at) where status in ('started', 'instructed');
create table amendment (position bigint primary key, type text not null, time text not null, data jsonb not null);
create table plan (
  one boolean primary key default true check (one), rules text not null, before text, upto uuid,
  holdings bigint not null default 0, earlier bigint not null default 0, later bigint not null default 0
);
`;

const OWN = ['known_ref', 'part', 'occurrence', 'activity', 'tie', 'erasure', 'hold', 'disposal', 'amendment', 'plan'] as const;

/** What the running service may do: keep its own tables, append to its own log, and nothing else with that. */
export const retentionGrants = (role: string): string => `
grant select, insert, update, delete on ${OWN.join(', ')} to ${role};
grant select, insert, update on ${ERASURE_TABLES.join(', ')} to ${role};
grant select, insert on service_event to ${role};
grant select, update on service_log_head to ${role};
grant select, insert, update, delete on feed_cursor, feed_parked, relay_cursor, relay_parked to ${role};
`;

import { directoryTables, ERASURE_TABLES } from '@attesta/service-kit';

/**
 * The consent service's own tables, beside its log. Everything here but dates of birth and known refs can be built again from the sealed feed.
 * fact: what was reported, one row an event, never changed but for its position; settled by `at`. kek, sealed: a date of birth, encrypted.
 * person: `decided` is what was last said of each purpose, so that a decision is an event once; `due`: a consent runs out then.
 * consent_state: the newest state under each key, for decisions here and everywhere; `changed` grows in the order of commits.
 */
export const consentTables = `
${directoryTables}
create table fact (
  source text not null, id text not null, subject uuid not null, kind text not null, identity uuid, at timestamptz not null,
  known timestamptz not null, position bigint, body jsonb not null, kek text, sealed bytea, primary key (source, id)
);
create index fact_subject on fact (subject);
create index fact_identity on fact (identity) where identity is not null;

create table person (
  subject uuid primary key, decided jsonb not null default '{}', minor boolean not null default false, due timestamptz
) with (fillfactor = 80);
create index person_due on person (due) where due is not null;
create index person_minor on person (subject) where minor;

create table state_head (one boolean primary key default true check (one), changed bigint not null) with (fillfactor = 10);
insert into state_head (changed) values (0);
create table consent_state (key text primary key, changed bigint not null, refs text[], state jsonb) with (fillfactor = 80);
create index consent_state_changed on consent_state (changed);
create index consent_state_nameless on consent_state (key) where refs is null;

create table amendment (
  source text not null, id text not null, position bigint not null, type text not null, time text not null, data jsonb not null,
  primary key (source, id)
);
create table quarantined_purpose (purpose text primary key, asked_at timestamptz not null);

create table withdrawal (
  source text not null, id text not null, subject uuid not null, taken_at timestamptz not null, changed bigint not null, primary key (source, id)
);
create index withdrawal_changed on withdrawal (changed);
create table consumer (
  name text primary key, acknowledged bigint not null, first_seen timestamptz not null, acknowledged_at timestamptz not null
);
create table propagation (
  consumer text not null, source text not null, id text not null, milliseconds bigint not null, acknowledged_at timestamptz not null,
  primary key (consumer, source, id)
);
`;

const OWN = [
  'fact',
  'person',
  'state_head',
  'consent_state',
  'known_ref',
  'amendment',
  'quarantined_purpose',
  'withdrawal',
  'consumer',
  'propagation',
  ...ERASURE_TABLES,
] as const;

/** What the running service may do: keep its own tables, append to its own log, and nothing else with that. */
export const consentGrants = (role: string): string => `
grant select, insert, update, delete on ${OWN.join(', ')} to ${role};
grant select, insert on service_event to ${role};
grant select, update on service_log_head to ${role};
grant select, insert, update, delete on feed_cursor, feed_parked, relay_cursor, relay_parked to ${role};
`;

import { ERASURE_TABLES, erasureTables } from '@attesta/service-kit';
import { EXPORT_TABLES, SEARCH_TABLES } from './search.schema.js';
import { ANSWER_TABLES, answerGrants } from './answers.schema.js';
import { FINDING_TABLES, findingGrants } from './findings.schema.js';

/**
 * The registers. Each row follows from the entry at its position, and changes only when people in it are forgotten; `position <= $n` in a query is
 * otherwise the register as it stood. They can all be dropped and built again from the log. Few indexes: each is paid for by every entry.
 */
export const registerTables = `
create table timeline (
  position bigint primary key, subject uuid, type text not null, time timestamptz not null, recorded_at timestamptz not null, bytes bytea not null
);
alter table timeline alter bytes set storage external;
create table timeline_subject (subject uuid not null, position bigint not null, primary key (subject, position));

create table link (
  position bigint primary key, person uuid not null, identity uuid not null, linked boolean not null, kind text not null, provider text,
  rule text not null, occurred_at timestamptz not null
);
create index link_person on link (person);
create index link_identity on link (identity);

create table collection (
  position bigint primary key, subject uuid not null, categories text[] not null, purposes text[] not null, basis text not null,
  basis_citation text, consent bigint, occasion text not null, method text not null, channel text not null, origin text not null,
  origin_party text, notice_version text, context json, controller text, jurisdiction text, occurred_at timestamptz not null,
  recorded_at timestamptz not null, source text not null
);

create table disclosure (
  position bigint primary key, subject uuid, recipient text not null, role text, country text, transfer_ground text,
  categories text[] not null, purposes text[] not null, basis text not null, basis_citation text, consent bigint, initiator text not null,
  legal_reference text, channel text, context json, controller text, jurisdiction text, occurred_at timestamptz not null,
  recorded_at timestamptz not null, source text not null
);
create index disclosure_recipient on disclosure (recipient, position);

create table outbound_link (position bigint primary key, recipient text not null, page text, occurred_at timestamptz not null);

create table access (
  position bigint primary key, subject uuid, actor text, role text, action text not null, resource text not null, reason text,
  outcome text not null, rows_read bigint, as_of bigint, occurred_at timestamptz not null, recorded_at timestamptz not null,
  source text not null
);
create index access_subject on access (subject, position);
create index access_actor on access (actor, position);

create table consent (
  position bigint not null, subject uuid not null, purpose text not null, status text not null, method text not null, notice_version text,
  occurred_at timestamptz not null, expires_at timestamptz, primary key (subject, purpose, position)
);

create table confined_collection (position bigint primary key, subject uuid not null, method text not null, categories text[] not null);
create index confined_collection_subject on confined_collection (subject);

create table third_party_source (
  position bigint primary key, subject uuid not null, origin_party text, categories text[] not null, jurisdiction text not null,
  occurred_at timestamptz not null, last_day text, overdue_from timestamptz not null
);
create table source_notice (position bigint primary key, subject uuid, covers bigint[], occurred_at timestamptz not null);
create index source_notice_subject on source_notice (subject);

create table finding (
  position bigint not null, finding text not null, rule text not null, severity text not null, clause text, law text, subject uuid,
  positions bigint[] not null, explanation text not null, recorded_at timestamptz not null, primary key (position, rule)
);
create unique index finding_name on finding (finding);
create index finding_subject on finding (subject);
create table finding_event (
  position bigint primary key, finding text not null, raised boolean not null, rule text, severity text, clause text, law text, subject uuid,
  positions bigint[], explanation text not null, source text not null, recorded_at timestamptz not null
);
create index finding_event_finding on finding_event (finding, position);

create table to_judge (position bigint primary key, candidate jsonb not null);
`;

/** Forgetting people: what is left of their entries, and what was disposed of. The registers are filled anew, for they may hold who is forgotten. */
export const forgettingTables = `
${erasureTables}
alter table timeline add leaf_hash bytea;
alter table finding_event alter explanation drop not null;
create table disposal (
  position bigint primary key, subject uuid not null, scope text not null, categories text[] not null, kept text[] not null,
  collected_until timestamptz not null, occurred_at timestamptz not null
);
create index disposal_subject on disposal (subject);
`;

/** What people are written, breaches, and what findings about messages ask for. The registers are filled anew: consents have channels now. */
export const messageTables = `
alter table consent add column channels text[], add column recorded_at timestamptz not null;
create table objection (
  position bigint not null, subject uuid not null, purpose text not null, objects boolean not null, occurred_at timestamptz not null,
  recorded_at timestamptz not null, primary key (subject, purpose, position)
);
create table message (
  position bigint primary key, message uuid not null, subject uuid, outcome text not null, template text, template_version text,
  channel text not null, purpose text, kind text, language text, fields text[], exposed text[], reason text, because text[], status text,
  attempts bigint, consent bigint, cause json, queued_at timestamptz, handed_off_at timestamptz, milliseconds bigint, until timestamptz,
  occurred_at timestamptz not null, recorded_at timestamptz not null, source text not null
);
create index message_message on message (message);
create table breach (
  position bigint primary key, breach uuid not null, event text not null, subject uuid, jurisdiction text, clock text, due timestamptz,
  details json not null, occurred_at timestamptz not null, recorded_at timestamptz not null, source text not null
);
`;

/** Those there were when forgetting came. */
export const FIRST_TABLES = [
  'timeline',
  'timeline_subject',
  'link',
  'collection',
  'disclosure',
  'outbound_link',
  'access',
  'consent',
  'confined_collection',
  'third_party_source',
  'source_notice',
  'disposal',
  'finding',
  'finding_event',
  'to_judge',
] as const;

export const REGISTER_TABLES = [...FIRST_TABLES, 'message', 'breach', ...ANSWER_TABLES, ...SEARCH_TABLES, ...FINDING_TABLES] as const;

/** What the running service may do: fill and empty its registers, append to its own log, and nothing else with that. */
export const registerGrants = (role: string): string => `
grant select, insert, delete, truncate on ${REGISTER_TABLES.join(', ')} to ${role};
${answerGrants(role)}
${findingGrants(role)}
grant select, insert, update, delete on ${EXPORT_TABLES.join(', ')} to ${role};
grant select, insert, update on ${ERASURE_TABLES.join(', ')} to ${role};
grant select, insert on service_event to ${role};
grant select, update on service_log_head to ${role};
grant select, insert, update, delete on feed_cursor, feed_parked, relay_cursor, relay_parked to ${role};
`;

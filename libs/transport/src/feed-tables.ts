/**
 * Tables of a consumer, in the consumer's own database; its first migration runs this. Can be run again.
 * feed_cursor: one row per group, topic and partition. feed_parked: events set aside.
 */
export const feedTables = `
create table if not exists feed_cursor (
  consumer text not null,
  topic text not null,
  partition integer not null,
  partitions integer not null,
  position bigint not null default -1,
  next_offset bigint,
  mark text,
  epoch bigint not null default 0,
  updated_at timestamptz not null default now(),
  primary key (consumer, topic, partition)
) with (fillfactor = 50);
create table if not exists feed_parked (
  consumer text not null,
  topic text not null,
  partition integer not null,
  position bigint not null,
  key text not null,
  poison boolean not null,
  bytes bytea not null,
  leaf_hash bytea not null,
  trace text,
  error text,
  attempts integer not null default 0,
  state text not null default 'parked' check (state in ('parked', 'discarded')),
  reason text,
  parked_at timestamptz not null default now(),
  primary key (consumer, topic, position)
);
create index if not exists feed_parked_by_key on feed_parked (consumer, topic, partition, key, position) where state = 'parked';
`;

/**
 * Tables of a relay, in the database of the log it reads. Can be run again.
 * relay_cursor: what Kafka (or the intake) has acknowledged. relay_parked: own events that the intake refused.
 */
export const relayTables = `
create table if not exists relay_cursor (
  relay text primary key,
  position bigint not null default -1,
  tails jsonb not null default '{}',
  updated_at timestamptz not null default now()
) with (fillfactor = 50);
create table if not exists relay_parked (
  relay text not null,
  position bigint not null,
  event jsonb not null,
  problems jsonb not null,
  parked_at timestamptz not null default now(),
  primary key (relay, position)
);
`;

/**
 * Events that were refused: kept, so that nothing a publisher sent is lost. `original` is the event as it came, encrypted to the ledger's
 * own intake key, for it may hold personal values.
 */
export const rejectionTables = `
create table rejection_head (one boolean primary key default true check (one), size bigint not null) with (fillfactor = 10);
insert into rejection_head (size) values (0);
create table rejection (
  position bigint primary key,
  at timestamptz not null, event_id text, source text, type text, transport text not null, publisher text,
  problems jsonb not null, original text
);
create index rejection_source on rejection (source, position);
create index rejection_event on rejection (event_id, source);
`;

/** Who the refused event names (refs and ids): when one of them is forgotten, the event as it came goes too. */
export const rejectedPeople = `
alter table rejection add column people text[] not null default '{}';
create index rejection_people on rejection using gin (people) where original is not null;
`;

export const rejectionGrants = (role: string): string =>
  `grant select, insert, update (original) on rejection to ${role}; grant select, update on rejection_head to ${role};`;

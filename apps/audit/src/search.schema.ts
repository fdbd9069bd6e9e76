/**
 * What search looks things up in, made from the timeline once entries are in it, so that adding entries costs nothing more. A row of search_block
 * holds the positions at which a term stands in one block; search_built says up to where a block is looked up so, and the times in it. What is not
 * built yet is read itself. Blocks may be dropped at any time: they are built again.
 */
export const searchTables = `
create table search_block (term text collate "C" not null, block int not null, bits bytea not null, primary key (term, block));
alter table search_block alter bits set storage plain;
create index search_block_block on search_block (block);
create table search_built (
  block int primary key, upto bigint not null, recorded_from bigint, recorded_to bigint, occurred_from bigint, occurred_to bigint
);

create table saved_view (
  id uuid primary key, name text not null, query text not null, shared boolean not null, owner text not null, created_at timestamptz not null
);
create index saved_view_owner on saved_view (owner);

create table export (
  id uuid primary key, query text, register text, format text not null, reason text not null, owner text not null, role text not null,
  as_of bigint not null, state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled', 'expired')),
  worker uuid, lease_until timestamptz, attempts int not null default 0, rows bigint not null default 0, total bigint, looked_to bigint,
  bytes bigint not null default 0, sha256 text, failure text, created_at timestamptz not null, finished_at timestamptz, expires_at timestamptz
);
create index export_owner on export (owner, created_at desc);
create index export_due on export (created_at) where state in ('queued', 'running');
create table export_chunk (export uuid not null references export on delete cascade, n int not null, bytes bytea not null, primary key (export, n));
alter table export_chunk alter bytes set storage external;
`;

/** What blocks are built in; emptied with the registers. */
export const SEARCH_TABLES = ['search_block', 'search_built'] as const;
export const EXPORT_TABLES = ['saved_view', 'export', 'export_chunk'] as const;

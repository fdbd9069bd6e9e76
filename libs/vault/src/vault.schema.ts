import { followedTable } from './followed.js';

/**
 * The vault's database: the only place where a pseudonym meets a (hashed) identifier, and where data keys live, wrapped. A destroyed key
 * keeps its row without its bytes, so that "destroyed" and "never was" stay different answers.
 */
export const vaultTables = `
create table subject (
  id uuid primary key, created_at timestamptz not null default clock_timestamp(), forgotten_at timestamptz
);
create table subject_ref (ref bytea primary key, subject uuid not null references subject (id));
create index subject_ref_subject on subject_ref (subject);
create table data_key (
  subject uuid not null references subject (id), class text not null, version int not null,
  kek text not null, wrapped bytea, created_at timestamptz not null default clock_timestamp(),
  destroyed_at timestamptz, reason text,
  primary key (subject, class, version),
  check ((wrapped is null) = (destroyed_at is not null))
);
-- What was destroyed and is to be told to the log: written with the destruction, so that no crash leaves it untold.
create table destruction (
  id uuid primary key, at timestamptz not null default clock_timestamp(), subject uuid not null, keys text[] not null, whole boolean not null,
  reason text not null, actor text, told boolean not null default false
);
create index destruction_untold on destruction (at) where not told;
`;

/**
 * Keys are closed before they are destroyed: nothing more is sealed under a closed one, and `closed_by` says for what. A lost one was given out
 * after the backup that this vault was restored from: its version is never used again. `n` numbers destructions in the order of their commits.
 */
export const vaultDisposals = `
alter table data_key add column closed_at timestamptz, add column closed_by uuid, add column lost_at timestamptz,
  drop constraint data_key_check, add check ((wrapped is null) = (destroyed_at is not null or lost_at is not null));
alter table destruction add column n bigint;
update destruction d set n = o.n from (select id, row_number() over (order by at, id) as n from destruction) o where o.id = d.id;
alter table destruction alter column n set not null;
create unique index destruction_n on destruction (n);
create index destruction_whole on destruction (n) where whole;
${followedTable}
`;

/** What the running ledger may do with the vault. */
export const vaultGrants = (role: string): string => `
grant select, insert, update, delete on subject, subject_ref to ${role};
grant select, insert, update on data_key, destruction, followed to ${role};
`;

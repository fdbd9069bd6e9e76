/**
 * What the patrol knows, for every replica to answer from.
 * integrity: one row. note, size, root: the newest checkpoint that held, with when it was first seen. verified, frontier: so many entries were hashed
 * as the ledger serves them and lead to a signed root, and the right edge of their tree. sweep_*: the look at the whole log that is under way, or was last.
 * integrity_problem: what did not hold; ended once a later look at the whole found it gone.
 */
export const integrityTables = `
create table integrity (
  one boolean primary key default true check (one), key text, note text, size bigint not null default 0, root bytea, seen_at timestamptz,
  verified bigint not null default 0, frontier bytea not null default '', looked_at timestamptz,
  sweep_started_at timestamptz, sweep_position bigint, sweep_completed_at timestamptz, sweep_rate double precision
);
insert into integrity default values;
create table integrity_problem (
  n bigint generated always as identity primary key, part text not null, kind text not null, position bigint, positions bigint[] not null,
  detail text not null, found_at timestamptz not null, ended_at timestamptz
);
`;

/** witnessed: what the witnesses vouch for whose keys are configured, and what is missing; null where none are. */
export const integrityWitnesses = 'alter table integrity add column witnessed jsonb;';

/** Problems stay: the service may end one, and never delete it. */
export const integrityGrants = (role: string): string => `
grant select, update on integrity to ${role};
grant select, insert, update on integrity_problem to ${role};
`;

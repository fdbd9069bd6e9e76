/** Where the second set of registers is filled. Same tables, same names: who works on them has it first in the search path. */
export const NEXT_SCHEMA = 'registers_next';

/**
 * rebuild: the one that is under way, or was last. target: position of the registers when it was ordered. compared: position at which both sets were
 * digested. rate: entries a second, until the second set had caught up for the first time. The second set is there in the states 'filling' and 'differs'.
 */
export const rebuildTables = `
create table rebuild (
  one boolean primary key default true check (one), run uuid not null,
  state text not null check (state in ('filling', 'done', 'differs', 'given-up')),
  on_difference text not null check (on_difference in ('keep', 'swap')), target bigint not null, began_at timestamptz not null, ended_at timestamptz,
  rate double precision, compared bigint, present jsonb, rebuilt jsonb, differing jsonb
);
`;

export const rebuildGrants = (role: string): string => `
grant select, update on rebuild to ${role};
`;

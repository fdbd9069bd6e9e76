import { followedTable } from '@attesta/vault';

/**
 * Events of the retention service that the ledger acts on, by key: each written before its event is appended, and deleted when all it asks for is
 * done. A key without an entry is an event that never was sealed, and means nothing.
 */
export const disposalTables = `
create table instruction (
  n bigint generated always as identity primary key, key uuid not null unique, at timestamptz not null default clock_timestamp(),
  attempts int not null default 0, due timestamptz not null default '-infinity'
);
${followedTable}
`;

export const disposalGrants = (role: string): string =>
  `grant select, insert, update, delete on instruction to ${role}; grant select, insert, update on followed to ${role};`;

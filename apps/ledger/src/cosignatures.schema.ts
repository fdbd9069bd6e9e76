/** What witnesses signed of our newest checkpoints: line is a signature line of a note, time the seconds since 1970 that it says. */
export const cosignatureTables = `
create table cosignature (size bigint, witness text, time bigint not null, line text not null, primary key (size, witness));
`;

/** Nothing is proved by an old cosignature that a newer one does not prove as well: they may go. */
export const cosignatureGrants = (role: string): string => `grant select, insert, update, delete on cosignature to ${role};`;

/**
 * Where in the log to look for what amends the policy (published notices, registered purposes): the keys of such events, each written before
 * its event is appended. A key without an entry is an event that never was sealed, and means nothing. Only what the log holds counts.
 */
export const amendmentTable = `
create table amendment (key uuid primary key);
create trigger amendment_fixed before update or delete on amendment for each row execute function refuse_change();
create trigger amendment_kept before truncate on amendment execute function refuse_change();

-- What was sealed before this table was there. Canonical entries end with their type.
insert into amendment (key)
  select e.key from entry e, (values ('"type":"attesta.notice.published.v1","v":1}'::bytea),
                                     ('"type":"attesta.purpose.registered.v1","v":1}'::bytea)) kind(ending)
   where substring(e.bytes from greatest(1, length(e.bytes) - length(kind.ending) + 1)) = kind.ending;
`;

export const amendmentGrants = (role: string): string => `grant select, insert on amendment to ${role};`;

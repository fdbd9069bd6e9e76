/**
 * The breach register. breach: `version`: how many events of it there are; `look_at`: when its clocks have next something to say; `positions`: of its
 * events in the ledger's log, by number, as far as they came back sealed.
 * breach_person: whom it concerns; `named`: position of the event that names them, once it came back; `notice`: the order by which they are told, null
 * while there is none.
 */
export const breachTables = `
create table breach (
  id uuid primary key, version int not null, state jsonb not null, look_at timestamptz, recorded_at timestamptz not null, positions jsonb not null default '{}'
) with (fillfactor = 70);
create index breach_look on breach (look_at, id) where look_at is not null;
create index breach_newest on breach (recorded_at, id);
create table breach_person (breach uuid not null, subject uuid not null, named bigint, notice int, primary key (breach, subject)) with (fillfactor = 80);
create index breach_person_subject on breach_person (subject);
`;

export const BREACH_TABLES = ['breach', 'breach_person'] as const;

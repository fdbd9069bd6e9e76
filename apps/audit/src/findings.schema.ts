/**
 * What becomes of findings, and what they are judged by: what people asked that is not consent (objections are part of it now), what was added to the
 * policy, and data from third parties that people were not told of yet. The registers are filled anew: events of findings have more columns.
 */
export const findingTables = `
drop table objection;
alter table finding_event drop raised, add id text not null, add event text not null, add assignee text, add outcome text, add actor text,
  add occurred_at timestamptz not null;
create index finding_event_assignee on finding_event (assignee) where assignee is not null;

create table flag (
  position bigint not null, subject uuid not null, kind text not null, holds boolean not null, purposes text[], categories text[], rules text[],
  occurred_at timestamptz not null, recorded_at timestamptz not null, primary key (subject, position)
);

create table amendment (
  position bigint primary key, event text not null, purpose text, data json not null, occurred_at timestamptz not null
);

create table untold_source (
  position bigint primary key, subject uuid not null, jurisdiction text not null, overdue_from timestamptz not null, raised boolean not null default false,
  told_by bigint, told_at timestamptz
);
create index untold_source_subject on untold_source (subject);
create index untold_source_due on untold_source (overdue_from) where not raised and told_by is null;
create index untold_source_told on untold_source (position) where told_by is not null;
`;

/** `untold_source` is no register but work that is left, as what waits to be judged is. */
export const FINDING_TABLES = ['flag', 'amendment', 'untold_source'] as const;

export const findingGrants = (role: string): string => `grant update on untold_source to ${role};`;

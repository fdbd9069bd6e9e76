/** What requests, disposals, holds and consents became, everybody's triggers, and the counts that charts are drawn from. */
export const answerTables = `
create table request_event (
  position bigint primary key, request uuid not null, event text not null, subject uuid not null, right_id text, jurisdiction text, channel text,
  clock text, due timestamptz, details json not null, occurred_at timestamptz not null, recorded_at timestamptz not null, source text not null
);
create index request_event_request on request_event (request, position);
create index request_received on request_event (position) include (request, right_id, occurred_at) where event = 'received';
create index request_ended on request_event (occurred_at) where event in ('fulfilled', 'rejected', 'unfulfilled');
create index request_end on request_event (request, position desc) include (event, occurred_at)
  where event in ('fulfilled', 'rejected', 'unfulfilled', 'reopened');

create table disposal_event (
  position bigint primary key, disposal uuid, event text not null, subject uuid, request uuid, cause text, details json not null,
  occurred_at timestamptz not null, recorded_at timestamptz not null, source text not null
);
create index disposal_event_disposal on disposal_event (disposal, position);
create index disposal_count on disposal_event (event, position) where event in ('started', 'completed', 'abandoned');
create index disposal_begun on disposal_event (position) where event = 'started' or disposal is null;

create table hold_event (
  position bigint primary key, hold uuid not null, placed boolean not null, subject uuid, matter text, reason text, law text, categories text[],
  purposes text[], actor text, occurred_at timestamptz not null, recorded_at timestamptz not null, source text not null
);
create index hold_event_hold on hold_event (hold, position);

create table choice (
  position bigint primary key, subject uuid not null, purposes text[] not null, status text not null, made_by text not null, method text not null,
  notice_version text, language text, wording_digest text, channels text[], categories text[], explicit boolean, expires_at timestamptz,
  controller text, jurisdiction text, occurred_at timestamptz not null, recorded_at timestamptz not null, source text not null
);

create table common_trigger (
  position bigint primary key, trigger text not null, state text not null, categories text[], purposes text[], collected_until timestamptz,
  occurred_at timestamptz not null
);

create table tally (
  kind text not null, day date not null, key text not null, n bigint not null, first bigint not null, primary key (kind, day, key)
) with (fillfactor = 70);
`;

export const ANSWER_TABLES = ['request_event', 'disposal_event', 'hold_event', 'choice', 'common_trigger', 'tally'] as const;

/** Counts grow where they stand. */
export const answerGrants = (role: string): string => `grant update on tally to ${role};`;

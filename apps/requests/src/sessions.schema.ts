/**
 * session: somebody who is proving an e-mail address; `ref`: the address as a keyed hash; `box`: the address and language, to send another code; `digest`:
 * a keyed hash of the newest code. It is gone once the code was right, was wrong too often, or the time is over.
 * session_code: codes of the last hour, by keyed hashes of the address and of the caller's network.
 * outgoing: a letter is about a request or about a session.
 */
export const sessionTables = `
create table session (
  id uuid primary key, ref text not null, kek text not null, box bytea not null, digest text not null, code_until timestamptz not null,
  tries int not null default 0, until timestamptz not null
);
create index session_until on session (until);
create index session_ref on session (ref);
create table session_code (key text not null, at timestamptz not null);
create index session_code_key on session_code (key, at);
create index session_code_at on session_code (at);
alter table outgoing alter column request drop not null, add column session uuid references session on delete cascade,
  add check (num_nonnulls(request, session) = 1);
create index outgoing_session on outgoing (session) where session is not null;
`;

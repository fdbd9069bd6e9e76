/**
 * The sealed log's tables. Entries carry contiguous positions from 0 in commit order; one row per batch holds its leaf hashes, so that the
 * tree is built without touching the entries. Nothing here can be updated or deleted through SQL short of switching triggers off, but for
 * the ciphertexts that `sealedLogFunctions` lets go.
 */
export const sealedLogTables = `
create table log_head (one boolean primary key default true check (one), size bigint not null) with (fillfactor = 10);
insert into log_head (size) values (0);

create table sealed_batch (first bigint primary key, sealed_at timestamptz not null default clock_timestamp(), leaves bytea not null);
alter table sealed_batch alter leaves set storage external;

-- pad: 32 bytes until the first update and null after it, so that pages keep room and updates stay HOT.
create table subject_head (subject uuid primary key, seq bigint not null, leaf bytea not null, pad bytea) with (fillfactor = 90);

-- key: 16 bytes that are unique for (source, id) for ever. content: 16 bytes that tell the same event again from another under its id.
-- cipher: the sealed personal parts, each behind its length in 4 bytes.
create table entry (position bigint primary key, key uuid not null, content uuid not null, bytes bytea not null, cipher bytea, trace text);
alter table entry alter bytes set storage external, alter cipher set storage external;
create unique index entry_key on entry (key);

create table tile (level int not null, n bigint not null, hashes bytea not null, primary key (level, n)) with (fillfactor = 50);
alter table tile alter hashes set storage external;
create table tree_head (one boolean primary key default true check (one), size bigint not null, frontier bytea not null, epoch bigint not null);
insert into tree_head (size, frontier, epoch) values (0, '', 0);
create table checkpoint (size bigint primary key, root bytea not null, note text not null, signed_at timestamptz not null);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% on % refused: the log is append-only', tg_op, tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger entry_fixed before update or delete on entry for each row execute function refuse_change();
create trigger entry_kept before truncate on entry execute function refuse_change();
create trigger batch_fixed before update or delete on sealed_batch for each row execute function refuse_change();
create trigger batch_kept before truncate on sealed_batch execute function refuse_change();
create trigger checkpoint_fixed before update or delete on checkpoint for each row execute function refuse_change();
create trigger checkpoint_kept before truncate on checkpoint execute function refuse_change();
create trigger tile_kept before truncate on tile execute function refuse_change();
create trigger tile_stays before delete on tile for each row execute function refuse_change();
create trigger tile_grows before update on tile for each row
  when (new.level <> old.level or new.n <> old.n or substring(new.hashes for length(old.hashes)) <> old.hashes) execute function refuse_change();
create trigger head_kept before truncate or delete on log_head execute function refuse_change();
create trigger head_grows before update on log_head for each row when (new.size < old.size) execute function refuse_change();
`;

/**
 * What happens to the log's tables. Whoever seals personal values does so under keys it has in memory, and another process may have closed
 * them: each closing raises the log's fence in the order of the appends, and a batch made before it is refused.
 */
export const sealedLogFunctions = `
alter table log_head add column fence bigint not null default 0;
drop trigger head_grows on log_head;
create trigger head_grows before update on log_head for each row
  when (new.size < old.size or new.fence < old.fence) execute function refuse_change();
create table key_fence (fence bigint not null, subject uuid not null, primary key (fence, subject));
create trigger key_fence_fixed before update or delete on key_fence for each row execute function refuse_change();
create trigger key_fence_kept before truncate on key_fence execute function refuse_change();

-- Whose keys were closed. What lies at or after the size it answers was appended by somebody who knows.
create function close_fence(p_subjects uuid[], out fence bigint, out size bigint) language plpgsql security definer set search_path = public as $$
begin
  update log_head h set fence = h.fence + 1 where h.one returning h.fence, h.size into close_fence.fence, close_fence.size;
  insert into key_fence (fence, subject) select distinct close_fence.fence, s from unnest(p_subjects) s;
end $$;

create function refuse_fenced(newest bigint) returns void language plpgsql as $$
begin
  raise exception 'keys were closed since the batch was made; the fence is at %', newest using errcode = 'AT001';
end $$;

drop function if exists append_batch;
-- h_*: one element per subject, sorted by subject; h_prev null = a new subject. p_head: index into h_* from 1, 0 = no subject.
-- p_fence: what the batch's sender knew of closed keys when it made the batch; one that knew too little is not appended (AT001).
-- Locks: new subjects, then known ones, each in subject order, log_head last: batches wait for one another but never in a ring.
create function append_batch(p_check boolean, p_key uuid[], p_content uuid[], p_bytes bytea[], p_cipher bytea[], p_trace text[], p_head int[],
  p_leaves bytea, p_new int, p_fence bigint, h_subject uuid[], h_prev bytea[], h_seq bigint[], h_leaf bytea[],
  out first bigint, out kept int[], out dup int[], out dup_position bigint[], out dup_same boolean[],
  out lost int[], out lost_seq bigint[], out lost_leaf bytea[]) language plpgsql security definer
  set search_path = public set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
  set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  n int := cardinality(p_key);
  made int := 0;
  moved int;
  skip int[] := '{}';
  newest bigint;
begin
  if p_check then -- after a restart, a redelivery or a unique violation
    select array_agg(k.o), array_agg(e.position), array_agg(e.content = k.content) into dup, dup_position, dup_same
      from unnest(p_key, p_content) with ordinality k(key, content, o) join entry e on e.key = k.key;
    if dup is not null then -- the subject's other entries in this batch were built on a wrong head: the caller builds them again
      select coalesce(array_agg(distinct p_head[i]) filter (where p_head[i] > 0), '{}') into skip from unnest(dup) i;
    end if;
  end if;
  if p_new > 0 then
    insert into subject_head (subject, seq, leaf, pad)
      select h.subject, h.seq, h.leaf, decode(repeat('00', 32), 'hex')
        from unnest(h_subject, h_prev, h_seq, h_leaf) with ordinality h(subject, prev, seq, leaf, o)
       where h.prev is null and h.o <> all (skip)
      on conflict do nothing;
    get diagnostics made = row_count;
  end if;
  update subject_head s set seq = h.seq, leaf = h.leaf, pad = null
    from unnest(h_subject, h_prev, h_seq, h_leaf) with ordinality h(subject, prev, seq, leaf, o)
   where s.subject = h.subject and s.leaf = h.prev and h.o <> all (skip);
  get diagnostics moved = row_count;
  if made + moved + cardinality(skip) < cardinality(h_subject) then -- another process moved these heads
    select array_agg(h.o), array_agg(s.seq), array_agg(s.leaf) into lost, lost_seq, lost_leaf
      from unnest(h_subject, h_leaf) with ordinality h(subject, leaf, o) left join subject_head s on s.subject = h.subject
     where h.o <> all (skip) and s.leaf is distinct from h.leaf;
    skip := skip || lost;
  end if;
  if cardinality(skip) = 0 and dup is null then
    update log_head set size = size + n where one returning size - n, fence into first, newest;
    if newest > p_fence then perform refuse_fenced(newest); end if;
    insert into entry (position, key, content, bytes, cipher, trace)
      select generate_series(first, first + n - 1), unnest(p_key), unnest(p_content), unnest(p_bytes), unnest(p_cipher), unnest(p_trace);
    insert into sealed_batch (first, leaves) values (first, p_leaves);
    return;
  end if;
  select coalesce(array_agg(e.o order by e.o), '{}') into kept from unnest(p_head) with ordinality e(head, o)
   where e.head <> all (skip) and (dup is null or e.o <> all (dup));
  n := cardinality(kept);
  if n = 0 then return; end if;
  update log_head set size = size + n where one returning size - n, fence into first, newest;
  if newest > p_fence then perform refuse_fenced(newest); end if;
  insert into entry (position, key, content, bytes, cipher, trace)
    select first + row_number() over (order by e.o) - 1, e.key, e.content, e.bytes, e.cipher, e.trace
      from unnest(p_key, p_content, p_bytes, p_cipher, p_trace) with ordinality e(key, content, bytes, cipher, trace, o)
     where e.o = any (kept);
  insert into sealed_batch (first, leaves)
    select append_batch.first, string_agg(substring(p_leaves from 32 * i - 31 for 32), ''::bytea order by i) from unnest(kept) i;
end $$;

-- The framed ciphertexts without some parts, counted from 0: their place stays, with nothing in it.
create function without_parts(p_cipher bytea, p_parts int[], out kept bytea, out emptied int) language plpgsql immutable as $$
declare
  i int := 0;
  o int := 0;
  n int;
begin
  kept := '';
  emptied := 0;
  while o < length(p_cipher) loop
    n := get_byte(p_cipher, o) << 24 | get_byte(p_cipher, o + 1) << 16 | get_byte(p_cipher, o + 2) << 8 | get_byte(p_cipher, o + 3);
    if n > 0 and i = any (p_parts) then
      kept := kept || '\\x00000000'::bytea;
      emptied := emptied + 1;
    else
      kept := kept || substring(p_cipher from o + 1 for 4 + n);
    end if;
    i := i + 1;
    o := o + 4 + n;
  end loop;
end $$;

-- Empties these ciphertexts, each named by the position of its entry and its place among the parts. Answers how many were there.
create function remove_ciphers(p_position bigint[], p_part int[]) returns bigint language sql security definer set search_path = public as $$
  with gone as (select position, array_agg(part) parts from unnest(p_position, p_part) p(position, part) group by position),
       held as (select e.position, e.cipher, g.parts from entry e join gone g on g.position = e.position
                 where e.cipher is not null order by e.position for no key update of e),
       moved as (update entry e set cipher = w.kept from held h, without_parts(h.cipher, h.parts) w
                  where e.position = h.position and w.emptied > 0 returning w.emptied)
  select coalesce(sum(emptied), 0) from moved
$$;

-- Whether one is the other with some parts emptied.
create function only_emptied(p_before bytea, p_after bytea) returns boolean language plpgsql immutable as $$
declare
  gone int[] := '{}';
  i int := 0;
  o int := 0;
begin
  while o < length(p_after) loop
    if substring(p_after from o + 1 for 4) = '\\x00000000'::bytea then gone := gone || i; end if;
    o := o + 4 + (get_byte(p_after, o) << 24 | get_byte(p_after, o + 1) << 16 | get_byte(p_after, o + 2) << 8 | get_byte(p_after, o + 3));
    i := i + 1;
  end loop;
  return (without_parts(p_before, gone)).kept = p_after;
end $$;

create function refuse_entry_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (new.position, new.key, new.content, new.bytes) = (old.position, old.key, old.content, old.bytes)
     and new.trace is not distinct from old.trace and only_emptied(old.cipher, new.cipher) then return new; end if;
  raise exception '% on entry refused: the log is append-only', tg_op using errcode = 'restrict_violation';
end $$;
drop trigger entry_fixed on entry;
create trigger entry_fixed before update or delete on entry for each row execute function refuse_entry_change();
`;

/**
 * What the running service may do with the log: read it, append, raise the fence and empty ciphertexts through the functions, and grow the
 * tree. Never update or delete an entry.
 */
export const sealedLogGrants = (role: string): string => `
grant select on log_head, sealed_batch, subject_head, entry, key_fence, tile, tree_head, checkpoint to ${role};
grant execute on function append_batch, close_fence, remove_ciphers to ${role};
grant insert on checkpoint to ${role};
grant insert, update on tile to ${role};
grant update on tree_head to ${role};
`;

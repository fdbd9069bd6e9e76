/**
 * witnessed: the newest checkpoint that was cosigned, of each log by its origin. contradiction: the first two notes of a log that were signed for the
 * same size with different roots, which together prove to anybody that the log lied.
 */
export const witnessTables = `
create table witnessed (
  origin text primary key, size bigint not null check (size >= 0), root bytea not null check (length(root) = 32), note text, at timestamptz
);
create table contradiction (origin text primary key, cosigned text not null, refused text not null, found_at timestamptz not null);

create function refuse_rollback() returns trigger language plpgsql as $$
begin
  if tg_op <> 'UPDATE' or new.origin <> old.origin or new.size < old.size or (new.size = old.size and new.root <> old.root) then
    raise exception '% on witnessed refused: what was signed stays signed', tg_op using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger witnessed_grows before update or delete on witnessed for each row execute function refuse_rollback();
create trigger witnessed_kept before truncate on witnessed execute function refuse_rollback();
`;

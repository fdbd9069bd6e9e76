import { VERIFIED_ADDRESS } from '@attesta/events';
import type pg from 'pg';
import { IDENTITY } from './dossier.js';
import type { Requests } from './requests.js';

/**
 * Who proved to one of the company's services that an address is theirs, as the ledger sealed it (`identifier.linked`). Nobody, where several people
 * did: reading the mail then does not tell which of them it is.
 * @param address subject id that the address itself has @returns subject id
 */
export async function holderOf(db: Pick<pg.Pool, 'query'>, address: string): Promise<string | undefined> {
  const { rows } = await db.query<{ subject: string }>(
    `select subject from (
       select distinct on (subject) subject, entry from dossier
        where entry->>'type' like 'attesta.identifier.%' and ${IDENTITY} = $1::text order by subject, position desc) said
      where entry->>'type' = 'attesta.identifier.linked.v1' and entry->'data'->>'kind' = 'contact' and entry->'data'->>'rule' = $2
        and not exists (select from forgotten f where f.subject = said.subject)`,
    [address, VERIFIED_ADDRESS],
  );
  return rows.length === 1 ? rows[0]!.subject : undefined;
}

/** Whether a person is known by an address, or proved it to be theirs. @param address `email|…` @param person subject id @throws Problem 422 for no address */
export async function isAddressOf({ directory, pool }: Requests, address: string, person: string): Promise<boolean> {
  const ref = directory.named(address, '/email');
  const known = (await directory.idsOf([ref], false, true)).get(ref);
  return known !== undefined && (known === person || (await holderOf(pool, known)) === person);
}

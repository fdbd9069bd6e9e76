import { networkOf, Problem } from '@attesta/service-kit';
import { hmacSha256 } from '@attesta/vault';
import type pg from 'pg';

const HOUR = 3_600_000;
/** Codes in an hour: to one address, and asked for from one network. */
const PER_ADDRESS = 5;
const PER_CALLER = 20;

export interface CodeWanted {
  /** The address, as its ref. */
  ref: string;
  /** IP address of whoever asks. */
  caller: string;
  now: Date;
  pepper: Uint8Array;
}

/**
 * Counts a code that is about to be sent. It counts addresses alike whether anybody is known by them or not.
 * @throws Problem 429 when there were too many in the hour before
 */
export async function countCode(tx: pg.PoolClient, { ref, caller, now, pepper }: CodeWanted): Promise<void> {
  const keyOf = (text: string) => Buffer.from(hmacSha256(pepper, `session\n${text}`), 'latin1').toString('hex');
  const counted = [
    { key: keyOf(`address\n${ref}`), most: PER_ADDRESS },
    { key: keyOf(`caller\n${networkOf(caller)}`), most: PER_CALLER },
  ].sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { key, most } of counted) {
    // Several at once count each other; in one order, so that none waits for one that waits for it.
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 3))', [key]);
    const { rows } = await tx.query<{ at: Date }>('select at from session_code where key = $1 and at > $2 order by at desc limit $3', [
      key,
      new Date(now.getTime() - HOUR),
      most,
    ]);
    if (rows.length === most) throw tooMany(rows.at(-1)!.at.getTime() + HOUR - now.getTime());
  }
  await tx.query('insert into session_code (key, at) select unnest($1::text[]), $2', [counted.map(({ key }) => key), now]);
}

/** Forgets what is not counted any more. */
export const forgetCounts = (tx: Pick<pg.PoolClient, 'query'>, now: Date): Promise<unknown> =>
  tx.query('delete from session_code where at <= $1', [new Date(now.getTime() - HOUR)]);

function tooMany(waitMs: number): Problem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return new Problem({
    slug: 'too-many-codes',
    status: 429,
    title: 'Too many codes were asked for',
    detail: 'As many codes as there may be in an hour were asked for, for this address or from this network.',
    fix: 'Use the newest code in the mailbox, or ask again later.',
    headers: { 'Retry-After': String(seconds) },
  });
}

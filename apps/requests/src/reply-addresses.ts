import { accessEvent, type Principal } from '@attesta/service-kit';
import type pg from 'pg';
import type { Confidential } from './intake.js';
import type { RequestState } from './request.state.js';
import type { Requests } from './requests.js';

/** Who asks when everything runs in one process. */
const NOTIFICATION: Principal = { sub: 'attesta-notification', roles: ['publisher'], sources: ['//attesta/notification'] };

export type ReplyAddresses = Record<string, { email: string }>;

interface Row {
  id: string;
  subject: string;
  identity: RequestState['identity'];
  kek: string;
  box: Buffer;
}

interface Given {
  row: Row;
  email: string;
}

/**
 * Where whoever made a request may be answered: the e-mail address that came with it, where it is one of the person's own, or where they proved who they
 * are. Anybody may name somebody else's account and give an address of their own (notice clauses 7.1, 8.3). One access is recorded of the whole question.
 * @param ids those without such an address, and those there are none of, are left out
 * @throws Problem 503 when nobody can say whose an address is
 */
export async function replyAddresses(requests: Requests, ids: readonly string[], by = NOTIFICATION): Promise<ReplyAddresses> {
  const given = await givenWith(requests, ids);
  const owners = await ownersOf(
    requests,
    given.filter(({ row }) => row.identity !== 'verified'),
  );
  const shown = given.filter(({ row, email }) => row.identity === 'verified' || owners.get(email) === row.subject);
  const access = {
    action: 'reply-addresses.read',
    resource: 'POST /v1/requests/reply-addresses',
    reason: 'to send a message',
    rows: shown.length,
  };
  await requests.transact((tx: pg.PoolClient) =>
    requests.log.append(tx, 'access', 'any', [accessEvent(by, access, 'allowed', requests.now())]),
  );
  return Object.fromEntries(shown.map(({ row, email }) => [row.id, { email }]));
}

async function givenWith({ pool, strongbox }: Requests, ids: readonly string[]): Promise<Given[]> {
  const { rows } = await pool.query<Row>(
    `select id, subject, state->>'identity' as identity, kek, box from request where id = any($1::uuid[]) and box is not null`,
    [ids],
  );
  const given = await Promise.all(
    rows.map(async (row) => {
      const { email } = await strongbox.openJson<Confidential>(row.id, row);
      return email === undefined ? [] : [{ row, email }];
    }),
  );
  return given.flat();
}

/** Subject ids by e-mail address; one that nobody is known by, or that is none, has no owner. */
async function ownersOf({ directory }: Requests, given: readonly Given[]): Promise<ReadonlyMap<string, string>> {
  const named = given.flatMap(({ email }): [string, string][] => {
    try {
      return [[email, directory.named(`email|${email}`)]];
    } catch {
      return [];
    }
  });
  const ids = await directory.idsOf(named.map(([, ref]) => ref));
  return new Map(named.flatMap(([email, ref]) => (ids.has(ref) ? [[email, ids.get(ref)!]] : [])));
}

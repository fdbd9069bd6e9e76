import path from 'node:path';
import type { JsonWebKey } from 'node:crypto';
import { IntakeKey, readIfThere, replaceSecretFile } from '@attesta/vault';
import type pg from 'pg';
import { Failure } from './failure.js';
import { after } from './iso-duration.js';
import { count } from './screen.js';

const FILE = 'intake-keys.json';

/** So soon after another one a rotation is taken for a repetition of it. */
const AGAIN_MS = 60 * 60_000;

type Jwk = JsonWebKey & { kid: string; /** RFC 3339; absent for those of before this was kept. */ made?: string };

/** Puts a new key in front of the file. Ledgers that run announce it at once; the older ones open what is on its way. */
export async function addIntakeKey(
  directory: string,
  { again, now }: { again: boolean; now: Date },
): Promise<{ kid: string; older: string[]; made: boolean }> {
  const keys = await read(directory);
  const young = keys.length > 1 && now.getTime() - Date.parse(keys[0]!.made ?? '1970-01-01') < AGAIN_MS;
  if (young && !again) return { kid: keys[0]!.kid, older: keys.slice(1).map(({ kid }) => kid), made: false };
  const fresh = { ...IntakeKey.generate(), made: now.toISOString() } as Jwk;
  await replaceSecretFile(path.join(directory, FILE), JSON.stringify([fresh, ...keys]));
  return { kid: fresh.kid, older: keys.map(({ kid }) => kid), made: true };
}

/**
 * Lets go of all but the newest.
 * @param overlap ISO 8601: the intake topic's seven days, and how long a publisher may go on with the key that it fetched when it started
 * @throws Failure while a message in the topic, or a rejection as it came, may need one of them
 */
export async function retireIntakeKeys(
  directory: string,
  log: pg.Pool,
  { overlap, now }: { overlap: string; now: Date },
): Promise<string[]> {
  const [newest, ...older] = await read(directory);
  if (older.length === 0) return [];
  const until = after(Date.parse(newest!.made ?? now.toISOString()), overlap);
  if (until > now.getTime())
    throw new Failure(
      `messages to the older keys may be on their way until ${new Date(until).toISOString()}`,
      'Have publishers started again, and wait; --overlap sets how long.',
    );
  // The protected header of a kept original names its key: base64url of JSON, behind the original's own id and a dot.
  const { rows } = await log.query<{ original: string }>('select original from rejection where original is not null');
  const needed = rows.filter(({ original }) => older.some(({ kid }) => kidOf(original) === kid)).length;
  if (needed > 0)
    throw new Failure(
      `${count(needed, 'refused event')} can be opened by an older key alone`,
      'They go when the people they name are forgotten; until then keep the older keys.',
    );
  await replaceSecretFile(path.join(directory, FILE), JSON.stringify([newest]));
  return older.map(({ kid }) => kid);
}

function kidOf(original: string): unknown {
  const [, header = ''] = original.split('.');
  return (JSON.parse(Buffer.from(header, 'base64url').toString() || '{}') as { kid?: unknown }).kid;
}

async function read(directory: string): Promise<Jwk[]> {
  const text = await readIfThere(path.join(directory, FILE));
  if (text === undefined) throw new Failure(`${directory} has no ${FILE}`, 'Name the keys directory of the ledger.');
  return JSON.parse(text) as Jwk[];
}

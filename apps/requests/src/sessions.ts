import { hash, randomInt, randomUUID, timingSafeEqual } from 'node:crypto';
import { PERSON_TOKEN_S, Problem, type PeopleIssuer, type Principal } from '@attesta/service-kit';
import { hmacSha256 } from '@attesta/vault';
import type pg from 'pg';
import { holderOf } from './proved-address.js';
import type { Requests } from './requests.js';
import { countCode, forgetCounts } from './session-limits.js';

const MINUTE = 60_000;
const CODE_MS = 10 * MINUTE;
const SESSION_MS = 30 * MINUTE;
const TRIES = 5;

/** A code is under way, or none is: nobody is told which. */
export interface AskedSession {
  session: string;
  /** RFC 3339; until then the newest code opens it. */
  expiresAt: string;
}

export interface PersonSession {
  access_token: string;
  token_type: 'Bearer';
  /** Seconds. */
  expires_in: number;
  /** Subject id; null when nobody is known by the address. */
  subject: string | null;
}

interface Addressee {
  email: string;
  language: string;
}

/**
 * Sessions of people without an account: whoever reads the mail to an address is the person known by it, or the one who proved it to be theirs
 * (notice clauses 7.1, 8.3). Nothing is said of whether somebody is, until the address is proved.
 */
export class Sessions {
  constructor(
    private readonly requests: Requests,
    readonly issuer: PeopleIssuer,
  ) {}

  /** @param caller IP address @throws Problem 429 */
  async open({ email, language }: Addressee, caller: string): Promise<AskedSession> {
    const { requests } = this;
    const id = randomUUID();
    const ref = requests.directory.named(`email|${email}`, '/email');
    const now = requests.now();
    const code = newCode();
    const until = new Date(now.getTime() + SESSION_MS);
    const codeUntil = new Date(now.getTime() + CODE_MS);
    const { kek, box } = await requests.strongbox.sealJson(id, { email, language } satisfies Addressee);
    await requests.transact(async (tx) => {
      await countCode(tx, { ref, caller, now, pepper: requests.options.pepper });
      await tx.query('insert into session (id, ref, kek, box, digest, code_until, until) values ($1, $2, $3, $4, $5, $6, $7)', [
        ...[id, ref, kek, box],
        ...[this.digest(id, code), codeUntil, until],
      ]);
      await this.mail(tx, id, { email, language }, code);
    });
    requests.wake();
    return { session: id, expiresAt: codeUntil.toISOString() };
  }

  /** Another code; the one before is void, and wrong tries stay counted. @throws Problem 404, 429 */
  async sendAgain(id: string, caller: string): Promise<AskedSession> {
    const { requests } = this;
    const now = requests.now();
    const expiresAt = await requests.transact(async (tx) => {
      const { ref, kek, box, until } = await this.lock(tx, id);
      await countCode(tx, { ref, caller, now, pepper: requests.options.pepper });
      const code = newCode();
      const codeUntil = new Date(Math.min(now.getTime() + CODE_MS, until.getTime()));
      await tx.query('update session set digest = $2, code_until = $3 where id = $1', [id, this.digest(id, code), codeUntil]);
      await tx.query('delete from outgoing where session = $1', [id]);
      await this.mail(tx, id, await requests.strongbox.openJson<Addressee>(id, { kek, box }), code);
      return codeUntil;
    });
    requests.wake();
    return { session: id, expiresAt: expiresAt.toISOString() };
  }

  /**
   * A token for whoever knows the code; once.
   * @throws Problem 422 for a wrong or late code, with how many tries are left; 404 when the session has ended; 503 when nobody can say who it is
   */
  async prove(id: string, code: string): Promise<PersonSession> {
    const outcome = await this.requests.transact(async (tx) => {
      const { ref, digest, code_until: codeUntil, tries } = await this.lock(tx, id);
      if (codeUntil > this.requests.now() && same(digest, this.digest(id, code))) {
        const session = await this.sessionOf(`psn_${id.replaceAll('-', '')}`, ref);
        await tx.query('delete from session where id = $1', [id]);
        return session;
      }
      const left = TRIES - tries - 1;
      if (left > 0) await tx.query('update session set tries = tries + 1 where id = $1', [id]);
      else await tx.query('delete from session where id = $1', [id]);
      return left > 0 ? wrong(left) : ended();
    });
    if (outcome instanceof Problem) throw outcome;
    return outcome;
  }

  /**
   * A token that names somebody the ledger has come to know since theirs was made, such as by their first consent. One that names them already is not
   * renewed: the code is asked for again.
   * @throws Problem 409
   */
  async named({ sub, subject, provedBy }: Principal): Promise<PersonSession> {
    if (provedBy === undefined || subject?.startsWith('ref1.') !== true) throw namedAlready();
    return this.sessionOf(sub, subject, true);
  }

  /** Forgets sessions whose time is over. */
  async tick(): Promise<void> {
    const now = this.requests.now();
    await this.requests.transact(async (tx) => {
      await tx.query('delete from session where until <= $1', [now]);
      await forgetCounts(tx, now);
    });
  }

  private async sessionOf(sub: string, ref: string, anew = false): Promise<PersonSession> {
    const address = (await this.requests.directory.idsOf([ref], false, anew)).get(ref);
    const known = address && ((await holderOf(this.requests.pool, address)) ?? address);
    const token = await this.issuer.sign({ sub, subject: known ?? ref, now: this.requests.now().getTime() });
    return { access_token: token, token_type: 'Bearer', expires_in: PERSON_TOKEN_S, subject: known ?? null };
  }

  private async lock(tx: pg.PoolClient, id: string): Promise<SessionRow> {
    const { rows } = await tx.query<SessionRow>(
      'select ref, kek, box, digest, code_until, tries, until from session where id = $1 and until > $2 for update',
      [id, this.requests.now()],
    );
    if (!rows[0]) throw ended();
    return rows[0];
  }

  private mail(tx: pg.PoolClient, session: string, { email: to, language }: Addressee, code: string): Promise<void> {
    return this.requests.mail.queue(tx, { session }, { kind: 'session-code', to, language, code });
  }

  private digest(session: string, code: string): string {
    return Buffer.from(hmacSha256(this.requests.options.pepper, `session\ncode\n${session}\n${code}`), 'latin1').toString('hex');
  }
}

interface SessionRow {
  ref: string;
  kek: string;
  box: Buffer;
  digest: string;
  code_until: Date;
  tries: number;
  until: Date;
}

const newCode = (): string => String(randomInt(1_000_000)).padStart(6, '0');
const same = (a: string, b: string): boolean => timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));

const wrong = (left: number) =>
  new Problem({
    slug: 'wrong-code',
    status: 422,
    title: 'The code is not right',
    detail: `It is wrong, or has expired. ${left} ${left === 1 ? 'try is' : 'tries are'} left.`,
    fix: 'Type the six digits of the newest message, or ask for another code.',
    extensions: { triesLeft: left },
  });
const ended = () =>
  Problem.notFound(
    'There is no such session: its code was used, was wrong too often, or its time is over.',
    'Begin again with POST /v1/sessions.',
    'session-ended',
  );
const namedAlready = () =>
  Problem.conflict(
    'The token names the person already, or is not of a session.',
    'Begin a new session with POST /v1/sessions.',
    'named-already',
  );

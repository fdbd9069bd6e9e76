import { hash, randomInt, timingSafeEqual } from 'node:crypto';
import { endOfDuration } from '@attesta/policy';
import { Problem } from '@attesta/service-kit';
import { hmacSha256 } from '@attesta/vault';
import type pg from 'pg';
import type { Confidential } from './intake.js';
import type { OpenRequest } from './request-store.js';
import type { Requests } from './requests.js';

const HOUR = 3_600_000;

/** One-time codes by e-mail: who reads the person's mail is the person (notice clauses 7.1, 8.3). */
export class Identity {
  constructor(private readonly requests: Requests) {}

  /**
   * A new code for a request that waits for proof, where the address given is one of the person's own; the answer to the caller is the same either
   * way. Codes before it are void.
   */
  async issue(tx: pg.PoolClient, request: OpenRequest, { email }: Pick<Confidential, 'email'>): Promise<void> {
    const { state, id } = request;
    if (email === undefined || state.identity !== 'unverified' || !state.needs.includes('identity-verification')) return;
    const own = (await this.requests.directory.enrolled(`email|${email}`)) === request.subject;
    const code = String(randomInt(1_000_000)).padStart(6, '0');
    const sent = own && (await this.maySend(tx, request.subject));
    // A code nobody is told cannot be guessed in five tries: whoever names another person's account, or asks too often, sees nothing else than
    // everybody does. It takes no place of one that was sent.
    await tx.query(
      `insert into code (request, digest, expires_at) values ($1, $2, to_timestamp($3::float8 / 1000))
       on conflict (request) do ${sent ? 'update set digest = excluded.digest, expires_at = excluded.expires_at' : 'nothing'}`,
      [id, this.digest(id, code), endOfDuration(this.requests.now().getTime(), this.requests.rules.code.validFor)],
    );
    if (!sent) return;
    await tx.query(`delete from outgoing where request = $1 and kind = 'code'`, [id]);
    await this.requests.mail.queue(tx, { request: id }, { kind: 'code', to: email, language: state.language, code });
  }

  /** @throws Problem 422 for a wrong code, with how many tries are left; 409 when there is none that could be right */
  async prove(id: string, code: string): Promise<OpenRequest> {
    let refused: Problem | undefined;
    const request = await this.requests.handle(id, undefined, async (open, tx) => {
      if (open.state.identity === 'verified') return;
      if (open.state.identity === 'failed') throw tooOften();
      const { rows } = await tx.query<{ digest: string; expires_at: Date; tries: number }>(
        'update code set tries = tries + 1 where request = $1 returning digest, expires_at, tries',
        [id],
      );
      const known = rows[0];
      if (!known) throw noCode();
      if (known.expires_at > this.requests.now() && same(known.digest, this.digest(id, code))) {
        await tx.query('delete from code where request = $1', [id]);
        open.decide({ kind: 'verify-identity', method: 'email-code' }, undefined);
        return;
      }
      const left = Math.max(0, this.requests.rules.code.tries - known.tries);
      if (left === 0) open.decide({ kind: 'fail-identity', method: 'email-code', reason: 'too-many-tries' }, undefined);
      refused = left === 0 ? tooOften() : wrong(left);
    });
    if (refused) throw refused;
    return request;
  }

  private async maySend(tx: pg.PoolClient, subject: string): Promise<boolean> {
    const now = this.requests.now().getTime();
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 2))', [subject]); // several requests at once count each other
    await tx.query('delete from code_sent where subject = $1 and at <= $2', [subject, new Date(now - HOUR)]);
    const { rows } = await tx.query<{ sent: number }>('select count(*)::int as sent from code_sent where subject = $1', [subject]);
    if (rows[0]!.sent >= this.requests.rules.code.perHour) return false;
    await tx.query('insert into code_sent (subject, at) values ($1, $2)', [subject, new Date(now)]);
    return true;
  }

  private digest(request: string, code: string): string {
    return Buffer.from(hmacSha256(this.requests.options.pepper, `code\n${request}\n${code}`), 'latin1').toString('hex');
  }
}

const same = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(hash('sha256', a)), Buffer.from(hash('sha256', b)));

const wrong = (left: number) =>
  new Problem({
    slug: 'wrong-code',
    status: 422,
    title: 'The code is not right',
    detail: `It is wrong, or has expired. ${left} ${left === 1 ? 'try is' : 'tries are'} left.`,
    fix: 'Type the six digits of the newest message, or ask for another code.',
    extensions: { triesLeft: left },
  });
const noCode = () =>
  Problem.conflict('No code was asked for.', 'Give an e-mail address with the request, or prove who you are with a document.', 'no-code');
const tooOften = () =>
  Problem.conflict('The code was wrong too often.', 'Prove who you are to the data protection officer with a document.', 'too-many-tries');

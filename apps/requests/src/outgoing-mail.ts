import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Requests } from './requests.js';

/** A message that only this service can send: it holds a secret that no log may hold. */
export type Letter =
  | { kind: 'code' | 'session-code'; to: string; language: string; code: string }
  | { kind: 'package'; to: string; language: string; link: string; expires: string };

/**
 * Hands a letter over; `id` is the same when it is handed over again, `request` what it is about, or the session. Rejects when it could not; with
 * `permanent: true` when it never can.
 */
export type Post = (letter: Letter, about: { id: string; request: string }) => Promise<void>;

type About = { request: string } | { session: string };

const RETRIES_MS = [10_000, 60_000, 300_000, 1_800_000, 3_600_000];

/** Letters leave after the transaction that wrote them, once or, when the process dies in between, once more. */
export class OutgoingMail {
  constructor(private readonly requests: Requests) {}

  async queue(tx: pg.PoolClient, about: About, letter: Letter): Promise<void> {
    const id = randomUUID();
    const { kek, box } = await this.requests.strongbox.sealJson(id, letter);
    await tx.query('insert into outgoing (id, request, session, kind, kek, box, next_at) values ($1, $2, $3, $4, $5, $6, $7)', [
      id,
      'request' in about ? about.request : null,
      'session' in about ? about.session : null,
      letter.kind,
      kek,
      box,
      this.requests.now(),
    ]);
  }

  /** Sends what is due. */
  async send(): Promise<void> {
    const { post } = this.requests.options;
    if (!post) return;
    for (let found = 1; found > 0;) {
      found = await this.requests.transact(async (tx) => {
        const { rows } = await tx.query<{ id: string; request: string; kek: string; box: Buffer; attempts: number }>(
          `select id, coalesce(request, session) as request, kek, box, attempts from outgoing where failure is null and next_at <= $1
            order by next_at, id limit 1 for update skip locked`,
          [this.requests.now()],
        );
        if (rows[0]) await this.sendOne(tx, rows[0], post);
        return rows.length;
      });
    }
  }

  private async sendOne(
    tx: pg.PoolClient,
    { id, request, kek, box, attempts }: { id: string; request: string; kek: string; box: Buffer; attempts: number },
    post: Post,
  ): Promise<void> {
    try {
      await post(await this.requests.strongbox.openJson<Letter>(id, { kek, box }), { id, request });
      await tx.query('delete from outgoing where id = $1', [id]);
    } catch (error) {
      this.requests.options.onError?.(error);
      const wait = RETRIES_MS[attempts];
      const permanent = (error as { permanent?: unknown }).permanent === true || wait === undefined;
      await tx.query('update outgoing set attempts = attempts + 1, next_at = $2, failure = $3 where id = $1', [
        id,
        new Date(this.requests.now().getTime() + (wait ?? 0)),
        permanent ? (error as Error).name : null,
      ]);
    }
  }
}

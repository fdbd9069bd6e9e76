import { hash, randomBytes } from 'node:crypto';
import type { FulfilmentRecord } from '@attesta/sdk';
import { endOfDuration } from '@attesta/policy';
import { Problem } from '@attesta/service-kit';
import type pg from 'pg';
import { accessPackage } from './package-access.js';
import { packageFiles } from './package-files.js';
import type { PackageAnswer, PackageInput, PackageRequest } from './package-input.js';
import { openPackage, sealPackage, tokenDigest } from './package-seal.js';
import { packageZip } from './package-zip.js';
import { openTasks, type RequestState } from './request.state.js';
import { isPackaged } from './request.flow.js';
import type { Requests } from './requests.js';

/** A one-time link. */
export interface PackageLink {
  link: string;
  /** RFC 3339. */
  expires: string;
}

/** Copies of a person's data (notice clauses 7.1, 7.3): made once every system has answered, handed over by a link that works once. */
export class Packages {
  constructor(private readonly requests: Requests) {}

  /** Makes the packages of every request that waits for nothing else. */
  async tick(): Promise<void> {
    const { rows } = await this.requests.pool.query<{ id: string; state: RequestState }>(
      `select id, state from request where open and status = 'accepted' and right_id in ('access', 'portability') order by id`,
    );
    const ready = rows.filter(({ state }) => openTasks(state).length === 0);
    for (const { id } of ready) {
      if (await this.requests.dossier.follows(id)) await this.make(id).catch((error: unknown) => this.requests.options.onError?.(error));
    }
  }

  /**
   * A link to the package. The link's token is the key: once it is drawn, nobody but its holder can open the package, this service included.
   * @throws Problem 409 when there is no package, or its link was drawn already
   */
  async draw(id: string): Promise<PackageLink> {
    return this.requests.transact(async (tx) => {
      const drawn = await this.drawIn(tx, id);
      if (!drawn) throw nothingToDraw();
      return drawn;
    });
  }

  /** Opens a package, once. @throws Problem 404 for a link that is wrong, used, or too old: the three look alike */
  async download(token: string): Promise<Buffer> {
    const { pool } = this.requests;
    const { rows } = await pool.query<{ request: string }>('select request from package where token = $1', [tokenDigest(token)]);
    if (!rows[0]) throw noSuchLink();
    const { request } = rows[0];
    let zip: Buffer | undefined;
    await this.requests.handle(request, undefined, async (open, tx) => {
      const now = this.requests.now();
      const found = await tx.query<{ digest: string; bytes: Buffer | null }>(
        'select digest, bytes from package where token = $1 and expires_at > $2 and downloaded_at is null for update',
        [tokenDigest(token), now],
      );
      const [waiting] = found.rows;
      if (!waiting?.bytes) throw noSuchLink();
      zip = openPackage(waiting.bytes, token);
      await tx.query('update package set downloaded_at = $2, bytes = null where request = $1', [request, now]);
      open.say({ type: 'attesta.request.package-downloaded.v1', data: { digest: waiting.digest } }, now.getTime(), undefined);
    });
    return zip!;
  }

  /** Whether a link would open something, without using it up. */
  async waits(token: string): Promise<boolean> {
    const { rowCount } = await this.requests.pool.query(
      'select 1 from package where token = $1 and expires_at > $2 and downloaded_at is null and bytes is not null',
      [tokenDigest(token), this.requests.now()],
    );
    return rowCount === 1;
  }

  private async make(id: string): Promise<void> {
    const input = await this.input(id);
    if (!input) return;
    const zip = await packageZip(packageFiles(accessPackage(input)));
    const digest = hash('sha256', zip, 'hex');
    const { kek, box } = await this.requests.strongbox.seal(id, zip);
    const expires = new Date(endOfDuration(Date.parse(input.madeAt), this.requests.rules.package.validFor));
    await this.requests.handle(id, undefined, async (request, tx) => {
      const { state } = request;
      if (state.status !== 'accepted' || !isPackaged(state) || openTasks(state).length > 0) return;
      await tx.query(
        `insert into package (request, digest, expires_at, kek, box) values ($1, $2, $3, $4, $5)
         on conflict (request) do update set digest = excluded.digest, expires_at = excluded.expires_at, kek = excluded.kek, box = excluded.box,
           token = null, bytes = null, downloaded_at = null`,
        [id, digest, expires, kek, box],
      );
      request.decide({ kind: 'fulfil', package: { digest, expires: expires.toISOString() } }, undefined);
      // What systems answered is in the package now, and nowhere else needed.
      await tx.query('update task set answer_kek = null, answer = null where request = $1', [id]);
      const confidential = await this.requests.confidential(tx, id);
      if (confidential?.email === undefined || state.proof !== 'email-code') return;
      const drawn = (await this.drawIn(tx, id))!;
      await this.requests.mail.queue(tx, { request: id }, { kind: 'package', to: confidential.email, language: state.language, ...drawn });
    });
  }

  private async input(id: string): Promise<PackageInput | undefined> {
    const { pool, policy, dossier } = this.requests;
    const { rows } = await pool.query<{ subject: string; state: RequestState }>('select subject, state from request where id = $1', [id]);
    const found = rows[0];
    if (!found || !isPackaged(found.state)) return undefined;
    const { subject, state } = found;
    const entries = (await dossier.of(pool, subject)).map(({ position, entry: { type, source, time, recordedAt, data } }) => ({
      position,
      subject,
      type,
      source,
      time,
      recordedAt,
      data,
    }));
    return {
      kind: state.right === 'portability' ? 'portability' : 'access',
      language: state.language.startsWith('th') ? 'th' : 'en',
      request: { id, right: state.right, jurisdiction: state.jurisdiction, receivedAt: iso(state.receivedAt) },
      subject,
      madeAt: this.requests.now().toISOString(),
      policy,
      entries,
      answers: await this.answers(pool, id, state),
      requests: await ownRequests(pool, subject),
    };
  }

  private async answers(pool: pg.Pool, id: string, { tasks }: RequestState): Promise<PackageAnswer[]> {
    const titles = new Map((await this.requests.systems.all()).map(({ id: system, title }) => [system, title]));
    const { rows } = await pool.query<{ id: string; answer_kek: string | null; answer: Buffer | null }>(
      'select id, answer_kek, answer from task where request = $1',
      [id],
    );
    const sealed = new Map(rows.map((row) => [row.id, row]));
    const lost = Object.entries(tasks).find(([task, { outcome }]) => outcome === 'data' && !sealed.get(task)?.answer);
    // The database was restored from the log, which has no answers: a package without them would look complete.
    if (lost) throw new Error(`The answer to task ${lost[0]} of request ${id} is lost: the person has to ask again.`);
    const answers: PackageAnswer[] = [];
    for (const [task, { system, outcome, reason }] of Object.entries(tasks)) {
      const row = sealed.get(task);
      const records =
        row?.answer && row.answer_kek !== null
          ? await this.requests.strongbox.openJson<FulfilmentRecord[]>(task, { kek: row.answer_kek, box: row.answer })
          : [];
      answers.push({
        system,
        title: titles.get(system) ?? system,
        outcome: outcome ?? 'failed',
        ...(reason !== undefined && { reason }),
        records,
      });
    }
    return answers;
  }

  private async drawIn(tx: pg.PoolClient, id: string): Promise<PackageLink | undefined> {
    const { rows } = await tx.query<{ kek: string | null; box: Buffer | null; expires_at: Date }>(
      'select kek, box, expires_at from package where request = $1 and expires_at > $2 for update',
      [id, this.requests.now()],
    );
    const found = rows[0];
    if (found?.kek == null || found.box === null) return undefined;
    const token = randomBytes(32).toString('base64url');
    const zip = await this.requests.strongbox.open(id, { kek: found.kek, box: found.box });
    await tx.query('update package set kek = null, box = null, token = $2, bytes = $3 where request = $1', [
      id,
      tokenDigest(token),
      sealPackage(zip, token),
    ]);
    return { link: `${this.requests.options.publicUrl}/v1/packages/${token}`, expires: found.expires_at.toISOString() };
  }
}

async function ownRequests(pool: pg.Pool, subject: string): Promise<PackageRequest[]> {
  const { rows } = await pool.query<{ id: string; state: RequestState }>(
    'select id, state from request where subject = $1 order by received_at, id',
    [subject],
  );
  return rows.map(({ id, state: { right, status, receivedAt, endedAt } }) => ({
    id,
    right,
    status,
    receivedAt: iso(receivedAt),
    ...(endedAt !== undefined && { endedAt: iso(endedAt) }),
  }));
}

const iso = (ms: number): string => new Date(ms).toISOString();
const nothingToDraw = () =>
  Problem.conflict('There is no package whose link could be drawn.', 'It is drawn once, after the request was fulfilled.', 'no-package');
export const noSuchLink = () => Problem.notFound('This link opens nothing (any more).', 'Ask for a new package.', 'no-such-package');

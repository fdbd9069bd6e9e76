import { uuidOf, type NewEvent } from '@attesta/event-log';
import { Problem } from '@attesta/service-kit';
import type pg from 'pg';
import { ofBreachWave } from './breach-notices.js';
import type { Body, WaveDue } from './due.js';
import { LEFT, type Cause } from './messages.js';
import type { Notification } from './notification.js';

/** People planned in one transaction, and messages of a wave that wait at most: what is planned is not more than what soon leaves. */
const PEOPLE = 1_000;
const WAITING = 5_000;

export interface WaveView {
  wave: string;
  template: string;
  state: 'running' | 'paused' | 'completed';
  startedAt: string;
  completedAt: string | null;
  /** To whom a message is due. */
  people: number;
  /** For whom one was written. */
  planned: number;
  told: number;
  waiting: number;
  unreachable: number;
  suppressed: number;
  failed: number;
  /** When and where the website said it too. */
  posted: { at: string; uri: string } | null;
}

interface WaveRow {
  id: string;
  template: string;
  cause_source: string;
  cause_id: string;
  body: Body;
  state: WaveView['state'];
  after: string | null;
  upto: string;
  people: number;
  planned: number;
  started_at: Date;
  completed_at: Date | null;
  posted_at: Date | null;
  posted_uri: string | null;
}

/** The same told to everybody, in waves that leave room for other messages: changes of the notice (notice introduction), and breaches (6.1). */
export class Waves {
  /** What a wave tells never changes. */
  private readonly bodies = new Map<string, Body>();

  constructor(private readonly notification: Notification) {}

  /**
   * Tells everybody known by then whose account is open; once for each wave.
   * @param position of the entry that it begins with @param subjects whom to tell instead; those who come later are told too
   */
  async begin(
    tx: pg.PoolClient,
    { wave, template, body }: WaveDue,
    { cause, position = 0 }: { cause: Cause; position?: number },
    subjects?: readonly string[],
  ): Promise<void> {
    const { rowCount } = await tx.query(
      `insert into wave (id, template, cause_source, cause_id, body, state, upto, started_at)
       values ($1, $2, $3, $4, $5, 'running', $6, $7) on conflict do nothing`,
      [wave, template, cause.source, cause.id, body, position, this.notification.now()],
    );
    if (subjects) await this.enlist(tx, wave, subjects);
    else if (rowCount === 1)
      await tx.query('update wave set people = (select count(*) from person where closed_at is null and known_from < $2) where id = $1', [
        wave,
        position,
      ]);
    if (rowCount === 0) return;
    const event = startedEvent(wave, (await this.row(tx, wave))!, this.notification.now());
    if (event) await this.notification.say(tx, [event]);
  }

  /** Writes messages of waves that run, person by person in the order of their ids, so that whoever stops in between goes on there. */
  async tick(): Promise<void> {
    for (let more = true; more;) {
      more = await this.notification.transact(async (tx) => {
        const { rows } = await tx.query<WaveRow>(
          `select * from wave where state = 'running' and after is distinct from $1
              and (select count(*) from (select 1 from message m where m.wave = wave.id and m.status = 'queued' limit $2) q) < $2
            order by started_at, id limit 1 for update skip locked`,
          [END, WAITING],
        );
        return rows[0] ? this.plan(tx, rows[0]) : false;
      });
    }
  }

  /** Waves of which every message left, or will not. */
  async finish(): Promise<void> {
    await this.notification.transact(async (tx) => {
      const { rows } = await tx.query<WaveRow>(
        `select * from wave where state = 'running' and after = $1
            and not exists (select 1 from message m where m.wave = wave.id and m.status in ('queued', 'handing')) for update skip locked`,
        [END],
      );
      for (const row of rows) {
        await tx.query(`update wave set state = 'completed', completed_at = $2 where id = $1`, [row.id, this.notification.now()]);
        const view = (await this.view(tx, row.id))!;
        const ofBreach = ofBreachWave(row.id);
        const told = toldOf(view);
        if (ofBreach) await this.notification.breaches.noteTold(tx, ofBreach.breach, ofBreach.order, told);
        const event = completedEvent(view, told, this.notification.now());
        await this.notification.alerts.unreached(tx, view, told);
        if (event) await this.notification.say(tx, [event]);
      }
    });
  }

  /** @throws Problem 404, 409 */
  async set(wave: string, state: 'running' | 'paused'): Promise<WaveView> {
    const { rowCount } = await this.notification.pool.query(`update wave set state = $2 where id = $1 and state <> 'completed'`, [
      wave,
      state,
    ]);
    const view = await this.view(this.notification.pool, wave);
    if (!view) throw noSuchWave();
    if (rowCount === 0) throw Problem.conflict('Everybody was told already.', 'Nothing need be done.', 'completed');
    this.notification.wake();
    return view;
  }

  /** The website says it: the least that the notice promises (introduction). Recorded once. @throws Problem 404 */
  async post(version: string, { uri, language }: { uri: string; language: string }, actor: string): Promise<WaveView> {
    const wave = `notice:${version}`;
    await this.notification.transact(async (tx) => {
      if (!(await this.row(tx, wave))) throw noSuchWave();
      const now = this.notification.now();
      const { rowCount } = await tx.query('update wave set posted_at = $2, posted_uri = $3 where id = $1 and posted_at is null', [
        wave,
        now,
        uri,
      ]);
      if (rowCount === 0) return;
      await this.notification.say(tx, [
        {
          id: uuidOf(`posted\n${wave}`),
          type: 'attesta.notice.communicated.v1',
          time: now.toISOString(),
          actor,
          data: { version, language, channel: 'web', about: 'notice' },
        },
      ]);
    });
    return (await this.view(this.notification.pool, wave))!;
  }

  /** What a wave tells, in the reader's language where it was written for each. */
  async bodyOf(wave: string, language: 'en' | 'th'): Promise<Body> {
    const known = this.bodies.get(wave) ?? (await this.row(this.notification.pool, wave))?.body ?? {};
    this.bodies.set(wave, known);
    const { words, ...body } = known as Body & { words?: Record<'en' | 'th', Body> };
    return { ...body, ...words?.[language] };
  }

  async list(): Promise<WaveView[]> {
    const { rows } = await this.notification.pool.query<{ id: string }>('select id from wave order by started_at desc, id limit 200');
    return Promise.all(rows.map(async ({ id }) => (await this.view(this.notification.pool, id))!));
  }

  async view(db: Pick<pg.Pool, 'query'>, wave: string): Promise<WaveView | undefined> {
    const row = await this.row(db, wave);
    if (!row) return undefined;
    const { rows } = await db.query<{ told: number; waiting: number; unreachable: number; suppressed: number; failed: number }>(
      `select count(*) filter (where status = any($2))::int as told, count(*) filter (where status in ('queued', 'handing'))::int as waiting,
              count(*) filter (where status = 'suppressed' and reason in ('no-address', 'address-bounced'))::int as unreachable,
              count(*) filter (where status = 'suppressed' and reason not in ('no-address', 'address-bounced'))::int as suppressed,
              count(*) filter (where status = 'failed')::int as failed
         from message where wave = $1`,
      [wave, LEFT],
    );
    const { template, state, started_at, completed_at, people, planned, posted_at, posted_uri } = row;
    return {
      ...{ wave, template, state, people, planned },
      startedAt: started_at.toISOString(),
      completedAt: completed_at?.toISOString() ?? null,
      ...rows[0]!,
      posted: posted_at && { at: posted_at.toISOString(), uri: posted_uri! },
    };
  }

  private async row(db: Pick<pg.Pool, 'query'>, wave: string): Promise<WaveRow | undefined> {
    const { rows } = await db.query<WaveRow>('select * from wave where id = $1', [wave]);
    return rows[0];
  }

  private async plan(tx: pg.PoolClient, row: WaveRow): Promise<boolean> {
    const { rows } = await this.nextPeople(tx, row);
    const cause = { source: row.cause_source, id: row.cause_id };
    const fresh = await this.notification.messages.queue(
      tx,
      rows.map(({ subject }) => ({ template: row.template, recipient: 'subject', subject, cause, body: {}, wave: row.id })),
    );
    await tx.query('update wave set after = $2, planned = planned + $3 where id = $1', [
      row.id,
      rows.length < PEOPLE ? END : rows.at(-1)!.subject,
      fresh.length,
    ]);
    return true;
  }

  private nextPeople(tx: pg.PoolClient, { id, after, upto }: WaveRow): Promise<{ rows: { subject: string }[] }> {
    if (ofBreachWave(id))
      return tx.query('select subject from wave_person where wave = $1 and ($2::uuid is null or subject > $2) order by subject limit $3', [
        id,
        after,
        PEOPLE,
      ]);
    return tx.query(
      'select subject from person where ($1::uuid is null or subject > $1) and closed_at is null and known_from < $2 order by subject limit $3',
      [after, upto, PEOPLE],
    );
  }

  /** Whoever was told already is not told again: their message is there. */
  private async enlist(tx: pg.PoolClient, wave: string, subjects: readonly string[]): Promise<void> {
    await tx.query('insert into wave_person (wave, subject) select $1, unnest($2::uuid[]) on conflict do nothing', [wave, subjects]);
    await tx.query(
      `update wave set people = (select count(*) from wave_person where wave = $1), after = null, state = 'running', completed_at = null where id = $1`,
      [wave],
    );
  }
}

/** After every subject id there can be: all are planned. */
const END = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const versionOf = (wave: string): string | undefined => (wave.startsWith('notice:') ? wave.slice('notice:'.length) : undefined);

function startedEvent(wave: string, { people }: WaveRow, now: Date): NewEvent | undefined {
  const version = versionOf(wave);
  if (version === undefined) return undefined;
  return { id: uuidOf(`started\n${wave}`), type: 'attesta.notice-change.started.v1', time: now.toISOString(), data: { version, people } };
}

export interface WaveEnd {
  told: number;
  unreachable: number;
  /** Given up, or suppressed: waiting had gone on for too long. */
  failed: number;
}

const toldOf = ({ told, unreachable, suppressed, failed }: WaveView): WaveEnd => ({ told, unreachable, failed: failed + suppressed });

function completedEvent({ wave, people }: WaveView, told: WaveEnd, now: Date): NewEvent | undefined {
  const version = versionOf(wave);
  if (version === undefined) return undefined;
  const data = { version, people, ...told };
  return { id: uuidOf(`completed\n${wave}`), type: 'attesta.notice-change.completed.v1', time: now.toISOString(), data };
}

export const noSuchWave = () =>
  Problem.notFound('Nobody is told of this.', 'Changes that are told are listed at GET /v1/notice-changes.', 'no-such-notice-change');

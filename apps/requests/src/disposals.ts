import { randomUUID } from 'node:crypto';
import type { EventTypes } from '@attesta/events';
import type { SealedEvent } from '@attesta/transport';
import type pg from 'pg';
import { say, systemsAnswered } from './disposal-events.js';
import { lock } from './request-store.js';
import type { Requests } from './requests.js';
import { RETENTION_SOURCE } from './survivors.js';
import { issueTasks, whoIsAsked, type Asked, type IssuedTask, type TaskBody } from './task-table.js';

type Started = EventTypes['attesta.disposal.started.v1'];
type Completed = EventTypes['attesta.disposal.completed.v1'];

interface DisposalRow {
  id: string;
  subject: string;
  body: Pick<TaskBody, 'action' | 'collectedUntil' | 'categories'>;
}

const MOST = 500;

/** What disposals that nobody asked for need of connected systems and recipients, and what disposals mean to the requests that wait for them. */
export class Disposals {
  constructor(private readonly requests: Requests) {}

  /** In the feed's transaction, and last in it. Where nobody holds anything, it is answered at once. */
  async keep(tx: pg.PoolClient, events: readonly SealedEvent[]): Promise<void> {
    const said = events.filter(({ entry }) => entry.source === RETENTION_SOURCE && entry.subject);
    await this.fulfil(tx, said);
    const started = said
      .filter(({ entry }) => entry.type === 'attesta.disposal.started.v1')
      .map(({ entry }) => ({ subject: entry.subject!.id, data: entry.data as Started }))
      .filter(({ data }) => data.request === undefined)
      .map(({ subject, data: { disposal: id, action, collectedUntil, categories } }): DisposalRow => ({
        id,
        subject,
        body: { action, collectedUntil, categories },
      }));
    if (started.length === 0) return;
    const asked = await this.whoIsAsked(tx, started);
    const { rows } = await tx.query<{ id: string; subject: string; answered: boolean }>(
      `insert into disposal (id, subject, body, asked, answered)
       select id, subject, body, not held, not held from unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::boolean[]) d (id, subject, body, held)
       on conflict do nothing returning id, subject, answered`,
      [
        started.map(({ id }) => id),
        started.map(({ subject }) => subject),
        started.map(({ body }) => JSON.stringify(body)),
        started.map(({ id }) => asked.get(id)!.length > 0),
      ],
    );
    await say(
      tx,
      this.requests,
      rows.filter(({ answered }) => answered).map((row) => systemsAnswered(this.requests, row, [])),
    );
  }

  /** Asks whoever has to be asked. */
  async tick(): Promise<void> {
    while ((await this.ask()) === MOST);
  }

  /** The ledger's part of an erasure is done: with the systems' it was all. */
  private async fulfil(tx: pg.PoolClient, said: readonly SealedEvent[]): Promise<void> {
    const completed = new Map(
      said
        .filter(({ entry }) => entry.type === 'attesta.disposal.completed.v1')
        .map(({ entry }) => [`${(entry.data as Completed).request} ${entry.subject!.id}`, entry.data as Completed]),
    );
    const ids = [...completed.values()].flatMap(({ request }) => request ?? []);
    if (ids.length === 0) return;
    for (const request of await lock(tx, this.requests, ids)) {
      // Of an identity tied to the person it is a part of the person's own.
      const own = completed.get(`${request.id} ${request.subject}`);
      if (!own || request.state.status !== 'accepted' || !request.state.instructed) continue;
      const survivors = own.survivors.map(({ category, ground, law, reason }) => ({
        category,
        ground,
        ...(law !== undefined && { law }),
        ...(reason !== undefined && { reason }),
      }));
      request.decide({ kind: 'fulfil', disposal: { outcome: own.outcome, survivors } }, undefined);
      await request.save(tx);
    }
  }

  /** Issues the tasks of some disposals. @returns how many were looked at */
  private async ask(): Promise<number> {
    const { pool, options, systems } = this.requests;
    const { rows: waiting } = await pool.query<DisposalRow>(
      `select id, subject, body from disposal where not asked order by id limit ${MOST}`,
    );
    if (waiting.length === 0) return 0;
    const refs = await options.directory.refsOf([...new Set(waiting.map(({ subject }) => subject))]);
    await this.requests.transact(async (tx) => {
      const { rows } = await tx.query<DisposalRow>(
        'select id, subject, body from disposal where id = any($1::uuid[]) and not asked order by id for update',
        [waiting.map(({ id }) => id)],
      );
      const register = await systems.all();
      const asked = await this.whoIsAsked(tx, rows);
      const due = this.requests.tasks.due();
      const tasks = rows.flatMap(({ id, subject, body }) =>
        asked.get(id)!.map(({ system, categories }): IssuedTask => ({
          task: randomUUID(),
          request: null,
          disposal: id,
          subject,
          system,
          due,
          body: { ...body, kind: 'erasure', categories },
          hidden: { identifiers: [], refs: refs[subject] ?? [] },
        })),
      );
      const nobody = rows.filter(({ id }) => asked.get(id)!.length === 0);
      await tx.query('update disposal set asked = true, answered = id = any($2::uuid[]) where id = any($1::uuid[])', [
        rows.map(({ id }) => id),
        nobody.map(({ id }) => id),
      ]);
      await issueTasks(tx, this.requests, tasks, register);
      await say(
        tx,
        this.requests,
        nobody.map((row) => systemsAnswered(this.requests, row, [])),
      );
    });
    return waiting.length;
  }

  private async whoIsAsked(tx: pg.PoolClient, disposals: readonly DisposalRow[]): Promise<Map<string, Asked[]>> {
    const systems = await this.requests.systems.all();
    const concerned = new Map<string, Set<string>>();
    for (const { subject, body } of disposals) concerned.set(subject, new Set([...(concerned.get(subject) ?? []), ...body.categories]));
    const recipients = await this.requests.dossier.recipients(
      tx,
      [...concerned].map(([subject, categories]) => ({ subject, categories: [...categories] })),
    );
    return new Map(
      disposals.map(({ id, subject, body }) => [id, whoIsAsked(systems, 'erasure', body.categories, recipients.get(subject))]),
    );
  }
}

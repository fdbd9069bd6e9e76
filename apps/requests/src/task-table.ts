import type { FulfilmentAnswer, FulfilmentTask, TaskKind } from '@attesta/sdk';
import type { Requests } from './requests.js';
import type { System } from './systems.js';
import { numberTasks } from './task-source.js';
import type pg from 'pg';

/** What a task says without personal values. */
export interface TaskBody extends Pick<FulfilmentTask, 'action' | 'collectedUntil' | 'purposes'> {
  kind: TaskKind;
  categories: string[];
}

/** What is kept encrypted of a task: whom it is about, and what is right. */
export type Hidden = Pick<FulfilmentTask, 'identifiers' | 'refs' | 'changes'>;

/** A request's or a disposal's. */
export type TaskOwner = { request: string; disposal: null } | { request: null; disposal: string };

export type TaskRow = TaskOwner & {
  id: string;
  subject: string;
  system: string;
  body: TaskBody;
  kek: string | null;
  box: Buffer | null;
  open: boolean;
  issued_at: Date;
  due_at: Date;
  attempts: number;
  digest: string | null;
};

/** How a disposal's task ended. */
export interface TaskOutcome {
  outcome: 'done' | 'nothing-held' | 'overridden';
  kept?: Extract<FulfilmentAnswer, { outcome: 'done' }>['kept'];
  /** Why it was settled by hand. */
  reason?: string;
}

export type IssuedTask = TaskOwner & {
  task: string;
  subject: string;
  system: string;
  body: TaskBody;
  /** RFC 3339. */
  due: string;
  hidden: Hidden;
};

export const TASK_COLUMNS = 'id, request, disposal, subject, system, body, kek, box, open, issued_at, due_at, attempts, digest';

/** Keeps tasks; connected systems are told of theirs, the others wait for whoever settles them. Near the end of the transaction. */
export async function issueTasks(
  tx: pg.PoolClient,
  requests: Requests,
  tasks: readonly IssuedTask[],
  systems: readonly System[],
): Promise<void> {
  if (tasks.length === 0) return;
  const now = requests.now();
  const known = new Map(systems.map((system) => [system.id, system]));
  const boxes = await Promise.all(
    tasks.map(async ({ task, system, hidden }) => (known.has(system) ? requests.strongbox.sealJson(task, hidden) : undefined)),
  );
  await tx.query(
    `insert into task (id, request, disposal, subject, system, body, kek, box, due_at, next_at, issued_at)
     select *, $11 from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::jsonb[], $7::text[], $8::bytea[], $9::timestamptz[],
                               $10::timestamptz[])`,
    [
      tasks.map(({ task }) => task),
      tasks.map(({ request }) => request),
      tasks.map(({ disposal }) => disposal),
      tasks.map(({ subject }) => subject),
      tasks.map(({ system }) => system),
      tasks.map(({ body }) => JSON.stringify(body)),
      boxes.map((sealed) => sealed?.kek ?? null),
      boxes.map((sealed) => sealed?.box ?? null),
      tasks.map(({ due }) => due),
      tasks.map(({ system }) => (known.get(system)?.url === undefined ? null : now)),
      now,
    ],
  );
  await numberTasks(
    tx,
    tasks.filter(({ system }) => known.has(system)).map(({ task }) => task),
  );
}

/** A task as its system gets it. */
export async function taskOf(requests: Requests, row: TaskRow): Promise<FulfilmentTask> {
  const { id, request, disposal, subject, system, body, kek, box, issued_at, due_at } = row;
  const hidden = await requests.strongbox.openJson<Hidden>(id, { kek: kek!, box: box! });
  return {
    task: id,
    ...(request === null ? { disposal } : { request }),
    system,
    subject,
    ...body,
    ...hidden,
    issuedAt: issued_at.toISOString(),
    dueAt: due_at.toISOString(),
  };
}

/** Who is asked to do their part, with what of it. */
export interface Asked {
  system: string;
  categories: string[];
}

/**
 * Systems that hold any of the categories and can do what is asked, and whoever was given the data: over their system where they have one, otherwise
 * by hand (notice clause 7.2, GDPR Art. 19).
 * @param recipients parties, with what they were given of these categories
 */
export function whoIsAsked(
  systems: readonly System[],
  kind: TaskKind,
  categories: readonly string[],
  recipients: ReadonlyMap<string, readonly string[]> = new Map(),
): Asked[] {
  const asked = systems
    .filter(({ kinds }) => kinds.includes(kind))
    .map((system) => ({ system: system.id, categories: system.categories.filter((category) => categories.includes(category)) }));
  const connected = new Set(systems.map(({ party }) => party));
  const others = [...recipients]
    .filter(([party]) => !connected.has(party))
    .map(([system, given]) => ({ system, categories: given.filter((category) => categories.includes(category)) }));
  return [...asked, ...others].filter((one) => one.categories.length > 0);
}

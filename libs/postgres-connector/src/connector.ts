import type { Fulfilment, FulfilmentTask, HandlerAnswer, KeptCategory } from '@attesta/sdk';
import type pg from 'pg';
import { access } from './access.js';
import { readCatalog, type Catalog } from './catalog.js';
import { erase } from './erase.js';
import { MappingError, type Mapping } from './mapping.js';
import { codeOf, PersonTransaction, TaskFailure, type RunStatement } from './person-transaction.js';
import { rectify } from './rectify.js';

/** What a task would do; nothing of the person is in it. */
export interface DryRun {
  outcome: HandlerAnswer['outcome'];
  /** Why it would fail. */
  reason?: string;
  /** In which it would be done. */
  categories?: string[];
  kept?: KeptCategory[];
  /** In order, with the rows that each read, changed or deleted. */
  statements: RunStatement[];
}

export interface Connector {
  /** Of access and portability: all of it as it was at one moment. */
  access(task: FulfilmentTask): Promise<HandlerAnswer>;
  /** Of the columns marked `rectify`, in one transaction. */
  rectify(task: FulfilmentTask): Promise<HandlerAnswer>;
  /** In one transaction. */
  erase(task: FulfilmentTask): Promise<HandlerAnswer>;
  /** Makes it the handler of access, portability, rectification and erasure. @throws Error when the mapping is another system's */
  attach(fulfilment: Fulfilment): void;
  /** To be called at start. @throws MappingError naming every table, column or permission that the database lacks */
  check(): Promise<void>;
  /** Does the task and undoes it: locks and triggers included, nothing changed. @throws MappingError as `check` does */
  dryRun(task: FulfilmentTask): Promise<DryRun>;
}

/** Fulfils requests on a database as a mapping describes it. */
export function connector(mapping: Mapping, pool: pg.Pool): Connector {
  const mapped = new Set(mapping.tables.flatMap(({ columns }) => columns.map(({ category }) => category)));
  let catalog: Promise<Catalog> | undefined;
  const check = (): Promise<Catalog> =>
    (catalog ??= readCatalog(pool, mapping).catch((error: unknown) => {
      catalog = undefined; // The next task looks again: a table or a grant may have come.
      throw error;
    }));

  const run = async (task: FulfilmentTask, undo: boolean): Promise<{ answer: HandlerAnswer; statements: RunStatement[] }> => {
    const known = await check();
    const { kind } = task;
    let statements: RunStatement[] = [];
    const reads = kind === 'access' || kind === 'portability';
    const work = (tx: PersonTransaction) => {
      ({ statements } = tx);
      // Silence about a category would be taken for nothing being held of it.
      const unmapped = task.categories.filter((category) => !mapped.has(category));
      if (unmapped.length > 0) throw new TaskFailure(`the mapping has no column of ${unmapped.join(', ')}`);
      if (kind === 'restriction') throw new TaskFailure('restriction is not done by a mapping; give the fulfilment a handler of its own');
      return reads ? access(tx, mapping, task) : kind === 'erasure' ? erase(tx, mapping, known, task) : rectify(tx, mapping, task);
    };
    const answer = await PersonTransaction.run(pool, { write: !reads, undo }, async (tx) => work(tx)).catch(failureOf);
    return { answer, statements };
  };
  const answer = async (task: FulfilmentTask): Promise<HandlerAnswer> => (await run(task, false).catch(asMisfit)).answer;

  return {
    access: answer,
    rectify: answer,
    erase: answer,
    attach(fulfilment) {
      if (fulfilment.system !== mapping.system) {
        throw new Error(`The mapping is that of ${mapping.system}, the fulfilment that of ${fulfilment.system}; use the same.`);
      }
      fulfilment.onAccess(answer).onRectification(answer).onErasure(answer);
    },
    async check() {
      await check();
    },
    async dryRun(task) {
      const { answer: would, statements } = await run(task, true);
      return {
        outcome: would.outcome,
        ...(would.outcome === 'failed' && { reason: would.reason }),
        ...(would.outcome === 'done' && { categories: would.categories, ...(would.kept && { kept: would.kept }) }),
        statements,
      };
    },
  };
}

/** Names of the database's own things alone: what PostgreSQL says besides repeats values. @throws what is no error of PostgreSQL, for the fulfilment to tell */
function failureOf(error: unknown): HandlerAnswer {
  const failed = (reason: string, retry: boolean): HandlerAnswer => ({ outcome: 'failed', reason, retry });
  if (error instanceof TaskFailure) return failed(error.message, false);
  const code = codeOf(error);
  const { constraint, column } = error as pg.DatabaseError;
  if (code?.startsWith('23')) return failed(`the database does not allow it: ${constraint ?? column ?? code}`, false);
  if (code?.startsWith('22')) return failed('a value has not the form of its column', false);
  if (code === undefined) throw error;
  return failed(`the database failed with ${code}`, true);
}

function asMisfit(error: unknown): { answer: HandlerAnswer } {
  if (!(error instanceof MappingError)) return { answer: failureOf(error) };
  return { answer: { outcome: 'failed', reason: 'the mapping does not fit the database; its check says where', retry: true } };
}

import type { Fulfilment, FulfilmentTask, HandlerAnswer, KeptCategory } from '@attesta/sdk';
import type pg from 'pg';
import { access } from './access.js';
import { readCatalog, type Catalog } from './catalog.js';
import { erase } from './erase.js';
import { KnownRefs } from './known-refs.js';
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

export interface ConnectorOptions {
  /** The deployment's pepper: tasks that name a person by refs alone need it. */
  pepper?: Uint8Array | undefined;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

const NO_PEPPER =
  "the task names the person by refs alone, and the connector has not the deployment's pepper to find them by: give it as ATTESTA_PEPPER";
const NOBODY = 'the task names nobody: neither identifiers nor refs';

/** Fulfils requests and disposals on a database as a mapping describes it. */
export function connector(mapping: Mapping, pool: pg.Pool, { pepper, now }: ConnectorOptions = {}): Connector {
  const known = pepper && new KnownRefs(mapping, pool, pepper, now && { now });
  const mapped = new Set(mapping.tables.flatMap(({ columns }) => columns.map(({ category }) => category)));
  let catalog: Promise<Catalog> | undefined;
  const check = (): Promise<Catalog> =>
    (catalog ??= readCatalog(pool, mapping).catch((error: unknown) => {
      catalog = undefined; // The next task looks again: a table or a grant may have come.
      throw error;
    }));

  /** @throws TaskFailure when there is nothing to find the person by */
  const identifiersOf = async ({ identifiers, refs = [], issuedAt }: FulfilmentTask): Promise<FulfilmentTask['identifiers']> => {
    if (refs.length === 0 && identifiers.length === 0) throw new TaskFailure(NOBODY);
    if (refs.length === 0 || (!known && identifiers.length > 0)) return identifiers;
    if (!known) throw new TaskFailure(NO_PEPPER);
    return [...identifiers, ...(await known.identifiersOf({ refs, issuedAt }))];
  };

  const run = async (task: FulfilmentTask, undo: boolean): Promise<{ answer: HandlerAnswer; statements: RunStatement[] }> => {
    const columns = await check();
    const { kind } = task;
    let statements: RunStatement[] = [];
    const reads = kind === 'access' || kind === 'portability';
    const perform = async (): Promise<HandlerAnswer> => {
      // Silence about a category would be taken for nothing being held of it.
      const unmapped = task.categories.filter((category) => !mapped.has(category));
      if (unmapped.length > 0) throw new TaskFailure(`the mapping has no column of ${unmapped.join(', ')}`);
      if (kind === 'restriction') throw new TaskFailure('restriction is not done by a mapping; give the fulfilment a handler of its own');
      const named = { ...task, identifiers: await identifiersOf(task) };
      return PersonTransaction.run(pool, { write: !reads, undo }, (tx) => {
        ({ statements } = tx);
        return reads ? access(tx, mapping, named) : kind === 'erasure' ? erase(tx, mapping, columns, named) : rectify(tx, mapping, named);
      });
    };
    const answer = await perform().catch(failureOf);
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

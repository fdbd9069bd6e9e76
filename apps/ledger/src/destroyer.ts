import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '@attesta/events';
import type { Carried, Destruction, Erasure, ErasureJournal, Order, Vault } from '@attesta/vault';
import type pg from 'pg';
import { removeCiphertexts, type Located } from './ciphertexts.js';
import type { Fence } from './fence.js';
import { sealedAlready, sealOwn, tellingOf } from './ledger-events.js';
import type { Rejections } from './rejections.js';
import type { Sealer } from './sealer.js';

export interface DestroyerOptions {
  /** The log's database. */
  pool: pg.Pool;
  vault: Vault;
  fence: Fence;
  journal: ErasureJournal;
  rejections: Rejections;
  sealer: Sealer;
  now: () => Date;
}

/** Keys and ciphertexts of one person to be destroyed together. */
export interface Work {
  order: Order;
  parts: readonly Located[];
  /** The disposal it is part of, and the id of the event that tells of removed ciphertexts. */
  disposal?: string;
  removal?: string;
}

/**
 * The one way by which anything is destroyed: the keys closed and the fence raised, a line in the journal, the keys destroyed, the ciphertexts
 * emptied, the events sealed. Each step can be done again, and after a crash is.
 */
export class Destroyer {
  constructor(private readonly options: DestroyerOptions) {}

  /**
   * Destroys the keys of a person; without classes the person is forgotten.
   * @returns what this call destroyed (no keys: nothing was left to destroy) and where the log tells of it; undefined when there is no such subject
   */
  async shred(
    subject: string,
    { reason, actor, classes }: { reason: string; actor: string; classes?: readonly string[] | undefined },
  ): Promise<{ keys: string[]; position: number | undefined } | undefined> {
    const order: Order = { id: randomUUID(), subject, whole: !classes, reason, actor, ...(classes && { classes }) };
    const { carried, positions } = await this.carryOut([{ order, parts: [] }]);
    return carried[0] && { keys: carried[0].destruction?.keys ?? [], position: positions.get(order.id) };
  }

  /** @returns for each work what became of its order, undefined where there is no such subject; and positions by event id */
  async carryOut(works: readonly Work[]): Promise<{ carried: (Carried | undefined)[]; positions: Map<string, number> }> {
    const { vault, journal, pool, now } = this.options;
    const orders = works.map(({ order }) => order);
    await this.forgetRejected(orders.map(({ subject }) => subject)); // while refs lead to them
    const closed = await this.close(orders);
    const at = now().toISOString();
    const workOf = new Map(works.map((work) => [work.order.id, work]));
    const erasures = (all: readonly (Carried | undefined)[]): Erasure[] =>
      all.flatMap((one) => (one ? (erasureOf(workOf.get(one.order.id)!, one, at) ?? []) : []));
    const carried = await vault.destroy(orders, (fresh) => journal.append(erasures(fresh)));
    await this.fenceLate(carried, closed);
    const done = erasures(carried);
    await removeCiphertexts(
      pool,
      done.flatMap(({ parts = [], dead = [] }) => [...parts, ...dead]),
    );
    const positions = await this.tell(done);
    return { carried, positions };
  }

  /** Destructions that were carried out, and of which a crash left the log untold. */
  async tellOf(destructions: readonly Destruction[]): Promise<void> {
    await this.tell(
      destructions.map(({ id, at, subject, keys, whole, reason, actor }) => ({
        ...{ v: 1, id, at, subject, keys, scope: whole ? 'subject' : 'class', reason },
        ...(actor !== null && { actor }),
      })),
    );
  }

  private async forgetRejected(subjects: readonly string[]): Promise<void> {
    const refs = await this.options.vault.refsOfAll(subjects);
    await this.options.rejections.forget([...subjects, ...[...refs.values()].flat()]);
  }

  /** Keys that are still open are closed first, so that nobody goes on sealing under what is about to go. */
  private async close(orders: readonly Order[]): Promise<string[][]> {
    const { vault, fence } = this.options;
    const closed = await vault.close(
      orders.map(({ id, subject, whole, classes, keys }) => ({
        by: id,
        subject,
        ...(!whole && { ...(classes && { classes }), keys: keys ?? [] }),
      })),
    );
    const open = orders.filter((_, i) => closed[i]!.fresh).map(({ subject }) => subject);
    if (open.length > 0) await fence.raise(open);
    return closed.map(({ keys }) => keys);
  }

  /** Somebody may have been given a key between the closing and the forgetting: nothing is sealed under it after the log tells of its end. */
  private async fenceLate(carried: readonly (Carried | undefined)[], closed: readonly (readonly string[])[]): Promise<void> {
    const late = carried.filter((one, i) => one?.order.whole && one.destruction?.keys.some((key) => !closed[i]!.includes(key)));
    if (late.length > 0) await this.options.fence.raise(late.map((one) => one!.order.subject));
  }

  private async tell(erasures: readonly Erasure[]): Promise<Map<string, number>> {
    const { pool, sealer, vault, journal, now } = this.options;
    const events: CloudEvent[] = erasures.flatMap(tellingOf);
    const already = await sealedAlready(
      pool,
      events.map(({ id }) => id),
    );
    const positions = await sealOwn(
      sealer,
      events.filter(({ id }) => !already.has(id)),
    );
    const ids = erasures.map(({ id }) => id);
    await vault.told(ids);
    await journal.tell(ids, now().toISOString());
    return positions;
  }
}

/** What the journal holds of it; nothing where nothing was destroyed. */
function erasureOf({ order, parts, disposal, removal }: Work, { destruction, destroyed }: Carried, now: string): Erasure | undefined {
  if (!destruction && parts.length === 0) return undefined;
  const { id, subject, whole, reason, actor } = order;
  const living = parts.filter(({ key }) => !destroyed.has(key));
  const dead = parts.filter(({ key }) => destroyed.has(key));
  return {
    v: 1,
    id,
    at: destruction?.at ?? now,
    subject,
    keys: destruction?.keys ?? [],
    scope: whole ? 'subject' : 'class',
    reason,
    ...(actor !== undefined && { actor }),
    ...(disposal !== undefined && { disposal }),
    ...(removal !== undefined && { removal }),
    ...(living.length > 0 && { parts: living.map(({ part }) => part) }),
    ...(dead.length > 0 && { dead: dead.map(({ part }) => part) }),
  };
}

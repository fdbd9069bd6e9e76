import type { SealedPart } from '@attesta/events';
import type pg from 'pg';
import {
  closeKeys,
  destroyKeys,
  FORGOTTEN_CHANNEL,
  IN_ORDER,
  untoldDestructions,
  type Carried,
  type Closed,
  type Closing,
  type Destruction,
  type Order,
} from './destruction.js';
import { dataKey, Directory, refBytes, type Subject, type Wanted } from './directory.js';
import { inTransaction } from './in-transaction.js';
import type { KeyProvider } from './key-provider.js';
import { openPart, sealPart, type DataKey, type SealContext, type Sealed } from './seal.js';

/** Removed: the key lives, and this ciphertext was taken away. Missing: nobody knows of the key, or its bytes were lost in a restore. */
export type Opened =
  | { status: 'open'; values: unknown }
  | { status: 'destroyed'; at: string }
  | { status: 'removed' }
  | { status: 'missing' }
  | { status: 'altered' };

/** A sealed part on its way to be opened. */
export interface ClosedPart {
  part: SealedPart;
  /** Empty when it was removed. */
  ciphertext: Buffer | undefined;
  context: Omit<SealContext, 'subject'>;
}

export interface VaultOptions {
  pool: pg.Pool;
  provider: KeyProvider;
  /** Subjects kept in memory. */
  cache?: number;
}

/** Who the people are, the keys of what is sealed about them, and the destruction of those keys. */
export class Vault {
  private readonly pool: pg.Pool;
  private readonly directory: Directory;
  private listener: pg.PoolClient | undefined;
  private closed = false;
  private again: NodeJS.Timeout | undefined;

  constructor(private readonly options: VaultOptions) {
    this.pool = options.pool;
    this.directory = new Directory(options.pool, options.provider, options.cache ?? 200_000);
  }

  /** Hears of people forgotten by other processes. */
  async start(): Promise<void> {
    const client = await this.pool.connect();
    this.listener = client;
    client.on('notification', ({ payload }) => payload && this.directory.drop(payload));
    // It stays: a connection that is cut may say so twice, and what nobody hears would end the process.
    client.on('error', () => this.lost(client));
    await client.query(`listen ${FORGOTTEN_CHANNEL}`).catch((error: unknown) => {
      this.lost(client);
      throw error;
    });
  }

  private lost(client: pg.PoolClient): void {
    if (this.listener !== client) return; // stopped meanwhile: it is given back already
    this.listener = undefined;
    client.release(true);
    this.directory.clear(); // what was missed meanwhile is unknown
    this.listenAgain();
  }

  /** As often as it takes: whoever does not hear of forgotten people goes on sealing for them. */
  private listenAgain(): void {
    if (this.closed || this.again) return;
    this.again = setTimeout(() => {
      this.again = undefined;
      if (this.closed || this.listener) return;
      this.start().then(
        () => this.directory.clear(), // of what was missed until now
        () => this.listenAgain(),
      );
    }, 1000).unref();
  }

  stop(): Promise<void> {
    this.closed = true;
    const { listener } = this;
    this.listener = undefined;
    listener?.release(true); // closing the connection ends the listening
    return Promise.resolve();
  }

  /** The subject when it and all the keys wanted are in memory. */
  cached(who: string, classes: readonly string[]): Subject | undefined {
    return this.directory.cached(who, classes);
  }

  /** Brings subjects and keys into memory, making what is not there yet (Directory.ensure). */
  ensure(wanted: readonly Wanted[]): Promise<void> {
    return this.directory.ensure(wanted);
  }

  /** The subject behind a ref, without making one. */
  async find(ref: string): Promise<string | undefined> {
    return (await this.findAll([ref]))[0];
  }

  /** The subjects behind refs, in their order, without making any; undefined where nobody is known. */
  async findAll(refs: readonly string[]): Promise<(string | undefined)[]> {
    const { rows } = await this.pool.query<{ o: number; subject: string }>(
      'select o::int, r.subject from unnest($1::bytea[]) with ordinality q(ref, o) join subject_ref r on r.ref = q.ref',
      [refs.map(refBytes)],
    );
    const found = new Array<string | undefined>(refs.length);
    for (const { o, subject } of rows) found[o - 1] = subject;
    return found;
  }

  /** All refs that lead to a subject. */
  async refsOf(subject: string): Promise<string[]> {
    return (await this.refsOfAll([subject])).get(subject) ?? [];
  }

  /** All refs that lead to each of these subjects; a subject that has none is absent. */
  async refsOfAll(subjects: readonly string[]): Promise<Map<string, string[]>> {
    const { rows } = await this.pool.query<{ subject: string; refs: Buffer[] }>(
      'select subject, array_agg(ref order by ref) as refs from subject_ref where subject = any ($1::uuid[]) group by subject',
      [subjects],
    );
    return new Map(rows.map(({ subject, refs }) => [subject, refs.map((ref) => `ref1.${ref.toString('base64url')}`)]));
  }

  /** Lets go of what is in memory of somebody whose keys another process closed. */
  drop(subject: string): void {
    this.directory.drop(subject);
  }

  seal(subject: Subject, retentionClass: string, context: Omit<SealContext, 'subject'>, personal: unknown): Sealed {
    const key = subject.keys.get(retentionClass);
    if (!key) throw new Error(`no ${retentionClass} key in memory: call ensure first`);
    return sealPart(key, { ...context, subject: subject.id }, personal);
  }

  /** Opens one sealed part: what became of its key is told before what became of the ciphertext. @param ciphertext empty when it was removed */
  async open(part: SealedPart, ciphertext: Buffer | undefined, context: Omit<SealContext, 'subject'>): Promise<Opened> {
    const [opened] = await this.openAll([{ part, ciphertext, context }]);
    return opened!;
  }

  /** Opens sealed parts, in their order, with one look at their keys; one that cannot be opened keeps no other from it. */
  async openAll(closed: readonly ClosedPart[]): Promise<Opened[]> {
    const keys = new Map(closed.map(({ part }) => [keyIn(part), part]));
    const names = [...keys.values()].map(({ key }) => splitKey(key));
    const { rows } = await this.pool.query<KeyRow>(
      `select subject, class || '.' || version as key, kek, wrapped, destroyed_at
         from unnest($1::uuid[], $2::text[], $3::int[]) q(subject, class, version) join data_key using (subject, class, version)`,
      [[...keys.values()].map(({ subject }) => subject), names.map(([name]) => name), names.map(([, version]) => version)],
    );
    const kept = rows.filter((row): row is KeyRow & { wrapped: Buffer } => row.wrapped !== null);
    const secrets = await this.options.provider.unwrap(kept);
    const found = new Map<string, DataKey | Date>();
    for (const row of rows) if (row.destroyed_at) found.set(keyIn(row), row.destroyed_at);
    for (const [i, row] of kept.entries()) found.set(keyIn(row), dataKey(row.key, secrets[i]!));
    return closed.map((one) => opened(one, found.get(keyIn(one.part))));
  }

  /**
   * Closes keys (closeKeys). Who has one in memory, or is looking it up, must be told to drop it before nothing more is sealed under it: here and
   * in every other process.
   */
  close(closings: readonly Closing[]): Promise<Closed[]> {
    return closeKeys(this.pool, closings);
  }

  /** Destroys keys (destroyKeys), and forgets who is to be forgotten. */
  async destroy(orders: readonly Order[], journal: (carried: readonly Carried[]) => Promise<void>): Promise<(Carried | undefined)[]> {
    const carried = await destroyKeys(this.pool, orders, journal);
    for (const { subject } of orders) this.directory.drop(subject);
    return carried;
  }

  /** Does work while nobody destroys anything. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return inTransaction(this.pool, async (tx) => {
      await tx.query(IN_ORDER);
      return work();
    });
  }

  /** Destructions of before a time that the log has not been told of yet, oldest first, at most 500. */
  untold(before: Date): Promise<Destruction[]> {
    return untoldDestructions(this.pool, before);
  }

  async told(ids: readonly string[]): Promise<void> {
    await this.pool.query('update destruction set told = true where id = any ($1::uuid[]) and not told', [ids]);
  }

  /** People forgotten as a whole, in the order in which they were, after a number; and the newest number there is, 0 for none. */
  async erasures(after: number, limit: number): Promise<{ erasures: { n: number; subject: string }[]; last: number }> {
    const { rows } = await this.pool.query<{ n: string | null; subject: string | null; last: string }>(
      `select e.n, e.subject, last.n as last from (select coalesce(max(n), 0) as n from destruction where whole) last
         left join lateral (select n, subject from destruction where whole and n > $1 order by n limit $2) e on true order by e.n`,
      [after, limit],
    );
    const erasures = rows.flatMap(({ n, subject }) => (n === null || subject === null ? [] : [{ n: Number(n), subject }]));
    return { erasures, last: Number(rows[0]!.last) };
  }
}

interface KeyRow {
  subject: string;
  key: string;
  kek: string;
  wrapped: Buffer | null;
  destroyed_at: Date | null;
}

const keyIn = ({ subject, key }: Pick<SealedPart, 'subject' | 'key'>): string => `${subject}/${key}`;

/** @param key or when it was destroyed */
function opened({ part, ciphertext, context }: ClosedPart, key: DataKey | Date | undefined): Opened {
  if (key instanceof Date) return { status: 'destroyed', at: key.toISOString() };
  if (!key) return { status: 'missing' };
  if (ciphertext?.length === 0) return { status: 'removed' };
  if (!ciphertext) return { status: 'altered' };
  const values = openPart(key, { ...context, subject: part.subject }, part, ciphertext);
  return values === undefined ? { status: 'altered' } : { status: 'open', values };
}

function splitKey(key: string): [name: string, version: number] {
  const dot = key.lastIndexOf('.');
  return [key.slice(0, dot), Number(key.slice(dot + 1))];
}

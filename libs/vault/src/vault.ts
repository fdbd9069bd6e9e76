import { randomUUID } from 'node:crypto';
import type { SealedPart } from '@attesta/events';
import type pg from 'pg';
import { dataKey, Directory, refBytes, type Subject, type Wanted } from './directory.js';
import type { KeyProvider } from './key-provider.js';
import { openPart, sealPart, type SealContext, type Sealed } from './seal.js';

export type Opened =
  { status: 'open'; values: unknown } | { status: 'destroyed'; at: string } | { status: 'missing' } | { status: 'altered' };

/** Data keys that were destroyed together. */
export interface Destruction {
  /** UUID; the id of the event that tells of it. */
  id: string;
  at: string;
  subject: string;
  /** `<retention class>.<version>` */
  keys: string[];
  /** The person was forgotten, not only some of their classes. */
  whole: boolean;
  reason: string;
  actor: string | null;
}

export interface VaultOptions {
  pool: pg.Pool;
  provider: KeyProvider;
  /** Subjects kept in memory. */
  cache?: number;
}

const FORGOTTEN_CHANNEL = 'attesta_vault';

/** Who the people are, the keys of what is sealed about them, and the destruction of those keys. */
export class Vault {
  private readonly pool: pg.Pool;
  private readonly directory: Directory;
  private listener: pg.PoolClient | undefined;
  private closed = false;

  constructor(private readonly options: VaultOptions) {
    this.pool = options.pool;
    this.directory = new Directory(options.pool, options.provider, options.cache ?? 200_000);
  }

  /** Hears of people forgotten by other processes. */
  async start(): Promise<void> {
    const client = await this.pool.connect();
    this.listener = client;
    client.on('notification', ({ payload }) => payload && this.directory.drop(payload));
    client.once('error', () => {
      if (this.listener !== client) return; // stopped meanwhile: it is given back already
      this.listener = undefined;
      client.release(true);
      this.directory.clear(); // what was missed meanwhile is unknown
      if (!this.closed) setTimeout(() => void this.start().catch(() => undefined), 1000).unref();
    });
    await client.query(`listen ${FORGOTTEN_CHANNEL}`);
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

  seal(subject: Subject, retentionClass: string, context: Omit<SealContext, 'subject'>, personal: unknown): Sealed {
    const key = subject.keys.get(retentionClass);
    if (!key) throw new Error(`no ${retentionClass} key in memory: call ensure first`);
    return sealPart(key, { ...context, subject: subject.id }, personal);
  }

  /** Opens one sealed part. A key that was destroyed and one that never was are different answers. */
  async open(part: SealedPart, ciphertext: Buffer, context: Omit<SealContext, 'subject'>): Promise<Opened> {
    const [name, version] = splitKey(part.key);
    const { rows } = await this.pool.query<{ kek: string; wrapped: Buffer | null; destroyed_at: Date | null }>(
      'select kek, wrapped, destroyed_at from data_key where subject = $1 and class = $2 and version = $3',
      [part.subject, name, version],
    );
    const row = rows[0];
    if (!row) return { status: 'missing' };
    if (!row.wrapped) return { status: 'destroyed', at: row.destroyed_at!.toISOString() };
    const [secret] = await this.options.provider.unwrap([{ kek: row.kek, wrapped: row.wrapped }]);
    const values = openPart(dataKey(part.key, secret!), { ...context, subject: part.subject }, part, ciphertext);
    return values === undefined ? { status: 'altered' } : { status: 'open', values };
  }

  /**
   * Crypto-shredding. Without classes: the person is forgotten, every key destroyed and every ref to them removed. With classes: only those
   * keys. Doing it again destroys nothing more.
   * @returns what this call destroyed (no keys: nothing was left to destroy); undefined when there is no such subject
   */
  async shred(subject: string, reason: string, actor: string | null, classes?: readonly string[]): Promise<Destruction | undefined> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    const note = (error: Error) => {
      broken = error;
    };
    client.on('error', note); // without a listener a cut connection would end the process
    try {
      await client.query('begin');
      const found = await client.query('select 1 from subject where id = $1 for update', [subject]);
      if (!found.rowCount) {
        await client.query('rollback');
        return undefined;
      }
      const destroyed = await client.query<{ key: string }>(
        `update data_key set wrapped = null, destroyed_at = clock_timestamp(), reason = $2
          where subject = $1 and wrapped is not null and ($3::text[] is null or class = any ($3)) returning class || '.' || version as key`,
        [subject, reason, classes ?? null],
      );
      let forgotten = 0;
      if (!classes) {
        await client.query('delete from subject_ref where subject = $1', [subject]);
        forgotten =
          (await client.query('update subject set forgotten_at = clock_timestamp() where id = $1 and forgotten_at is null', [subject]))
            .rowCount ?? 0;
      }
      const keys = destroyed.rows.map(({ key }) => key);
      const destruction: Destruction = { id: randomUUID(), at: new Date().toISOString(), subject, keys, whole: !classes, reason, actor };
      if (keys.length > 0 || forgotten > 0) {
        await client.query('insert into destruction (id, at, subject, keys, whole, reason, actor) values ($1, $2, $3, $4, $5, $6, $7)', [
          destruction.id,
          destruction.at,
          subject,
          keys,
          !classes,
          reason,
          actor,
        ]);
      }
      await client.query('select pg_notify($1, $2)', [FORGOTTEN_CHANNEL, subject]);
      await client.query('commit');
      this.directory.drop(subject);
      return destruction;
    } catch (error) {
      await client.query('rollback').catch(note);
      throw error;
    } finally {
      client.off('error', note);
      client.release(broken);
    }
  }

  /** Destructions that the log has not been told of yet, oldest first. */
  async untold(): Promise<Destruction[]> {
    const { rows } = await this.pool.query<Omit<Destruction, 'at'> & { at: Date }>(
      'select id, at, subject, keys, whole, reason, actor from destruction where not told order by at limit 1000',
    );
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  }

  async told(id: string): Promise<void> {
    await this.pool.query('update destruction set told = true where id = $1', [id]);
  }
}

function splitKey(key: string): [name: string, version: number] {
  const dot = key.lastIndexOf('.');
  return [key.slice(0, dot), Number(key.slice(dot + 1))];
}

import { randomBytes, randomUUID } from 'node:crypto';
import type { SealedPart } from '@attesta/events';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { hmacSha256 } from './hmac.js';
import type { KeyProvider } from './key-provider.js';
import { openPart, sealPart, type DataKey, type SealContext, type Sealed } from './seal.js';

/** A person as the ledger knows them: a random pseudonym and, once asked for, the data keys of its retention classes. */
export interface Subject {
  readonly id: string;
  /** The id's 16 bytes as latin1. */
  readonly raw: string;
  /** Current data key by retention class. */
  readonly keys: Map<string, DataKey>;
  /** The person was forgotten: nothing more may be sealed for them. */
  readonly forgotten: boolean;
}

/** Somebody an event speaks of, and the retention classes of the personal values it brings. */
export interface Wanted {
  /** `ref1.…` or a subject id. */
  who: string;
  classes: readonly string[];
}

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
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Directory of subjects and their keys. `cached` is the hot path and never touches the database; `ensure` fills what it lacks. */
export class Vault {
  private readonly pool: pg.Pool;
  private readonly byId: LRUCache<string, Subject>;
  private readonly byRef: LRUCache<string, Subject>;
  private listener: pg.PoolClient | undefined;
  private closed = false;

  constructor(private readonly options: VaultOptions) {
    this.pool = options.pool;
    const max = options.cache ?? 200_000;
    this.byId = new LRUCache({ max });
    this.byRef = new LRUCache({ max });
  }

  /** Hears of people forgotten by other processes. */
  async start(): Promise<void> {
    const client = await this.pool.connect();
    this.listener = client;
    client.on('notification', ({ payload }) => payload && this.drop(payload));
    client.once('error', () => {
      if (this.listener !== client) return; // stopped meanwhile: it is given back already
      this.listener = undefined;
      client.release(true);
      this.clear(); // what was missed meanwhile is unknown
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
    const subject = who.startsWith('ref1.') ? this.byRef.get(who) : this.byId.get(who);
    if (subject === undefined) return undefined;
    for (const name of classes) if (!subject.keys.has(name)) return undefined;
    return subject;
  }

  /**
   * Brings subjects and keys into memory, making what is not there yet: an unknown ref becomes a new subject, a class without a living key
   * gets one. An unknown subject id stays unknown; a forgotten one gets no new key.
   */
  async ensure(wanted: readonly Wanted[]): Promise<void> {
    const refs = new Set<string>();
    const ids = new Set<string>();
    for (const { who } of wanted) (UUID.test(who) ? ids : refs).add(who);
    await this.loadRefs([...refs].filter((ref) => !this.byRef.has(ref)));
    await this.loadIds([...ids].filter((id) => !this.byId.has(id)));
    const missing = new Map<string, { subject: Subject; name: string }>();
    for (const { who, classes } of wanted) {
      const subject = this.byRef.get(who) ?? this.byId.get(who);
      if (!subject || subject.forgotten) continue;
      for (const name of classes) if (!subject.keys.has(name)) missing.set(`${subject.id}/${name}`, { subject, name });
    }
    if (missing.size > 0) await this.loadKeys([...missing.values()]);
  }

  /** The subject behind a ref, without making one. */
  async find(ref: string): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ subject: string }>('select subject from subject_ref where ref = $1', [refBytes(ref)]);
    return rows[0]?.subject;
  }

  /** All refs that lead to a subject. */
  async refsOf(subject: string): Promise<string[]> {
    const { rows } = await this.pool.query<{ ref: Buffer }>('select ref from subject_ref where subject = $1', [subject]);
    return rows.map(({ ref }) => `ref1.${ref.toString('base64url')}`);
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
      this.drop(subject);
      return destruction;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      client.release();
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

  private drop(id: string): void {
    const subject = this.byId.get(id);
    this.byId.delete(id);
    if (subject) for (const [ref, known] of this.byRef.entries()) if (known === subject) this.byRef.delete(ref);
  }

  private clear(): void {
    this.byId.clear();
    this.byRef.clear();
  }

  private async loadRefs(refs: string[]): Promise<void> {
    if (refs.length === 0) return;
    await this.findRefs(refs);
    const unknown = refs.filter((ref) => !this.byRef.has(ref));
    if (unknown.length === 0) return;
    const ids = unknown.map(() => randomUUID());
    // Two processes may meet the same new person: the ref decides, and a subject nobody refers to is not kept.
    await this.pool.query(
      `with made as (select * from unnest($1::bytea[], $2::uuid[]) as t(ref, id)),
            s as (insert into subject (id) select id from made returning id),
            r as (insert into subject_ref (ref, subject) select ref, id from made where id in (select id from s) on conflict (ref) do nothing returning subject)
       select 1`,
      [unknown.map(refBytes), ids],
    );
    await this.pool.query(
      'delete from subject s where id = any ($1::uuid[]) and not exists (select from subject_ref r where r.subject = s.id)',
      [ids],
    );
    await this.findRefs(unknown);
  }

  private async findRefs(refs: string[]): Promise<void> {
    const { rows } = await this.pool.query<{ o: number; subject: string }>(
      'select o::int, r.subject from unnest($1::bytea[]) with ordinality q(ref, o) join subject_ref r on r.ref = q.ref',
      [refs.map(refBytes)],
    );
    for (const { o, subject } of rows) this.byRef.set(refs[o - 1]!, this.remember(subject, false));
  }

  private async loadIds(ids: string[]): Promise<void> {
    if (ids.length === 0) return;
    const { rows } = await this.pool.query<{ id: string; forgotten: boolean }>(
      'select id, forgotten_at is not null as forgotten from subject where id = any ($1::uuid[])',
      [ids],
    );
    for (const { id, forgotten } of rows) this.remember(id, forgotten);
  }

  private remember(id: string, forgotten: boolean): Subject {
    const known = this.byId.get(id);
    if (known) return known;
    const raw = Buffer.from(id.replaceAll('-', ''), 'hex').toString('latin1');
    const subject: Subject = { id, raw, keys: new Map(), forgotten };
    this.byId.set(id, subject);
    return subject;
  }

  private async loadKeys(missing: { subject: Subject; name: string }[]): Promise<void> {
    let left = await this.findKeys(missing);
    if (left.length === 0) return;
    const wrapped = await this.options.provider.wrap(left.map(() => randomBytes(32)));
    await this.pool.query(
      `insert into data_key (subject, class, version, kek, wrapped)
       select t.subject, t.class, coalesce((select max(version) from data_key k where k.subject = t.subject and k.class = t.class), 0) + 1, t.kek, t.wrapped
         from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[]) as t(subject, class, kek, wrapped)
         join subject s on s.id = t.subject and s.forgotten_at is null
       on conflict do nothing`,
      [
        left.map(({ subject }) => subject.id),
        left.map(({ name }) => name),
        wrapped.map(({ kek }) => kek),
        wrapped.map((key) => key.wrapped),
      ],
    );
    left = await this.findKeys(left);
    for (const { subject } of left) this.drop(subject.id); // forgotten meanwhile: the next look tells
  }

  /** @returns those without a living key */
  private async findKeys(wanted: { subject: Subject; name: string }[]): Promise<{ subject: Subject; name: string }[]> {
    const { rows } = await this.pool.query<{ o: number; version: number; kek: string; wrapped: Buffer }>(
      `select distinct on (o) o::int, k.version, k.kek, k.wrapped
         from unnest($1::uuid[], $2::text[]) with ordinality q(subject, class, o)
         join data_key k on k.subject = q.subject and k.class = q.class and k.wrapped is not null order by o, k.version desc`,
      [wanted.map(({ subject }) => subject.id), wanted.map(({ name }) => name)],
    );
    const secrets = await this.options.provider.unwrap(rows);
    for (const [i, { o, version }] of rows.entries()) {
      const { subject, name } = wanted[o - 1]!;
      subject.keys.set(name, dataKey(`${name}.${version}`, secrets[i]!));
    }
    const found = new Set(rows.map(({ o }) => o - 1));
    return wanted.filter((_, i) => !found.has(i));
  }
}

const refBytes = (ref: string): Buffer => Buffer.from(ref.slice('ref1.'.length), 'base64url');

function splitKey(key: string): [name: string, version: number] {
  const dot = key.lastIndexOf('.');
  return [key.slice(0, dot), Number(key.slice(dot + 1))];
}

const dataKey = (name: string, secret: Buffer): DataKey => ({
  name,
  secret,
  mac: Buffer.from(hmacSha256(secret, 'attesta.nonce.v1'), 'latin1'),
});

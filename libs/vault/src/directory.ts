import { randomBytes, randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { hmacSha256 } from './hmac.js';
import type { KeyProvider } from './key-provider.js';
import type { DataKey } from './seal.js';

/** A person as the ledger knows them: a random pseudonym and, once asked for, the data keys of its retention classes. */
export interface Subject {
  readonly id: string;
  /** The id's 16 bytes as latin1. */
  readonly raw: string;
  /** Open data key by retention class. */
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

interface MissingKey {
  subject: Subject;
  /** Retention class. */
  name: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Looks at people who were dropped while they were looked up. */
const MOST_LOOKS = 5;

/** Subjects and their open keys in memory. `cached` is the hot path and never touches the database; `ensure` fills what it lacks. */
export class Directory {
  private readonly byId: LRUCache<string, Subject>;
  private readonly idOf: LRUCache<string, string>;
  private wanted: Wanted[] = [];
  private lookup: Promise<unknown> = Promise.resolve();
  private next: Promise<void> | undefined;
  /** Who was dropped while a look-up is under way: what it has read of them may be out of date. */
  private dropped: Set<string> | 'everybody' | undefined;

  constructor(
    private readonly pool: pg.Pool,
    private readonly provider: KeyProvider,
    max: number,
  ) {
    this.byId = new LRUCache({ max });
    this.idOf = new LRUCache({ max });
  }

  /** The subject when it and all the keys wanted are in memory. */
  cached(who: string, classes: readonly string[]): Subject | undefined {
    const subject = this.known(who);
    if (subject === undefined) return undefined;
    for (const name of classes) if (!subject.keys.has(name)) return undefined;
    return subject;
  }

  /** No ref leads to somebody who was forgotten. */
  private known(who: string): Subject | undefined {
    if (!who.startsWith('ref1.')) return this.byId.get(who);
    const id = this.idOf.get(who);
    const subject = id === undefined ? undefined : this.byId.get(id);
    return subject?.forgotten ? undefined : subject;
  }

  /**
   * Brings subjects and keys into memory, making what is not there yet: an unknown ref becomes a new subject, a class without an open key
   * gets one. An unknown subject id stays unknown; a forgotten one gets no new key. Callers that come while a look-up is under way share the
   * next one: many single events cost the statements of one batch.
   */
  ensure(wanted: readonly Wanted[]): Promise<void> {
    for (const one of wanted) this.wanted.push(one);
    this.next ??= this.lookup.then(() => {
      const all = this.wanted;
      this.wanted = [];
      this.next = undefined;
      const lookup = this.look(all);
      this.lookup = lookup.catch(() => undefined);
      return lookup;
    });
    return this.next;
  }

  /** Whoever is dropped meanwhile is looked up once more. */
  private async look(all: readonly Wanted[]): Promise<void> {
    let wanted = all;
    try {
      for (let looks = 0; looks < MOST_LOOKS && wanted.length > 0; looks++) {
        this.dropped = new Set();
        await this.bring(wanted);
        wanted = this.isUpToDate() ? [] : wanted.filter(({ who, classes }) => !this.cached(who, classes));
      }
    } finally {
      this.dropped = undefined;
    }
  }

  private isUpToDate(): boolean {
    return this.dropped !== 'everybody' && !this.dropped?.size;
  }

  private async bring(wanted: readonly Wanted[]): Promise<void> {
    const refs = new Set<string>();
    const ids = new Set<string>();
    for (const { who } of wanted) {
      if (UUID.test(who)) {
        if (!this.byId.has(who)) ids.add(who);
      } else if (!this.known(who)) refs.add(who);
    }
    const made = await this.loadRefs([...refs].sort());
    await this.loadIds([...ids]);
    const missing = new Map<string, MissingKey>();
    for (const { who, classes } of wanted) {
      const subject = this.known(who);
      if (!subject || subject.forgotten) continue;
      for (const name of classes) if (!subject.keys.has(name)) missing.set(`${subject.id}/${name}`, { subject, name });
    }
    if (missing.size > 0) await this.loadKeys([...missing.values()], made);
  }

  /** Lets go of what is in memory of a subject, and of what a look-up under way has read. */
  drop(id: string): void {
    this.byId.delete(id);
    if (this.dropped !== 'everybody') this.dropped?.add(id);
  }

  clear(): void {
    this.byId.clear();
    this.dropped &&= 'everybody';
  }

  /** @returns those whom this call made. Refs come sorted: two processes that meet the same new people wait for one another, never in a ring. */
  private async loadRefs(refs: string[]): Promise<Set<Subject>> {
    const made = new Set<Subject>();
    if (refs.length === 0) return made;
    const unknown = await this.findRefs(refs);
    if (unknown.length === 0) return made;
    const { rows } = await this.pool.query<{ o: number; subject: string }>(
      `with q as (select * from unnest($1::bytea[], $2::uuid[]) with ordinality as q(ref, id, o)),
            r as (insert into subject_ref (ref, subject) select ref, id from q order by o on conflict (ref) do nothing returning subject),
            s as (insert into subject (id) select subject from r)
       select q.o::int, r.subject from r join q on q.id = r.subject`,
      [unknown.map(refBytes), unknown.map(() => randomUUID())],
    );
    for (const { o, subject } of rows) {
      this.idOf.set(unknown[o - 1]!, subject);
      const known = this.remember(subject, false);
      if (known) made.add(known);
    }
    const ours = new Set(rows.map(({ o }) => o));
    const theirs = unknown.filter((_, i) => !ours.has(i + 1)); // another process was quicker
    if (theirs.length > 0) await this.findRefs(theirs);
    return made;
  }

  /** @returns those that nobody has */
  private async findRefs(refs: string[]): Promise<string[]> {
    const { rows } = await this.pool.query<{ o: number; subject: string }>(
      'select o::int, r.subject from unnest($1::bytea[]) with ordinality q(ref, o) join subject_ref r on r.ref = q.ref',
      [refs.map(refBytes)],
    );
    for (const { o, subject } of rows) {
      this.idOf.set(refs[o - 1]!, subject);
      this.remember(subject, false);
    }
    const found = new Set(rows.map(({ o }) => o));
    return refs.filter((_, i) => !found.has(i + 1));
  }

  private async loadIds(ids: string[]): Promise<void> {
    if (ids.length === 0) return;
    const { rows } = await this.pool.query<{ id: string; forgotten: boolean }>(
      'select id, forgotten_at is not null as forgotten from subject where id = any ($1::uuid[])',
      [ids],
    );
    for (const { id, forgotten } of rows) this.remember(id, forgotten);
  }

  /** Nobody who was dropped since it was read. */
  private remember(id: string, forgotten: boolean): Subject | undefined {
    if (this.dropped === 'everybody' || this.dropped?.has(id)) return undefined;
    const known = this.byId.get(id);
    if (known) return known;
    const raw = Buffer.from(id.replaceAll('-', ''), 'hex').toString('latin1');
    const subject: Subject = { id, raw, keys: new Map(), forgotten };
    this.byId.set(id, subject);
    return subject;
  }

  private async loadKeys(missing: MissingKey[], made: ReadonlySet<Subject>): Promise<void> {
    const known = missing.filter(({ subject }) => !made.has(subject));
    const none = [...missing.filter(({ subject }) => made.has(subject)), ...(await this.findKeys(known))];
    const taken = await this.findKeys(await this.makeKeys(none));
    for (const { subject } of taken) this.drop(subject.id); // forgotten or closed meanwhile: the next look tells
  }

  /** @returns those that got no key here: another process was quicker, or they were forgotten */
  private async makeKeys(missing: MissingKey[]): Promise<MissingKey[]> {
    if (missing.length === 0) return [];
    const sorted = missing.toSorted((a, b) => (a.subject.raw + a.name < b.subject.raw + b.name ? -1 : 1));
    const secrets = sorted.map(() => randomBytes(32));
    const wrapped = await this.provider.wrap(secrets);
    const { rows } = await this.pool.query<{ subject: string; class: string; version: number }>(
      `insert into data_key (subject, class, version, kek, wrapped)
       select t.subject, t.class, coalesce(k.newest, 0) + 1, t.kek, t.wrapped
         from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[]) with ordinality as t(subject, class, kek, wrapped, o)
         join subject s on s.id = t.subject and s.forgotten_at is null
        cross join lateral (select max(version) as newest, bool_or(wrapped is not null and closed_at is null) as open
                              from data_key where subject = t.subject and class = t.class) k
        where k.open is not true order by t.o for key share of s
       on conflict do nothing returning subject, class, version`,
      [
        sorted.map(({ subject }) => subject.id),
        sorted.map(({ name }) => name),
        wrapped.map(({ kek }) => kek),
        wrapped.map((key) => key.wrapped),
      ],
    );
    const versions = new Map(rows.map((row) => [`${row.subject}/${row.class}`, row.version]));
    return sorted.filter(({ subject, name }, i) => {
      const version = versions.get(`${subject.id}/${name}`);
      if (version !== undefined) subject.keys.set(name, dataKey(`${name}.${version}`, secrets[i]!));
      return version === undefined;
    });
  }

  /** @returns those without an open key */
  private async findKeys(wanted: MissingKey[]): Promise<MissingKey[]> {
    if (wanted.length === 0) return [];
    const { rows } = await this.pool.query<{ o: number; version: number; kek: string; wrapped: Buffer }>(
      // One look by key for each, also while the planner knows nothing of a young table.
      `select o::int, k.version, k.kek, k.wrapped
         from unnest($1::uuid[], $2::text[]) with ordinality q(subject, class, o)
        cross join lateral (select version, kek, wrapped from data_key where subject = q.subject and class = q.class
                               and wrapped is not null and closed_at is null order by version desc limit 1) k`,
      [wanted.map(({ subject }) => subject.id), wanted.map(({ name }) => name)],
    );
    const secrets = await this.provider.unwrap(rows);
    for (const [i, { o, version }] of rows.entries()) {
      const { subject, name } = wanted[o - 1]!;
      subject.keys.set(name, dataKey(`${name}.${version}`, secrets[i]!));
    }
    const found = new Set(rows.map(({ o }) => o - 1));
    return wanted.filter((_, i) => !found.has(i));
  }
}

export const refBytes = (ref: string): Buffer => Buffer.from(ref.slice('ref1.'.length), 'base64url');

export const dataKey = (name: string, secret: Buffer): DataKey => ({
  name,
  secret,
  mac: Buffer.from(hmacSha256(secret, 'attesta.nonce.v1'), 'latin1'),
});

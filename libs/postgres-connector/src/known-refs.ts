import { identifierRef, type FulfilmentTask } from '@attesta/sdk';
import type pg from 'pg';
import type { Mapping } from './mapping.js';
import { identifiersIn } from './statements.js';

export interface KnownRefsOptions {
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Refs that are remembered at most. */
  capacity?: number;
}

type Identifiers = FulfilmentTask['identifiers'];
type Asking = Pick<FulfilmentTask, 'refs' | 'issuedAt'>;

/** Some 50 MB. */
const CAPACITY = 250_000;
const PAGE = 5_000;
/** The service's clock may be so much ahead of ours. */
const CLOCKS_MS = 60_000;

interface Reading {
  /** When it began (milliseconds). */
  at: number;
  refs: Map<string, Identifiers>;
  /** Whether it has room for all that there is. */
  whole: boolean;
}

/**
 * Whose rows they are, for tasks that name a person by refs: every identifier in the mapped columns is made a ref. The columns are read once for many
 * tasks: again only for a task that is newer than what was read, or where there is more than is remembered, and then once for all tasks that wait.
 */
export class KnownRefs {
  private readonly now: () => number;
  private readonly capacity: number;
  private last: Reading | undefined;
  private next: { refs: Set<string>; reading: Promise<Reading> } | undefined;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly mapping: Mapping,
    private readonly pool: pg.Pool,
    private readonly pepper: Uint8Array,
    { now = Date.now, capacity = CAPACITY }: KnownRefsOptions = {},
  ) {
    this.now = now;
    this.capacity = capacity;
  }

  /** What the database knows the person by, in clear. */
  async identifiersOf({ refs = [], issuedAt }: Asking): Promise<Identifiers> {
    const { last } = this;
    const isNew = last !== undefined && last.at >= Date.parse(issuedAt) + CLOCKS_MS;
    const reading = isNew && last.whole ? last : await this.readFor(refs);
    return refs.flatMap((ref) => reading.refs.get(ref) ?? []);
  }

  /** What begins to be read from now on. */
  private readFor(refs: readonly string[]): Promise<Reading> {
    if (!this.next) {
      const wanted = new Set<string>();
      const reading = this.running.then(() => {
        this.next = undefined;
        return this.read(wanted);
      });
      this.next = { refs: wanted, reading };
      this.running = reading.catch(() => undefined);
    }
    for (const ref of refs) this.next.refs.add(ref);
    return this.next.reading;
  }

  private async read(wanted: ReadonlySet<string>): Promise<Reading> {
    const reading: Reading = { at: this.now(), refs: new Map(), whole: true };
    const client = await this.pool.connect();
    let broken: Error | undefined;
    const note = (error: Error) => (broken = error);
    client.on('error', note);
    try {
      await client.query('begin isolation level repeatable read read only');
      for (const { scheme, sql } of identifiersIn(this.mapping)) {
        await client.query(`declare identifiers no scroll cursor for ${sql}`);
        for (let rows = PAGE; rows === PAGE;) {
          const page = await client.query<{ value: string }>(`fetch ${PAGE} from identifiers`);
          for (const { value } of page.rows) this.remember(reading, wanted, scheme, value);
          rows = page.rows.length;
        }
        await client.query('close identifiers');
      }
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(note);
      throw error;
    } finally {
      client.off('error', note);
      client.release(broken);
    }
    this.last = reading;
    return reading;
  }

  private remember(reading: Reading, wanted: ReadonlySet<string>, scheme: string, value: string): void {
    const ref = identifierRef(this.pepper, scheme, value);
    if (ref === undefined) return;
    const known = reading.refs.get(ref);
    if (!known && reading.refs.size >= this.capacity && !wanted.has(ref)) {
      reading.whole = false;
      return;
    }
    if (known?.some((one) => one.value === value)) return;
    reading.refs.set(ref, [...(known ?? []), { scheme, value }]);
  }
}

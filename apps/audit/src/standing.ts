import { toBase64 } from '@attesta/proof';
import type pg from 'pg';
import type { Checkpoints, SignedCheckpoint } from './checkpoints.js';
import { GROUP } from './projector.js';

/** How far an answer reaches and what vouches for it. */
export interface AsOf {
  /** Every entry up to here is in the answer, none after it; -1 = none at all. */
  position: number;
  /** Size and root (base64) of the ledger's newest checkpoint. */
  size: number;
  root: string;
  /** The signed note (C2SP tlog-checkpoint). */
  checkpoint: string;
  lag: {
    /** Entries under the checkpoint that the registers do not have yet. */
    events: number;
    /** How old the newest entry in the registers is while others wait; 0 when none do. */
    seconds: number;
    /** Entries set aside because they could not be applied: holes in the answer until an operator has replayed them. */
    parked: number;
  };
}

/** A position was asked for that the registers have not reached. */
export class NotReached extends Error {
  override name = 'NotReached';
  constructor(readonly position: number) {
    super(`The registers stand at position ${position}`);
  }
}

const WAIT_MS = 2_000;
const LOOK_MS = 25;
const RECENT_MS = 200;
/** Many who ask at once are told the same. */
const SHARED_MS = 20;

/** Where the registers stand, next to the ledger. */
export class Standing {
  private newest: { asked: number; asOf: Promise<AsOf> } | undefined;
  private shared: { asked: number; reached: Promise<Reading> } | undefined;

  constructor(
    private readonly pool: pg.Pool,
    private readonly checkpoints: Checkpoints,
    private readonly now: () => Date,
  ) {}

  /** Every entry up to here is applied or parked, in all partitions; -1 = none. Whoever asks after it is told of nothing earlier. */
  async position(): Promise<number> {
    return (await this.read()).position;
  }

  /**
   * Where they stand, or stood a moment ago.
   * @param wanted position the caller asked for; entries under way are waited for up to two seconds, so that a publisher can read what it sealed
   * @throws NotReached
   */
  async at(wanted?: number): Promise<AsOf> {
    const { position, parked, newest } = await this.reached(wanted);
    const signed = await this.checkpoints.latest();
    return describe({ position: wanted ?? position, applied: position, parked, newest }, signed, this.now());
  }

  /** Where the registers stood at most 200 ms ago: asked once, however many want to know. */
  recent(): Promise<AsOf> {
    const asked = performance.now();
    if (!this.newest || asked - this.newest.asked > RECENT_MS) this.newest = { asked, asOf: this.at() };
    return this.newest.asOf;
  }

  private async reached(wanted: number | undefined): Promise<Reading> {
    for (const until = Date.now() + WAIT_MS; ; await new Promise((resolve) => setTimeout(resolve, LOOK_MS))) {
      const found = await this.read(SHARED_MS);
      if (wanted === undefined || found.position >= wanted) return found;
      if (Date.now() > until) throw new NotReached(found.position);
    }
  }

  /** @param maxAgeMs 0 = what the database says now */
  private read(maxAgeMs = 0): Promise<Reading> {
    const asked = performance.now();
    if (!this.shared || asked - this.shared.asked >= maxAgeMs) this.shared = { asked, reached: this.ask() };
    return this.shared.reached;
  }

  private async ask(): Promise<Reading> {
    const { rows } = await this.pool.query<{ position: string | null; parked: string; newest: Date | null }>({
      name: 'standing',
      text: `select c.position, (select count(*) from feed_parked where consumer = $1 and state = 'parked') as parked,
                    (select recorded_at from timeline where position <= c.position order by position desc limit 1) as newest
               from (select case when count(*) = max(partitions) then min(position) end as position from feed_cursor where consumer = $1) c`,
      values: [GROUP],
    });
    const { position, parked, newest } = rows[0]!;
    return { position: Number(position ?? -1), parked: Number(parked), newest };
  }
}

interface Reading {
  position: number;
  parked: number;
  newest: Date | null;
}

interface Reached extends Reading {
  applied: number;
}

function describe({ position, applied, parked, newest }: Reached, { note, checkpoint }: SignedCheckpoint, now: Date): AsOf {
  const events = Math.max(0, checkpoint.size - 1 - applied);
  const seconds = events === 0 || !newest ? 0 : Math.max(0, (now.getTime() - newest.getTime()) / 1000);
  return { position, size: checkpoint.size, root: toBase64(checkpoint.root), checkpoint: note, lag: { events, seconds, parked } };
}

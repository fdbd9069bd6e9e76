import { formatWitnessKey, witnessedTime, type Cosignature, type VerifierKey, type WitnessPolicy } from '@attesta/proof';
import type pg from 'pg';

/** Sizes whose cosignatures are kept while too few witnesses sign. */
const MOST_SIZES = 100;

/** The cosignatures gathered of our newest checkpoints, in the log's database, for every replica to serve. */
export class Cosignatures {
  constructor(
    private readonly pool: pg.Pool,
    private readonly policy: WitnessPolicy,
  ) {}

  async keep(size: number, { key, time, line }: Cosignature): Promise<void> {
    await this.pool.query(
      `insert into cosignature (size, witness, time, line) values ($1, $2, $3, $4)
       on conflict (size, witness) do update set time = excluded.time, line = excluded.line where cosignature.time <= excluded.time`,
      [size, lineOf(key), time, line],
    );
  }

  /** The newest checkpoint that enough witnesses signed, with their cosignatures; undefined while there is none. */
  async newestWitnessed(): Promise<string | undefined> {
    const witnessed = await this.witnessed();
    if (!witnessed) return undefined;
    const { size } = witnessed;
    const { rows } = await this.pool.query<{ note: string }>(
      `select note || (select string_agg(line, '' order by witness) from cosignature where size = $1) as note from checkpoint where size = $1`,
      [size],
    );
    return rows[0]?.note;
  }

  /** Lets go of what newer cosignatures replace. */
  async tidy(): Promise<void> {
    await this.pool.query(
      `delete from cosignature where size < $1 or
       (size <> $1 and size < (select min(size) from (select distinct size from cosignature order by size desc limit $2) newest))`,
      [(await this.witnessed())?.size ?? 0, MOST_SIZES],
    );
  }

  /** The newest size that enough witnesses signed, and since when they did (seconds of Unix time). */
  async witnessed(): Promise<{ size: number; since: number } | undefined> {
    const { rows } = await this.pool.query<{ size: string; witness: string; time: string; line: string }>(
      'select size, witness, time, line from cosignature order by size desc',
    );
    const keys = new Map(this.policy.witnesses.map(({ key }) => [lineOf(key), key]));
    const bySize = new Map<number, Cosignature[]>();
    for (const { size, witness, time, line } of rows) {
      const key = keys.get(witness);
      const signed = bySize.get(Number(size)) ?? [];
      bySize.set(Number(size), key ? [...signed, { key, time: Number(time), line }] : signed);
    }
    for (const [size, signed] of bySize) {
      const since = signed.length > 0 ? witnessedTime(this.policy, signed) : undefined;
      if (since !== undefined) return { size, since };
    }
    return undefined;
  }
}

const lineOf = ({ name, publicKey }: VerifierKey): string => formatWitnessKey(name, publicKey);

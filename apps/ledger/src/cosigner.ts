import { Timers } from '@attesta/service-kit';
import type { LogReader, PolicyWitness, WitnessPolicy } from '@attesta/proof';
import type pg from 'pg';
import type { Cosignatures } from './cosignatures.js';
import { NotCosigned, WitnessClient, type WitnessTrouble } from './witness-client.js';

export interface CosignerOptions {
  pool: pg.Pool;
  policy: WitnessPolicy;
  /** Proofs over our own tiles. */
  log: LogReader;
  cosignatures: Cosignatures;
  /** Only one process asks; that others did as well would harm nobody. */
  leads: () => boolean;
  now: () => Date;
  /** Told when a witness begins or ceases to sign. */
  onWitness?: ((change: WitnessChange) => void) | undefined;
  onError?: ((error: unknown) => void) | undefined;
  everyMs?: number | undefined;
  /** How old a cosignature of the newest checkpoint may become before it is asked for again: while nothing happens, that says that nothing was taken back. */
  refreshMs?: number | undefined;
}

export interface WitnessChange {
  witness: string;
  /** undefined when it signs again. */
  trouble: WitnessTrouble | undefined;
}

const EVERY_MS = 2_000;
const REFRESH_MS = 60_000;
const LONGEST_PAUSE_MS = 60_000;

interface Asked {
  name: string;
  client: WitnessClient;
  signed: { size: number; at: number } | undefined;
  failures: number;
  notBefore: number;
  trouble: WitnessTrouble | undefined;
}

/**
 * Asks the policy's witnesses to sign the newest checkpoint, at a bounded pace and beside everything else: neither sealing nor publication waits for a
 * witness, and one that is away or refuses is asked again later and later, up to once a minute.
 */
export class Cosigner {
  private readonly timers: Timers;
  private readonly witnesses: Asked[];
  /** Milliseconds since the epoch. */
  private readonly askedFrom: number;

  constructor(private readonly options: CosignerOptions) {
    const { policy, log, everyMs = EVERY_MS, onError = () => undefined } = options;
    this.witnesses = policy.witnesses.filter(hasUrl).map(({ key, url }) => ({
      name: key.name,
      client: new WitnessClient({ key, url }, log),
      signed: undefined,
      failures: 0,
      notBefore: 0,
      trouble: undefined,
    }));
    this.askedFrom = options.now().getTime();
    this.timers = new Timers({ look: () => this.round(), everyMs, onError });
  }

  start(): void {
    this.timers.start();
  }

  stop(): Promise<void> {
    return this.timers.stop();
  }

  /** Witnesses that signed more of this log than there is, or another history of it. */
  get contradicting(): number {
    return this.witnesses.filter(({ trouble }) => trouble === 'knows-more' || trouble === 'other-tree').length;
  }

  /** Since when, in milliseconds since the epoch, enough witnesses vouch for the newest checkpoint that they vouch for; since it was begun to ask them, where they never did. */
  async witnessedSince(): Promise<number> {
    const witnessed = await this.options.cosignatures.witnessed();
    return witnessed ? witnessed.since * 1000 : this.askedFrom;
  }

  /** One look, after one that is under way. */
  look(): Promise<void> {
    return this.timers.tick();
  }

  private async round(): Promise<void> {
    if (!this.options.leads()) return;
    const { rows } = await this.options.pool.query<{ size: string; note: string }>(
      'select size, note from checkpoint order by size desc limit 1',
    );
    const [newest] = rows;
    if (!newest) return;
    const gathered = await Promise.all(this.witnesses.map((witness) => this.ask(witness, Number(newest.size), newest.note)));
    if (gathered.includes(true)) await this.options.cosignatures.tidy();
  }

  /** Whether it signed. */
  private async ask(witness: Asked, size: number, note: string): Promise<boolean> {
    const { now, cosignatures, refreshMs = REFRESH_MS, everyMs = EVERY_MS } = this.options;
    const at = now().getTime();
    const fresh = witness.signed?.size === size && at - witness.signed.at < refreshMs;
    if (fresh || at < witness.notBefore) return false;
    try {
      await cosignatures.keep(size, await witness.client.cosign(note));
    } catch (error) {
      if (!(error instanceof NotCosigned)) throw error;
      witness.failures++;
      witness.notBefore = at + Math.min(everyMs * 2 ** witness.failures, LONGEST_PAUSE_MS);
      this.note(witness, error.trouble);
      return false;
    }
    Object.assign(witness, { signed: { size, at }, failures: 0, notBefore: 0 });
    this.note(witness, undefined);
    return true;
  }

  private note(witness: Asked, trouble: WitnessTrouble | undefined): void {
    if (witness.trouble === trouble) return;
    witness.trouble = trouble;
    this.options.onWitness?.({ witness: witness.name, trouble });
  }
}

const hasUrl = (witness: PolicyWitness): witness is PolicyWitness & { url: string } => witness.url !== undefined;

import { SEALED_TOPIC } from '@attesta/transport';
import type { ReplicatedFleet } from './replicated-fleet.js';
import { pause } from './at-rest.js';
import { Signs } from './timed-history.js';

const EVERY_MS = 200;
/** Of the integrator, as libs/event-log elects it. */
const INTEGRATOR_LOCK = 0x61747473;

interface Sample {
  size: string;
  epoch: string;
  integrators: string[];
  relays: string[];
}

const SAMPLE = `
with held as (select pid::text as pid, (classid::bigint << 32) | objid::bigint as key, objsubid from pg_locks
              where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database()))
select (select size from log_head) as size, (select epoch from tree_head) as epoch,
       array(select pid from held where key = ${INTEGRATOR_LOCK} and objsubid = 1) as integrators,
       array(select pid from held where key = hashtextextended('attesta relay ${SEALED_TOPIC}', 0) and objsubid = 1) as relays`;

/** Looks into the databases while things break: who leads, and how far the registers are behind the log. */
export class ReplicasWatch {
  /** Of the registers: that they move, or have nothing to do. */
  readonly registers = new Signs();
  /** Milliseconds until the registers had what the log held at a moment, moment by moment. */
  readonly lags: number[] = [];
  readonly problems: string[] = [];
  /** Other processes that integrate, or carry the log to the topic, than the one before. */
  readonly takeovers = { integrator: 0, relay: 0 };
  private readonly due: { size: number; at: number }[] = [];
  private epoch = -1;
  private position = -1;
  private leaders: { integrator?: string; relay?: string } = {};
  private stopping = false;
  private readonly running: Promise<void>;

  constructor(private readonly fleet: ReplicatedFleet) {
    this.running = this.run();
  }

  /** Resolves when the registers have reached all that was looked at. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  /** Whatever is still to be reached. */
  async giveUp(): Promise<void> {
    this.due.length = 0;
    await this.stop().catch(() => undefined);
  }

  private async run(): Promise<void> {
    while (!this.stopping || this.due.length > 0) {
      await this.look();
      await pause(EVERY_MS);
    }
  }

  private async look(): Promise<void> {
    const { ledger, audit } = this.fleet.pools;
    const at = performance.now();
    const { size, epoch, integrators, relays } = (await ledger.query<Sample>(SAMPLE)).rows[0]!;
    this.lead('integrator', integrators);
    this.lead('relay', relays);
    if (Number(epoch) < this.epoch) this.problems.push(`the integrator's epoch went back from ${this.epoch} to ${epoch}`);
    this.epoch = Number(epoch);
    if (!this.stopping) this.due.push({ size: Number(size), at });
    const { rows } = await audit.query<{ position: string | null }>(
      `select min(position) as position from feed_cursor where consumer = 'audit'`,
    );
    this.reached(Number(rows[0]!.position ?? -1));
  }

  private reached(position: number): void {
    const now = performance.now();
    if (position < this.position) this.problems.push(`the registers went back from position ${this.position} to ${position}`);
    for (; this.due[0] && this.due[0].size - 1 <= position; this.due.shift()) this.lags.push(now - this.due[0].at);
    if (position > this.position || this.due.length === 0) this.registers.note();
    this.position = position;
  }

  private lead(what: 'integrator' | 'relay', holders: string[]): void {
    if (holders.length > 1) this.problems.push(`${holders.length} processes hold the ${what}'s lock`);
    const [holder] = holders;
    if (holder === undefined || holder === this.leaders[what]) return;
    if (this.leaders[what] !== undefined) this.takeovers[what]++;
    this.leaders[what] = holder;
  }
}

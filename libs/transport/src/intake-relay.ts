import type { LoggedEvent } from '@attesta/event-log';
import type { FieldProblem, Receipt } from '@attesta/events';
import type pg from 'pg';
import type { Intake } from './intake.js';
import { toCloudEvent } from './outbox-relay.js';
import { backoff, pause } from './pace.js';
import { Relay, type Carrier, type RelayCursor, type RelayLog, type RelayOptions } from './relay.js';
import { isTransient } from './transaction.js';

export interface IntakeRelayOptions extends RelayOptions {
  log: RelayLog<LoggedEvent>;
  source: string;
  intake: Intake;
  /** Who submits, as the ledger's access rules know it. */
  principal?: string;
  /** Name of lock and cursor. Default: outbox of the source. */
  name?: string;
}

/** Carries a service's own log to the ledger within one process: the embedded system's OutboxRelay. */
export class IntakeRelay extends Relay<LoggedEvent> {
  constructor({ log, source, intake, principal, name = `outbox ${source}`, ...options }: IntakeRelayOptions) {
    super(name, log, new IntakeCarrier(options.pool, name, source, intake, principal), { batchSize: 100, ...options });
  }
}

/** How often an event is submitted alone before it is parked. */
const ATTEMPTS = 5;

/** An event of ours that the ledger refuses is kept in relay_parked with the problems: never lost, and nothing waits behind it. */
class IntakeCarrier implements Carrier<LoggedEvent> {
  constructor(
    private readonly pool: pg.Pool,
    private readonly relay: string,
    private readonly source: string,
    private readonly intake: Intake,
    private readonly principal?: string,
  ) {}

  open = (cursor: RelayCursor) => Promise.resolve(cursor);
  idle = (cursor: RelayCursor) => Promise.resolve(cursor);
  close = () => Promise.resolve();

  async send(items: LoggedEvent[], cursor: RelayCursor): Promise<RelayCursor> {
    await this.submit(items);
    return { ...cursor, position: items.at(-1)!.position };
  }

  private async submit(items: LoggedEvent[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      let receipts: Receipt[];
      try {
        receipts = await this.intake.submit(
          items.map((item) => toCloudEvent(item, this.source)),
          { principal: this.principal, transport: 'internal' },
        );
        if (receipts.length !== items.length) throw new Error(`${receipts.length} receipts for ${items.length} events`);
      } catch (error) {
        // The ledger is away: the relay comes back to all of them.
        if (isTransient(error)) throw error;
        if (items.length > 1) {
          for (const item of items) await this.submit([item]);
          return;
        }
        if (tries >= ATTEMPTS) return this.park(items[0]!, [unanswered]);
        await pause(backoff(tries));
        continue;
      }
      for (const [i, receipt] of receipts.entries()) {
        if (receipt.status === 'rejected') await this.park(items[i]!, receipt.problems ?? []);
      }
      return;
    }
  }

  private async park(item: LoggedEvent, problems: FieldProblem[]): Promise<void> {
    await this.pool.query('insert into relay_parked (relay, position, event, problems) values ($1, $2, $3, $4) on conflict do nothing', [
      this.relay,
      item.position,
      JSON.stringify(toCloudEvent(item, this.source)),
      JSON.stringify(problems),
    ]);
  }
}

const unanswered: FieldProblem = {
  field: '',
  code: 'intake-failed',
  message: 'The ledger failed on this event every time it was submitted.',
  fix: 'Look for the error in the log of the ledger, mend it, and submit the event again.',
};

import type { Decision, DecisionRequest } from '@attesta/decisions';
import { ServiceLog, type NewEvent } from '@attesta/event-log';
import { amended, loadPolicy, type Amendment, type MessageRules, type Policy, type PolicySource } from '@attesta/policy';
import type { LogFetch } from '@attesta/proof';
import { allParts, CaughtUp, createPool, Directory, replayErasures, Timers, type LedgerDirectory } from '@attesta/service-kit';
import { AttestaServer, retriedTransaction, type FeedSubscription, type SealedFeed } from '@attesta/transport';
import { Strongbox, type KeyProvider } from '@attesta/vault';
import type pg from 'pg';
import { Addresses } from './addresses.js';
import { Alerts } from './alerts.js';
import { breachHooks } from './breach-notices.js';
import { Breaches } from './breaches.js';
import type { Carrier } from './carrier.js';
import { Endpoints } from './endpoints.js';
import { forget } from './forgetting.js';
import { HandOff } from './hand-off.js';
import { Messages } from './messages.js';
import { migrate } from './migrate.js';
import { NOTIFICATION_SOURCE } from './source.js';
import { SourceNotices } from './source-notices.js';
import { Stops } from './stops.js';
import { Templates, type MessageChannel } from './templates.js';
import { Waves } from './waves.js';
import { Withdrawals } from './withdrawals.js';

/** Name of the feed's consumer: its cursors are kept under it. */
export const GROUP = 'notification';

export interface Outbox {
  start(): void;
  stop(): Promise<void>;
}

/** "May we?", about a person by subject id. */
export type Asked = DecisionRequest & { subject: string };

export interface NotificationOptions {
  databaseUrl: string;
  /** Owner of the tables; the service's own role then may only do what it needs. */
  migrationUrl?: string | undefined;
  feed: SealedFeed;
  /** The policy file, parsed. */
  policy: PolicySource;
  directory: LedgerDirectory;
  /** The deployment's pepper: refs, and links to stop messages, are made with it. */
  pepper: Uint8Array;
  /** Encrypts what messages say. */
  keys: KeyProvider;
  /** Asks the consent service; answers come in order. Rejects when it cannot be asked: then what needs an answer waits. */
  decide: (asked: readonly Asked[]) => Promise<Decision[]>;
  /** Asks the requests service where whoever made each request is to be answered. */
  replyAddresses: (requests: readonly string[]) => Promise<Readonly<Record<string, { email?: string }>>>;
  /** By channel. What has none cannot be sent. */
  carriers: Partial<Record<MessageChannel, Carrier>>;
  /** Where people reach this service: links to stop messages begin with it. */
  publicUrl: string;
  /** E-mail address of the data protection officer. */
  officer: string;
  /** Messages a second at most; without it as many as go. */
  messagesPerSecond?: number | undefined;
  /** Milliseconds for which what is not urgent is gathered before the officer is told of it. */
  gatherAlertsMs?: number | undefined;
  /** The ledger's log (C2SP paths). */
  fetchLog: LogFetch;
  /** C2SP verifier key line of the log. */
  verifierKey: () => Promise<string>;
  /** Carries our own log to the ledger's intake, as NOTIFICATION_SOURCE. Without it nothing leaves (tests). */
  outbox?: ((log: ServiceLog, pool: pg.Pool) => Outbox[]) | undefined;
  /** What ends with this service, such as the listener for bounces. */
  onClose?: () => Promise<void>;
  now?: () => Date;
  /** Milliseconds between looks at what has become due. */
  tickMs?: number;
  onError?: (error: unknown) => void;
}

/** The notification service, whole but for HTTP. One per process. */
export class Notification {
  readonly strongbox: Strongbox;
  readonly templates: Templates;
  readonly addresses = new Addresses(this);
  readonly messages = new Messages(this);
  readonly waves = new Waves(this);
  readonly alerts = new Alerts(this);
  readonly endpoints = new Endpoints(this);
  readonly breaches = new Breaches(this, NOTIFICATION_SOURCE, breachHooks(this));
  readonly stops = new Stops(this);
  readonly withdrawals = new Withdrawals(this);
  readonly sourceNotices = new SourceNotices(this);
  private readonly handOff: HandOff;
  private readonly timers: Timers;
  /** Receivers of alerts may be slow, and nothing else waits for them. */
  private readonly endpointTimers: Timers;
  private readonly caughtUp: CaughtUp;
  private current: Policy;
  private amendments = 0;

  private constructor(
    readonly options: NotificationOptions,
    readonly pool: pg.Pool,
    /** What this service said. Appending is the outbox. */
    readonly log: ServiceLog,
    private readonly base: Policy,
    /** How people are written to, in the policy's numbers. */
    readonly rules: MessageRules,
    readonly directory: Directory,
    /** The sealed feed, as NestJS listens to it. */
    readonly server: AttestaServer,
    private readonly outboxes: Outbox[],
  ) {
    this.current = base;
    this.strongbox = new Strongbox(options.keys);
    this.templates = Templates.load(rules.exposure);
    this.handOff = new HandOff(this);
    this.caughtUp = new CaughtUp(options);
    const timers = (look: () => Promise<void>) =>
      new Timers({ look, everyMs: options.tickMs ?? 1_000, onError: (error) => options.onError?.(error) });
    this.timers = timers(() => this.look());
    this.endpointTimers = timers(() => this.endpoints.tick());
  }

  /**
   * Migrates, forgets whoever was erased meanwhile, and opens everything; the feed flows, and messages leave, once NestJS listens to `server`.
   * @throws Error for a policy that has no rules for messages, or when the ledger does not tell who was erased
   */
  static async open(options: NotificationOptions): Promise<Notification> {
    const notification = await Notification.prepare(options, (pool) => new ServiceLog(pool));
    await notification.handOff.open();
    await notification.replayErasures();
    await notification.refreshPolicy();
    for (const outbox of notification.outboxes) outbox.start();
    notification.timers.start();
    notification.endpointTimers.start();
    return notification;
  }

  /** The same, with nothing that runs: for restoring. @throws Error for a policy that has no rules for messages */
  static async prepare(options: NotificationOptions, openLog: (pool: pg.Pool) => ServiceLog): Promise<Notification> {
    const policy = loadPolicy(options.policy);
    const rules = policy.messages;
    if (!rules)
      throw new Error('The policy has no section "messages": add its addresses, exposure and waits, as policies/m-med.yaml has them.');
    await migrate(options);
    const pool = createPool({ url: options.databaseUrl, name: 'attesta-notification', max: 12 });
    const log = openLog(pool);
    const onError = (error: unknown) => options.onError?.(error);
    const directory = new Directory(pool, options.directory, options.pepper, onError);
    const server = new AttestaServer({ group: GROUP, pool, feed: options.feed, onError });
    const outboxes = options.outbox?.(log, pool) ?? [];
    return new Notification(options, pool, log, policy, rules, directory, server, outboxes);
  }

  /** Forgets whoever was erased and is still known here. */
  async replayErasures(): Promise<void> {
    await replayErasures({
      service: GROUP,
      transact: (work) => this.transact(work),
      directory: this.options.directory,
      forget: (tx, people) => forget(this, tx, people),
      say: (tx, event) => this.say(tx, [event]),
      now: () => this.now(),
    });
  }

  /** The policy file with what was published and registered since, as of the last look. */
  get policy(): Policy {
    return this.current;
  }

  /** Looks for what other processes, or this one, have learnt of the policy. */
  async refreshPolicy(db: Pick<pg.Pool, 'query'> = this.pool): Promise<void> {
    const { rows } = await db.query<Amendment>('select type, time, data from amendment order by position');
    if (rows.length === this.amendments) return;
    this.current = amended(this.base, rows);
    this.amendments = rows.length;
  }

  /** The service's clock. */
  now(): Date {
    return this.options.now?.() ?? new Date();
  }

  get feed(): FeedSubscription {
    return this.server.unwrap<FeedSubscription>();
  }

  /** Does what has become due by now, as the timer does. */
  async tick(): Promise<void> {
    await this.timers.tick();
    await this.endpointTimers.tick();
  }

  /** Something may have become due just now. */
  wake(): void {
    this.timers.wake();
  }

  /** Last in the transaction. */
  async say(tx: pg.PoolClient, events: readonly NewEvent[]): Promise<void> {
    if (events.length > 0) await this.log.append(tx, 'messages', 'any', events);
  }

  /** A transaction of its own; tried again where another one was in its way. */
  transact<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
    return retriedTransaction(this.pool, work);
  }

  async close(): Promise<void> {
    await this.options.onClose?.();
    this.handOff.stop();
    await Promise.all([this.timers.stop(), this.endpointTimers.stop()]);
    await Promise.all(this.outboxes.map((outbox) => outbox.stop()));
    await this.handOff.close();
    for (const carrier of Object.values(this.options.carriers)) await carrier.close();
    await this.pool.end();
  }

  /** A database that is older than the log first learns what was sent meanwhile, instead of sending it once more. */
  private async look(): Promise<void> {
    if (!(await this.caughtUp.with(this.server.running))) return;
    await this.refreshPolicy();
    await allParts([
      () => this.breaches.tick(),
      () => this.sourceNotices.tick(),
      () => this.waves.tick(),
      () => this.alerts.tick(),
      () => this.handOff.tick(),
      () => this.waves.finish(),
    ]);
  }
}

/** E-mail address that alerts go to, and that people answer to. @throws Error where nobody says */
export function officerOf({ controllers }: PolicySource, configured: string | undefined): string {
  const officer = configured ?? controllers[0]?.email;
  if (officer === undefined)
    throw new Error('Nobody says where the data protection officer is reached: set OFFICER_ADDRESS, or email of the first controller.');
  return officer;
}

import { ServiceLog } from '@attesta/event-log';
import { amended, loadPolicy, type Amendment, type Policy, type PolicySource, type RequestRules } from '@attesta/policy';
import {
  createPool,
  Directory,
  Problem,
  replayErasures,
  Timers,
  type LedgerDirectory,
  type PeopleIssuer,
  type Principal,
} from '@attesta/service-kit';
import { AttestaServer, retriedTransaction, type FeedSubscription, type SealedFeed } from '@attesta/transport';
import { Strongbox, type KeyProvider } from '@attesta/vault';
import type pg from 'pg';
import { DisposalTasks } from './disposal-tasks.js';
import { Disposals } from './disposals.js';
import { Due } from './due.js';
import { Dossier } from './dossier.js';
import { forget } from './forgetting.js';
import { Identity } from './identity.js';
import { Intake, type Confidential } from './intake.js';
import { migrate } from './migrate.js';
import { OpenDsr, type OpenDsrOptions } from './opendsr.js';
import { OutgoingMail, type Post } from './outgoing-mail.js';
import { Packages } from './packages.js';
import { replyAddresses, type ReplyAddresses } from './reply-addresses.js';
import { NotNow } from './not-now.js';
import type { Command } from './request.decider.js';
import { lock, type OpenRequest } from './request-store.js';
import { Sessions } from './sessions.js';
import { Systems } from './systems.js';
import { Tasks } from './tasks.js';

export interface Outbox {
  start(): void;
  stop(): Promise<void>;
}

export interface RequestsOptions {
  databaseUrl: string;
  /** Owner of the tables; the service's own role then may only do what it needs. */
  migrationUrl?: string | undefined;
  feed: SealedFeed;
  /** The policy file, parsed. */
  policy: PolicySource;
  directory: LedgerDirectory;
  /** The deployment's pepper: refs and codes are made with it. */
  pepper: Uint8Array;
  /** Encrypts what people wrote and what systems answered. */
  keys: KeyProvider;
  /** Where people reach this service: links to packages begin with it. */
  publicUrl: string;
  /** Takes requests of other controllers (OpenDSR); without it none. */
  openDsr?: OpenDsrOptions | undefined;
  /** Signs tokens of people without an account; without it there are no sessions. */
  people?: PeopleIssuer | undefined;
  /** Hands letters with secrets over; without it they wait. */
  post?: Post | undefined;
  /** Carries our own log to the ledger's intake, as REQUESTS_SOURCE. Without it nothing leaves (tests). */
  outbox?: ((log: ServiceLog, pool: pg.Pool) => Outbox[]) | undefined;
  /** What ends with this service, such as the mail that comes to it. */
  onClose?: () => Promise<void>;
  now?: () => Date;
  /** Milliseconds between looks at what has become due. */
  tickMs?: number;
  onError?: (error: unknown) => void;
}

/** The requests service, whole but for HTTP. One per process. */
export class Requests {
  readonly strongbox: Strongbox;
  readonly intake = new Intake(this);
  readonly identity = new Identity(this);
  readonly dossier = new Dossier(this);
  readonly mail = new OutgoingMail(this);
  readonly systems = new Systems(this);
  readonly tasks = new Tasks(this);
  readonly disposals = new Disposals(this);
  readonly disposalTasks = new DisposalTasks(this);
  readonly packages = new Packages(this);
  readonly openDsr: OpenDsr | undefined;
  readonly sessions: Sessions | undefined;
  private readonly timers: Timers;
  private current: Policy;
  private amendments = 0;

  private constructor(
    readonly options: RequestsOptions,
    readonly pool: pg.Pool,
    /** What this service said. Appending is the outbox. */
    readonly log: ServiceLog,
    private readonly base: Policy,
    /** How requests are handled, in the policy's numbers. */
    readonly rules: RequestRules,
    readonly directory: Directory,
    /** The sealed feed, as NestJS listens to it. */
    readonly server: AttestaServer,
    private readonly outboxes: Outbox[],
  ) {
    this.current = base;
    this.strongbox = new Strongbox(options.keys);
    this.openDsr = options.openDsr && new OpenDsr(this, options.openDsr);
    this.sessions = options.people && new Sessions(this, options.people);
    const due = new Due(this);
    this.timers = new Timers({
      look: () => due.look(),
      everyMs: options.tickMs ?? 1_000,
      onError: (error) => options.onError?.(error),
    });
  }

  /**
   * Migrates, forgets whoever was erased meanwhile, and opens everything; the feed flows once NestJS listens to `server`.
   * @throws Error for a policy that has no rules for requests, or when the ledger does not tell who was erased
   */
  static async open(options: RequestsOptions): Promise<Requests> {
    const requests = await Requests.prepare(options, (pool) => new ServiceLog(pool));
    await requests.replayErasures();
    await requests.refreshPolicy();
    for (const outbox of requests.outboxes) outbox.start();
    requests.timers.start();
    return requests;
  }

  /** The same, with nothing that runs: for restoring. @throws Error for a policy that has no rules for requests */
  static async prepare(options: RequestsOptions, openLog: (pool: pg.Pool) => ServiceLog): Promise<Requests> {
    const policy = loadPolicy(options.policy);
    const rules = policy.requests;
    if (!rules)
      throw new Error('The policy has no section "requests": add its warnings, code, package and task, as policies/m-med.yaml has them.');
    await migrate(options);
    const pool = createPool({ url: options.databaseUrl, name: 'attesta-requests', max: 16 });
    const log = openLog(pool);
    const onError = (error: unknown) => options.onError?.(error);
    const directory = new Directory(pool, options.directory, options.pepper, onError);
    const server = new AttestaServer({ group: 'requests', pool, feed: options.feed, onError });
    const outboxes = options.outbox?.(log, pool) ?? [];
    return new Requests(options, pool, log, policy, rules, directory, server, outboxes);
  }

  /** Forgets whoever was erased and is still known here. */
  async replayErasures(): Promise<void> {
    await replayErasures({
      service: 'requests',
      transact: (work) => this.transact(work),
      directory: this.options.directory,
      forget,
      say: (tx, event) => this.log.append(tx, 'erasures', 'any', [event]),
      now: () => this.now(),
    });
  }

  /** The policy file with what was published and registered since, as of the last look. */
  get policy(): Policy {
    return this.current;
  }

  /** Looks for what other processes, or this one, have learnt of the policy. */
  async refreshPolicy(): Promise<void> {
    const { rows } = await this.pool.query<Amendment>('select type, time, data from amendment order by position');
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

  /** Something may have become due just now. */
  wake(): void {
    this.timers.wake();
  }

  /** Does what has become due by now, as the timer does. */
  tick(): Promise<void> {
    return this.timers.tick();
  }

  /**
   * Locks a request, does `work`, what follows by itself, and writes it.
   * @throws Problem 404; 409 or 422 for a command that the request does not take
   */
  async handle(
    id: string,
    actor: string | undefined,
    work: Command | ((request: OpenRequest, tx: pg.PoolClient) => Promise<void> | void),
  ): Promise<OpenRequest> {
    const request = await this.transact(async (tx) => {
      const [found] = await lock(tx, this, [id]);
      if (!found) throw noSuchRequest();
      try {
        if (typeof work === 'function') await work(found, tx);
        else found.decide(work, actor);
        found.goOn();
      } catch (error) {
        throw asProblem(error);
      }
      await found.save(tx);
      return found;
    });
    this.wake();
    return request;
  }

  /** What is only for those who handle a request; undefined once the person is forgotten. */
  async confidential(db: Pick<pg.Pool, 'query'>, id: string): Promise<Confidential | undefined> {
    const { rows } = await db.query<{ kek: string | null; box: Buffer | null }>('select kek, box from request where id = $1', [id]);
    const found = rows[0];
    if (found?.kek == null || found.box === null) return undefined;
    return this.strongbox.openJson<Confidential>(id, { kek: found.kek, box: found.box });
  }

  async keepConfidential(tx: pg.PoolClient, id: string, confidential: Confidential): Promise<void> {
    const { kek, box } = await this.strongbox.sealJson(id, confidential);
    await tx.query('update request set kek = $2, box = $3 where id = $1', [id, kek, box]);
  }

  /** Where whoever made each request may be answered; recorded as an access of whoever asks. */
  replyAddresses(ids: readonly string[], by?: Principal): Promise<ReplyAddresses> {
    return replyAddresses(this, ids, by);
  }

  /** A transaction of its own; tried again where another one was in its way. */
  transact<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
    return retriedTransaction(this.pool, work);
  }

  async close(): Promise<void> {
    await this.options.onClose?.();
    await this.timers.stop();
    await Promise.all(this.outboxes.map((outbox) => outbox.stop()));
    await this.pool.end();
  }
}

export const noSuchRequest = () => Problem.notFound('There is no such request.', 'Check its number.', 'no-such-request');

function asProblem(error: unknown): unknown {
  if (!(error instanceof NotNow)) return error;
  const { code, message, fix, field } = error;
  if (field === undefined) return Problem.conflict(message, fix, code);
  return new Problem({
    slug: 'command-refused',
    status: 422,
    title: 'The command cannot be carried out as it is',
    detail: 'Nothing was recorded.',
    fix,
    errors: [{ field, code, message, fix }],
  });
}

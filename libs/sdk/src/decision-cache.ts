import {
  decide,
  EMPTY_RECORD,
  jurisdictionOf,
  POLICY_KEY,
  policyOf,
  type Decision,
  type DecisionRequest,
  type PersonState,
  type PolicyState,
  type StateChange,
} from '@attesta/decisions';
import type { Policy } from '@attesta/policy';
import { Acknowledger } from './acknowledger.js';
import { AttestaError } from './errors.js';
import type { Acknowledge } from './http-state-feed.js';
import { KnownPeople } from './known-people.js';
import { notAnswerable, questionProblems } from './question-problems.js';
import type { Knowledge, StateFeed } from './state-feed.js';
import { SubjectNames } from './subject-names.js';

export interface DecisionCacheOptions {
  feed: StateFeed;
  /** Name under which the way of withdrawals to this process is measured. */
  consumer: string;
  /** The deployment's pepper, to find people by identifier; without it they are named by ref or subject id. */
  pepper?: Uint8Array;
  /** Tells the consent service how far we are, such as `httpAcknowledge(...)`. */
  acknowledge?: Acknowledge;
  /** Milliseconds after which nothing is allowed any more that the person could have ended meanwhile. Default: no age is too much. */
  maxAgeMs?: number;
  /** Ends the cache's work; what it knows by then it keeps. */
  signal?: AbortSignal;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Told of every failed try of the feed and of acknowledgements. */
  onError?: (error: unknown) => void;
}

export interface CachedRequest extends DecisionRequest {
  /** An identifier (`account|c-1001`), a ref, or a subject id. */
  subject: string;
}

export interface CachedDecision extends Decision {
  /** Milliseconds since the moment from which on changes may be unknown, and the number up to which they are all known. */
  knowledge: { ageMs: number; changed: number };
}

/**
 * It would be allowed, but the person may have withdrawn or objected since the source was last in touch, which is longer than `maxAgeMs`. Ask the
 * consent service, or leave it undone. A denial is never too old, nor is what the person has no say in (contract, legal obligation).
 */
export class KnowledgeTooOld extends AttestaError {
  override readonly name = 'KnowledgeTooOld';
  constructor(
    readonly ageMs: number,
    readonly maxAgeMs: number,
    cause: unknown,
  ) {
    super(`Nothing was heard of changes of consent for ${ageMs} ms, which is more than ${maxAgeMs}; ask the consent service itself.`, {
      cause,
    });
  }
}

/**
 * Answers "may we?" within this process, from the same rule as the consent service and a copy of its state that follows it. Works on while the
 * service is away, and says how old its knowledge is.
 */
export class DecisionCache {
  private readonly people = new KnownPeople();
  private readonly names: SubjectNames;
  private readonly now: () => number;
  private policy: { changed: number; policy?: Policy; problem?: unknown } = { changed: -1 };
  private known: Knowledge | undefined;
  private trouble: unknown;

  private constructor(private readonly options: DecisionCacheOptions) {
    this.now = options.now ?? Date.now;
    this.names = new SubjectNames(options.pepper);
  }

  /**
   * Resolves when everything there was is known, the policy included; waits for the source as long as it takes.
   * @throws AttestaError when the signal came first, or the policy cannot be read
   */
  static async start(options: DecisionCacheOptions): Promise<DecisionCache> {
    const cache = new DecisionCache(options);
    await cache.follow(options.signal ?? new AbortController().signal);
    if (!cache.policy.policy) throw cache.unreadable();
    return cache;
  }

  /** A person nobody knows is one without consents. @throws AttestaError naming everything that is wrong with the request; KnowledgeTooOld */
  decide(request: CachedRequest): CachedDecision {
    const { policy } = this.policy;
    if (!policy) throw this.unreadable();
    const name = this.names.read(request.subject);
    const problems = questionProblems(request, policy);
    if (name.kind === 'unusable') throw notAnswerable([name.problem, ...problems]);
    if (problems.length > 0) throw notAnswerable(problems);
    const record = (name.kind === 'id' ? this.people.byId(name.name) : this.people.byRef(name.name)) ?? EMPTY_RECORD;
    const now = this.now();
    const { changed, asOf } = this.known!;
    const ageMs = Math.max(0, now - asOf);
    const decision = decide(request, record, policy, now);
    const { maxAgeMs = Infinity } = this.options;
    if (ageMs > maxAgeMs && decision.decision === 'allowed' && restsOnPerson(decision, request, policy))
      throw new KnowledgeTooOld(ageMs, maxAgeMs, this.trouble);
    return { ...decision, knowledge: { ageMs, changed } };
  }

  private follow(signal: AbortSignal): Promise<void> {
    const { feed, consumer, acknowledge, onError } = this.options;
    const trouble = (error: unknown) => {
      this.trouble = error;
      onError?.(error);
    };
    const acknowledger = acknowledge && new Acknowledger((changed) => acknowledge(consumer, changed, signal), signal, trouble);
    return new Promise((resolve, reject) => {
      const ended = () => reject(new AttestaError('The cache was ended before it knew the state of consents.', { cause: this.trouble }));
      if (signal.aborted) return ended();
      signal.addEventListener('abort', ended, { once: true });
      feed.start(
        {
          changes: (changes) => this.apply(changes),
          current: (knowledge) => {
            // A feed that begins again may count from its beginning: what is known stays known.
            this.known = { changed: Math.max(knowledge.changed, this.known?.changed ?? 0), asOf: knowledge.asOf };
            acknowledger?.reached(this.known.changed);
            if (this.policy.changed < 0) return;
            signal.removeEventListener('abort', ended);
            resolve();
          },
          trouble,
        },
        signal,
      );
    });
  }

  /** Of each key the change with the greatest number counts, in whatever order they come. */
  private apply(changes: readonly StateChange[]): void {
    for (const { key, changed, state } of changes) {
      if (key !== POLICY_KEY) this.people.put(key, changed, state as PersonState | null);
      else if (changed > this.policy.changed) this.policy = { changed, ...read(state as PolicyState | null) };
    }
  }

  private unreadable(): AttestaError {
    const { problem: cause } = this.policy;
    return new AttestaError('The policy in force cannot be read; the consent service may be newer than this SDK.', { cause });
  }
}

/** A policy that cannot be read ends decisions: the one before it is not in force any more. */
function read(state: PolicyState | null): { policy: Policy } | { problem: unknown } {
  try {
    if (state === null) throw new Error('The policy was taken away');
    return { policy: policyOf(state) };
  } catch (problem) {
    return { problem };
  }
}

/** Whether a no of the person would have ended it: consent withdrawn (notice clause 7.6), or an objection (7.4). */
function restsOnPerson({ basis }: Decision, request: DecisionRequest, policy: Policy): boolean {
  if (basis === null || basis.kind === 'consent') return true;
  return policy.bases.get(jurisdictionOf(request, policy))?.get(basis.id)?.objectable === true;
}

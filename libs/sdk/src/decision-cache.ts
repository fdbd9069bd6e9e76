import {
  decide,
  decisionProblems,
  EMPTY_RECORD,
  POLICY_KEY,
  policyOf,
  type Decision,
  type DecisionRequest,
  type PersonState,
  type PolicyState,
  type StateChange,
} from '@attesta/decisions';
import { subjectKind } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import { subjectRef } from '@attesta/vault';
import { LRUCache } from 'lru-cache';
import { AttestaError } from './errors.js';
import { persist, type StateFeed } from './state-feed.js';

export interface DecisionCacheOptions {
  feed: StateFeed;
  /** Name under which the way of withdrawals to this process is measured. */
  consumer: string;
  /** The deployment's pepper, to find people by identifier; without it they are named by ref or subject id. */
  pepper?: Uint8Array;
  /** Tells the consent service how far we are, such as `httpAcknowledge(...)`. */
  acknowledge?: (consumer: string, changed: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds after which knowledge is too old to decide from. Default: none is. */
  maxAgeMs?: number;
  /** Ends the cache's work. */
  signal?: AbortSignal;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

export interface CachedDecision extends Decision {
  /** How long ago the source was last in touch, in milliseconds, and the newest change known. */
  knowledge: { ageMs: number; changed: number };
}

/** The source has been out of touch for longer than `maxAgeMs`: ask the consent service, or do without. */
export class KnowledgeTooOld extends AttestaError {
  override readonly name = 'KnowledgeTooOld';
}

const REFS = 100_000;

/**
 * Answers "may we?" within this process, from the same rule as the consent service and state of everybody's consents that follows it. Works on while
 * the service is away, and says how old its knowledge is.
 */
export class DecisionCache {
  private readonly people = new Map<string, PersonState>();
  private readonly byRef = new Map<string, string>();
  private readonly numbers = new Map<string, number>();
  private readonly refs = new LRUCache<string, string>({ max: REFS });
  private readonly now: () => number;
  private policy: Policy | undefined;
  private changed = 0;
  private heardAt = -Infinity;
  private acknowledged = 0;
  private acknowledging = false;

  private constructor(
    private readonly options: DecisionCacheOptions,
    private readonly signal: AbortSignal,
  ) {
    this.now = options.now ?? Date.now;
  }

  /** Resolves when everything there was is known. @throws AttestaError when the source has no policy, or the signal came first */
  static async start(options: DecisionCacheOptions): Promise<DecisionCache> {
    const signal = options.signal ?? new AbortController().signal;
    const cache = new DecisionCache(options, signal);
    await options.feed.start({ changes: (changes) => cache.apply(changes), heard: () => (cache.heardAt = cache.now()) }, signal);
    if (!cache.policy) throw new AttestaError('The source of consent state gave no policy; check that it is that of the consent service.');
    return cache;
  }

  /**
   * @param request `subject`: an identifier (`account|c-1001`), a ref or a subject id; nobody known is somebody without consents
   * @throws AttestaError naming everything that is wrong with the request; KnowledgeTooOld
   */
  decide(request: DecisionRequest & { subject: string }): CachedDecision {
    const { maxAgeMs = Infinity } = this.options;
    const now = this.now();
    const ageMs = Math.max(0, now - this.heardAt);
    if (ageMs > maxAgeMs) throw new KnowledgeTooOld(`The consent service was last heard ${ageMs} ms ago.`);
    const policy = this.policy!;
    const problems = decisionProblems(request, policy);
    if (problems.length > 0) throw new AttestaError(problems.map(({ field, message, fix }) => `${field} ${message}: ${fix}`).join('; '));
    const record = this.people.get(this.idOf(request.subject))?.record ?? EMPTY_RECORD;
    return { ...decide(request, record, policy, now), knowledge: { ageMs, changed: this.changed } };
  }

  private idOf(subject: string): string {
    const known = this.refs.get(subject);
    if (known !== undefined) return this.byRef.get(known) ?? '';
    const kind = subjectKind(subject);
    if (kind === 'id') return subject;
    if (kind === 'ref') return this.byRef.get(subject) ?? '';
    if (kind === undefined) throw new AttestaError('The subject is neither scheme|value, nor a subject ref, nor a subject id.');
    if (!this.options.pepper) throw new AttestaError('A person can be named by identifier only where the cache has the pepper.');
    const bar = subject.indexOf('|');
    let ref: string;
    try {
      ref = subjectRef(this.options.pepper, subject.slice(0, bar), subject.slice(bar + 1));
    } catch (cause) {
      throw new AttestaError(cause instanceof Error ? cause.message : 'The identifier cannot be normalised.', { cause });
    }
    this.refs.set(subject, ref);
    return this.byRef.get(ref) ?? '';
  }

  /** Of each key the change with the largest number counts, in whatever order they come. */
  private apply(changes: readonly StateChange[]): void {
    for (const { key, changed, state } of changes) {
      if (changed <= (this.numbers.get(key) ?? -1)) continue;
      this.numbers.set(key, changed);
      if (changed > this.changed) this.changed = changed;
      if (key === POLICY_KEY) {
        if (state) this.policy = policyOf(state as PolicyState);
      } else this.remember(key, state as PersonState | null);
    }
    this.heardAt = this.now();
    void this.acknowledge();
  }

  private remember(key: string, state: PersonState | null): void {
    for (const ref of this.people.get(key)?.refs ?? []) if (this.byRef.get(ref) === key) this.byRef.delete(ref);
    if (state === null) {
      this.people.delete(key);
      return;
    }
    this.people.set(key, state);
    for (const ref of state.refs) this.byRef.set(ref, key);
  }

  /** One at a time, and always the newest number. */
  private async acknowledge(): Promise<void> {
    const { acknowledge, consumer } = this.options;
    if (!acknowledge || this.acknowledging) return;
    this.acknowledging = true;
    while (this.acknowledged < this.changed && !this.signal.aborted) {
      const upto = this.changed;
      await persist(() => acknowledge(consumer, upto, this.signal), this.signal);
      this.acknowledged = upto;
    }
    this.acknowledging = false;
  }
}

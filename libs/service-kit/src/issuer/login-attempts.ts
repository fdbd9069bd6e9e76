import { hash, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { LocalAccount } from './issuer-home.js';

/** Wrong passwords that cost nothing. */
const FREE_TRIES = 5;
const LONGEST_WAIT_MS = 60_000;
/** A name's wrong tries are forgotten after this long without one. */
const FORGOTTEN_MS = 15 * 60_000;
/** Names whose wrong tries are remembered, of accounts and of nobody alike. */
const MOST_NAMES = 10_000;

export type Attempt = { account: LocalAccount } | { wrong: true } | { waitMs: number };

interface Tries {
  wrong: number;
  /** Milliseconds since the epoch. */
  until: number;
}

/**
 * Checks passwords. After five wrong ones a name has to wait before each further try, twice as long each time, at most a minute: whoever guesses is
 * slow, and whoever owns the account is never shut out for long. Names of nobody are treated like all others.
 */
export class LoginAttempts {
  private readonly tries = new LRUCache<string, Tries>({ max: MOST_NAMES, ttl: FORGOTTEN_MS });
  private readonly accounts: ReadonlyMap<string, LocalAccount>;

  constructor(
    accounts: readonly LocalAccount[],
    private readonly now: () => number = Date.now,
  ) {
    this.accounts = new Map(accounts.map((account) => [account.id, account]));
  }

  attempt(name: string, password: string): Attempt {
    const key = hash('sha256', name);
    const before = this.tries.get(key);
    const waitMs = (before?.until ?? 0) - this.now();
    if (waitMs > 0) return { waitMs };
    const account = this.accounts.get(name);
    const right = sameText(password, account?.password ?? NOBODYS);
    if (account && right) {
      this.tries.delete(key);
      return { account };
    }
    const wrong = (before?.wrong ?? 0) + 1;
    const pause = wrong < FREE_TRIES ? 0 : Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** (wrong - FREE_TRIES));
    this.tries.set(key, { wrong, until: this.now() + pause });
    return { wrong: true };
  }
}

/** Compared with where there is no account, so that the answer takes as long. */
const NOBODYS = 'no-such-account-0000';

const sameText = (a: string, b: string): boolean => timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));

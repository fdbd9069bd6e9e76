import fs from 'node:fs';
import { POLICY_KEY, type PersonState, type RecordedChoice, type StateChange } from '@attesta/decisions';
import { parse } from 'yaml';
import type { CachedRequest } from './decision-cache.js';
import type { StateFeed, StateListener } from './state-feed.js';

type Source = Exclude<StateChange['state'], PersonState | null>['source'];

/** For the specs: the real policy as a state, and a purpose that rests on consent. */
export const POLICY: StateChange = {
  key: POLICY_KEY,
  changed: 1,
  state: { source: parse(fs.readFileSync(new URL('../../../policies/m-med.yaml', import.meta.url), 'utf8')) as Source, amendments: [] },
};
export const NOW = Date.parse('2026-02-01T00:00:00Z');

const CONSENTED = Date.parse('2026-01-01T00:00:00Z');
export const ids = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const refs = (n: number): string => `ref1.${String(n).padStart(43, '0')}`;

/** Somebody who said yes to location features, or no. */
export function person(n: number, changed: number, said: 'given' | 'withdrawn', known: string[] = [refs(n)]): StateChange {
  const choice: RecordedChoice = {
    source: '/app',
    id: `c-${changed}`,
    position: changed,
    purpose: 'location-features',
    status: said,
    at: CONSENTED,
    by: 'subject',
    method: 'form',
    noticeVersion: '2022-08-10',
  };
  return { key: ids(n), changed, state: { refs: known, record: { choices: [choice], objections: [], restrictions: [], ages: [] } } };
}

export const forgotten = (n: number, changed: number): StateChange => ({ key: ids(n), changed, state: null });

export const asks = (subject: string, changes: Partial<CachedRequest> = {}): CachedRequest => ({
  subject,
  operation: 'use',
  categories: ['location'],
  purpose: 'location-features',
  ...changes,
});

/** A feed that tells what the spec says, when it says it. */
export class ToldFeed implements StateFeed {
  listener!: StateListener;
  signal!: AbortSignal;

  start(listener: StateListener, signal: AbortSignal): void {
    this.listener = listener;
    this.signal = signal;
  }

  tell(changes: StateChange[], asOf = NOW): void {
    this.listener.changes(changes);
    this.listener.current({ changed: Math.max(0, ...changes.map(({ changed }) => changed)), asOf });
  }
}

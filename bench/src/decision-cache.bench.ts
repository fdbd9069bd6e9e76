import { randomBytes, randomUUID } from 'node:crypto';
import { POLICY_KEY, type StateChange } from '@attesta/decisions';
import { DecisionCache } from '@attesta/sdk';
import { readPolicySource } from '@attesta/service-kit';
import { subjectRef } from '@attesta/vault';
import { atMost, number, percentile, type Bench } from './bench.js';

const PEOPLE = 100_000;
const ROUNDS = 20;

/** "May we?" out of the SDK's cache in this process: 100,000 people, half of whom consent, asked for by identifier. */
export const decisionCache: Bench = {
  name: 'decision-cache',
  async run(workshop) {
    const pepper = randomBytes(32);
    const policy: StateChange = { key: POLICY_KEY, changed: 1, state: { source: readPolicySource(workshop.policyFile), amendments: [] } };
    const changes = [policy, ...Array.from({ length: PEOPLE }, (_, i) => person(i, pepper))];
    const may = await DecisionCache.start({
      consumer: 'bench',
      pepper,
      feed: {
        start: (listener) => {
          listener.changes(changes);
          listener.current({ changed: PEOPLE + 1, asOf: Date.now() });
        },
      },
    });
    const rounds = Array.from({ length: ROUNDS + 1 }, () => {
      const started = performance.now();
      for (let i = 0; i < 10_000; i++) {
        may.decide({
          subject: `account|c-${(i * 7_919) % PEOPLE}`,
          operation: 'use',
          categories: ['contact'],
          purpose: 'marketing',
          channel: 'email',
        });
      }
      return ((performance.now() - started) / 10_000) * 1_000;
    }).slice(1); // the first makes the refs
    const row = atMost(`decision out of the SDK's cache of ${number(PEOPLE)} people`, percentile(rounds, 0.5), 'µs', 100);
    return [{ ...row, note: `slowest of ${ROUNDS} rounds of 10,000: ${number(Math.max(...rounds))} µs each` }];
  },
};

const person = (i: number, pepper: Uint8Array): StateChange => ({
  key: randomUUID(),
  changed: i + 2,
  state: {
    refs: [subjectRef(pepper, 'account', `c-${i}`)],
    record: {
      choices: [
        {
          source: '//bench.example',
          id: `consent-${i}`,
          position: i,
          purpose: 'marketing',
          status: i % 2 === 0 ? 'given' : 'refused',
          at: Date.parse('2026-01-05T09:00:00Z'),
          by: 'subject',
          method: 'checkbox',
          noticeVersion: '2022-08-10',
          channels: ['email'],
        },
      ],
      objections: [],
      restrictions: [],
      ages: [],
    },
  },
});

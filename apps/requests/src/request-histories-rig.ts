import { fileURLToPath } from 'node:url';
import type { Clock, Policy } from '@attesta/policy';
import { readPolicy } from '@attesta/service-kit';
import fc from 'fast-check';
import { DAY, grounds, HOUR, lateFrom, MINUTE, nearer, owed, tasksOf, type Turn } from './request-model-rig.js';
import type { Command } from './request.decider.js';
import type { RequestEvent } from './request.state.js';

/** For specs only: requests of every right under both laws, and what may happen to them in any order, nonsense included. */
export const policy: Policy = readPolicy(fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url)));

/** The same UUID for the same number. */
export const uuid = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
export const REQUEST = uuid(0xdead);
export type Receipt = Extract<RequestEvent, { type: 'attesta.request.received.v1' }>['data'];

/** The policy with one clock changed. */
export const withClock = (right: string, jurisdiction: string, changes: Partial<Clock>): Policy => ({
  ...policy,
  clocks: new Map(
    [...policy.clocks].map(([id, clock]) => [
      id,
      clock.right === right && clock.jurisdiction === jurisdiction ? { ...clock, ...changes } : clock,
    ]),
  ),
});

const RIGHTS = [...policy.rights.keys()];
const CATEGORIES = ['identity', 'contact', 'transaction', 'payment', 'health'];
const KINDS = ['access', 'portability', 'rectification', 'restriction', 'erasure'] as const;
const SYSTEMS = ['storefront', 'warehouse', 'newsletter'];
const KEPT = [
  { category: 'payment', reason: 'An invoice is open.' },
  { category: 'transaction', reason: 'Tax.', law: 'Revenue Code s.87/3' },
  // As long as a reason may be; a law is shorter, and no letter may be cut in two.
  { category: 'contact', reason: `${'a'.repeat(199)}📦${'b'.repeat(99)}` },
];
/** Names that every object has, and an id that no task has. */
const STRANGE = [uuid(404), 'constructor', '__proto__', ''];

const SURVIVORS = [
  { category: 'transaction', ground: 'tax-records', law: 'Revenue Code s.87/3' },
  { category: 'payment', ground: 'accounting-records', law: 'Accounting Act B.E. 2543 s.14' },
  { category: 'contact', ground: 'legal-hold', reason: 'Matter 12/2569' },
];

const some = <T>(of: readonly T[], minLength = 0) => fc.uniqueArray(fc.constantFrom(...of), { minLength, maxLength: 3 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
/** Without the members that are undefined. */
const tidy = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;

/** Clocks that no notice of ours has, and some other notice may. */
const clockChanges: fc.Arbitrary<Partial<Clock>> = fc.record({
  duration: fc.constantFrom('P30D', 'P1M', 'P5D', 'PT72H'),
  starts: fc.constantFrom<Clock['starts'][]>('receipt', 'verified', 'sufficient_information'),
  pausesOn: fc.subarray(['identity-verification', 'information']),
  firstDayCounted: fc.boolean(),
  extension: fc.constantFrom({ requires: [] }, { duration: 'P2M', requires: [] }),
});

/** When a step is taken: after a while, or near the next moment that matters to the clock. */
const times = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 30 * MINUTE, HOUR, 5 * HOUR).map((ms) => ({ after: ms })) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 40 * 24 }).map((hours) => ({ after: hours * HOUR })) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 0, 1, HOUR).map((by) => ({ near: 'deadline' as const, by })) },
);
type Time = { after: number } | { near: 'deadline'; by: number };

const ground = fc.record({ lawful: fc.integer({ min: 0, max: 4 }).map((n) => n > 0), pick: fc.nat(20) });
type Ground = { lawful: boolean; pick: number };
const anyTask = fc.record({ known: fc.integer({ min: 0, max: 7 }).map((n) => n > 0), pick: fc.nat(20) });
type AnyTask = { known: boolean; pick: number };
const reason = fc.constantFrom('The archive is large.', 'เอกสารไม่ชัดเจน\nโปรดส่งใหม่');
const justification = fc.constantFrom('identity-verification' as const, 'information' as const);

/** Not times, or none that a calendar or an event can hold. */
const NO_TIME = [
  'soon',
  '',
  '2026-03-01',
  '2026-02-30T00:00:00Z',
  '2016-12-31T23:59:60Z',
  '9999-12-31T23:59:59Z',
  '+012026-01-01T00:00:00Z',
];
const until = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -20, max: 100 }).map((days) => ({ days })) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 0, 1).map((ms) => ({ days: ms / DAY })) },
  { weight: 1, arbitrary: fc.constantFrom(...NO_TIME).map((text) => ({ text })) },
);
type Until = { days: number } | { text: string };

const wish = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('require' as const), justification, reason: maybe(reason) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('answer' as const) }) },
  {
    weight: 5,
    arbitrary: fc
      .record({
        kind: fc.constant('verify-identity' as const),
        method: fc.constantFrom('email-code' as const, 'account' as const, 'documents' as const, 'trusted-controller' as const),
        evidence: maybe(fc.constant({ kind: 'passport' })),
      })
      .map(tidy),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { kind: 'fail-identity' as const, method: 'email-code' as const, reason: 'too-many-tries' as const },
      { kind: 'fail-identity' as const, method: 'documents' as const, reason: 'documents-insufficient' as const },
    ),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('extend' as const), until, reason }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('accept' as const),
      categories: maybe(some(CATEGORIES)),
      refused: fc
        .tuple(fc.nat(2), fc.array(fc.record({ category: fc.constantFrom(...CATEGORIES), ground }), { maxLength: 3 }))
        .map(([some, all]) => (some === 0 ? all : [])),
      tasks: fc.array(fc.record({ system: fc.constantFrom(...SYSTEMS), categories: some(CATEGORIES) }), { maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reject' as const), ground, reason }) },
  {
    weight: 8,
    arbitrary: fc
      .record({
        kind: fc.constant('answer-task' as const),
        task: anyTask,
        outcome: fc.constantFrom('data' as const, 'done' as const, 'done' as const, 'nothing-held' as const),
        categories: maybe(some(CATEGORIES)),
        kept: maybe(some(KEPT)),
      })
      .map(tidy),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('override-task' as const), task: anyTask, reason }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('note-stuck' as const),
      task: anyTask,
      reason: fc.constantFrom('no-answer' as const, 'refused' as const, 'wrong-subject' as const),
      attempts: fc.nat(20),
    }),
  },
  {
    weight: 6,
    arbitrary: fc
      .record({
        kind: fc.constant('fulfil' as const),
        package: maybe(fc.constant({ digest: 'a'.repeat(64), expires: '2026-12-01T00:00:00Z' })),
        disposal: maybe(fc.record({ outcome: fc.constantFrom('complete' as const, 'partial' as const), survivors: some(SURVIVORS) })),
      })
      .map(tidy),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('instruct-erasure' as const), survivors: some(SURVIVORS) }) },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'withdraw' as const }, { kind: 'give-up' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reopen' as const), reason, complaint: maybe(fc.constant(uuid(7))) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
  { weight: 25, arbitrary: fc.record({ kind: fc.constant('go-on' as const), tasks: fc.nat(2) }) },
);
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;
export interface Step {
  time: Time;
  wish: Wish;
}

/** Nights around the ends of months and of a leap day, in Bangkok and in London. */
const starts = fc.constantFrom(
  ...['2026-01-30T16:59:59.999Z', '2026-01-31T09:00:00Z', '2026-01-31T17:00:00Z', '2027-12-31T12:34:56.789Z', '2028-01-30T18:00:00Z'].map(
    (at) => Date.parse(at),
  ),
);

export interface World {
  receipt: Receipt;
  /** Of the clock of the request, against the policy of ours. */
  changes: Partial<Clock> | undefined;
  at: number;
  steps: Step[];
}

export const worlds: fc.Arbitrary<World> = fc.record({
  receipt: fc
    .record({
      right: fc.constantFrom(...RIGHTS),
      jurisdiction: fc.constantFrom('th-pdpa', 'th-pdpa', 'eu-gdpr'),
      channel: fc.constantFrom('form' as const, 'email' as const, 'letter' as const, 'opendsr' as const),
      language: fc.constantFrom('th', 'en'),
      categories: maybe(some(CATEGORIES, 1)),
    })
    .map(tidy),
  changes: maybe(clockChanges),
  at: starts,
  steps: fc.array(fc.record({ time: times, wish }), { minLength: 1, maxLength: 30, size: 'max' }),
});

export const policyOf = ({ receipt: { right, jurisdiction }, changes }: World): Policy =>
  changes ? withClock(right, jurisdiction, changes) : policy;

/** When a step is taken, and by what command: what it speaks of depends on what has happened. */
export function taken(
  policy: Policy,
  { receipt }: World,
  turns: readonly Turn[],
  step: Step,
  n: number,
): { now: number; command: Command } {
  const last = turns.at(-1)?.at ?? 0;
  const late = lateFrom(policy, turns);
  const now = 'after' in step.time ? last + step.time.after : Math.max(last, (late ?? last) + step.time.by);
  const lawful = [...grounds(policy, receipt.right, receipt.jurisdiction).keys()];
  const any = [...policy.refusals.keys(), 'toString', 'because'];
  const groundOf = (one: Ground) => {
    const from = one.lawful && lawful.length > 0 ? lawful : any;
    return from[one.pick % from.length] ?? '';
  };
  const issued = tasksOf(turns);
  const taskOf = (one: AnyTask) => {
    const from = one.known && issued.length > 0 ? issued.map(({ task }) => task) : STRANGE;
    return from[one.pick % from.length] ?? '';
  };
  const timeOf = (one: Until) => ('text' in one ? one.text : new Date((late ?? now) + one.days * DAY).toISOString());
  const { wish } = step;
  switch (wish.kind) {
    case 'extend':
      return { now, command: { ...wish, until: timeOf(wish.until) } };
    case 'reject':
      return { now, command: { ...wish, ground: groundOf(wish.ground) } };
    case 'accept': {
      const kind = KINDS.find((one) => one === receipt.right) ?? 'access';
      const due = new Date(now + 7 * DAY).toISOString();
      const refused = wish.refused.map(({ category, ground }) => ({ category, ground: groundOf(ground) }));
      const tasks = wish.tasks.map((task, i) => ({ ...task, task: uuid(1000 + 10 * n + i), kind, due }));
      return { now, command: { ...wish, refused, tasks } };
    }
    case 'answer-task':
    case 'override-task':
    case 'note-stuck':
      return { now, command: { ...wish, task: taskOf(wish.task) } };
    case 'go-on':
      return { now, command: goingOn(turns, wish.tasks, n) };
    default:
      return { now, command: wish };
  }
}

/** What brings a request nearer to its end, with `tasks` tasks: without it histories would seldom go far. */
function goingOn(turns: readonly Turn[], tasks: number, n: number): Command {
  const kind = nearer(turns);
  switch (kind) {
    case 'reopen':
      return { kind, reason: 'A page is missing.' };
    case 'verify-identity':
      return { kind, method: 'documents' };
    case 'accept': {
      const due = new Date((turns.at(-1)?.at ?? 0) + 7 * DAY).toISOString();
      const task = (system: string, i: number) => ({ task: uuid(1000 + 10 * n + i), system, kind: 'access' as const, categories: [], due });
      return { kind, refused: [], tasks: SYSTEMS.slice(0, tasks).map(task) };
    }
    case 'answer-task': {
      const open = tasksOf(turns).find(({ outcome }) => outcome === undefined);
      return { kind, task: open?.task ?? '', outcome: 'data' };
    }
    case 'instruct-erasure':
      return { kind, survivors: SURVIVORS.slice(0, tasks) };
    case 'fulfil':
      return { kind, disposal: { outcome: 'complete', survivors: [] } };
    default:
      return { kind };
  }
}

/** The next moment from `now` on at which the clock has something to say, found without the decider; undefined in the next twenty years. */
export function nextOwed(policy: Policy, turns: readonly Turn[], now: number): number | undefined {
  if (owed(policy, turns, now).length > 0) return now;
  const due = lateFrom(policy, turns);
  const moments = due === undefined ? [] : [due, ...[7 * DAY, DAY].map((before) => due - before)];
  return moments.filter((at) => at > now && owed(policy, turns, at).length > 0).sort((a, b) => a - b)[0];
}

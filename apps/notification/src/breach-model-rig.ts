import fc from 'fast-check';
import { assessed, DISCOVERED, facts, HOUR, words } from './breach-rig.js';
import type { Command } from './breach.decider.js';
import type { BreachEvent, Recorded } from './breach.state.js';

/**
 * For specs only: what the law asks of a breach, read from the events alone; and breaches to which anything may happen, nonsense included. Of the
 * decider it takes types and nothing else, and it counts hours by itself.
 */
export interface Turn {
  at: number;
  /** What one command led to. */
  events: readonly BreachEvent[];
}
type Dated = BreachEvent & { at: number };
type Of<T extends string> = Extract<Dated, { type: `attesta.breach.${T}.v1` }>;

export const DUE_AT = Date.parse(DISCOVERED) + 72 * HOUR;
const WARNINGS = [48, 24, 6];
const JURISDICTIONS = ['th-pdpa', 'eu-gdpr'];

export const dated = (turns: readonly Turn[]): Dated[] => turns.flatMap(({ at, events }) => events.map((event) => ({ ...event, at })));
const all = <T extends string>(events: readonly Dated[], ...names: T[]): Of<T>[] =>
  events.filter((event): event is Of<T> => names.some((name) => event.type === `attesta.breach.${name}.v1`));

const jurisdictionsOf = (events: readonly Dated[]): string[] => all(events, 'recorded', 'updated').at(-1)?.data.jurisdictions ?? [];
const riskOf = (events: readonly Dated[]) => all(events, 'assessed').at(-1)?.data.risk;
export const isOpen = (events: readonly Dated[]): boolean =>
  all(events, 'updated', 'assessed', 'closed').at(-1)?.type !== 'attesta.breach.closed.v1';
const knows = (events: readonly Dated[], jurisdiction: string) =>
  all(events, 'authority-notified').find(({ data }) => data.jurisdiction === jurisdiction && data.phase === 'initial');
/** Somebody said that no authority has to be told, and nobody found a risk since. */
function isExcused(events: readonly Dated[]): boolean {
  const last = events.findLastIndex(({ type }) => type === 'attesta.breach.not-notified.v1');
  return last >= 0 && all(events.slice(last), 'assessed').every(({ data }) => data.risk === 'none');
}

/** Clocks that run: `authority <jurisdiction>` and `assessment`. */
export function running(events: readonly Dated[]): string[] {
  if (!isOpen(events)) return [];
  const authorities = isExcused(events) ? [] : jurisdictionsOf(events).filter((one) => !knows(events, one));
  return [...authorities.map((one) => `authority ${one}`), ...(riskOf(events) === undefined ? ['assessment'] : [])];
}

const nameOf = ({ data: { duty, jurisdiction } }: Of<'warned' | 'overdue'>) => (duty === 'assessment' ? duty : `${duty} ${jurisdiction}`);
const isOver = (events: readonly Dated[], clock: string) => all(events, 'overdue').some((one) => nameOf(one) === clock);
/** Hours before the end of which was warned, the fewest. */
const warnedOf = (events: readonly Dated[], clock: string) =>
  Math.min(...all(events, 'warned').flatMap((one) => (nameOf(one) === clock ? [Number(/\d+/.exec(one.data.before)?.[0])] : [])));

/** What clocks owe at a moment: `overdue <clock>`, or `warned <clock> <hours>`. */
export function owed(events: readonly Dated[], now: number): string[] {
  return running(events).flatMap((clock) => {
    if (isOver(events, clock)) return [];
    if (now >= DUE_AT) return [`overdue ${clock}`];
    const nearest = WARNINGS.findLast((hours) => DUE_AT - hours * HOUR <= now);
    return nearest !== undefined && nearest < warnedOf(events, clock) ? [`warned ${clock} ${nearest}`] : [];
  });
}

/** The next moment at which clocks owe something. */
export function nextOwed(events: readonly Dated[], now: number): number | undefined {
  const moments = [now, ...WARNINGS.map((hours) => DUE_AT - hours * HOUR), DUE_AT].filter((at) => at >= now).sort((a, b) => a - b);
  return moments.find((at) => owed(events, at).length > 0);
}

/** What is unlawful about what happened. */
export function judge(turns: readonly Turn[]): string[] {
  const wrongs: string[] = [];
  turns.forEach(({ at, events }, n) => {
    let before = dated(turns.slice(0, n));
    if (n > 0) wrongs.push(...unsaid(before, events, at));
    for (const event of events) {
      wrongs.push(...wrongOf(before, { ...event, at }));
      before = [...before, { ...event, at }];
    }
    wrongs.push(...owed(before, at).map((what) => `${what} is owed after a turn`));
  });
  return wrongs;
}

/** Clocks that ran out before a decision and were not said to. What was met in time, though said late, was not missed. */
function unsaid(before: readonly Dated[], events: readonly BreachEvent[], at: number): string[] {
  if (at < DUE_AT || events.length === 0) return [];
  const met = events.flatMap(({ type, data }) =>
    type === 'attesta.breach.authority-notified.v1' && data.inTime === true ? [`authority ${data.jurisdiction}`] : [],
  );
  return running(before)
    .filter((clock) => !met.includes(clock) && !isOver([...before, ...events.map((event) => ({ ...event, at }))], clock))
    .map((clock) => `${clock} was missed and nobody said so`);
}

function wrongOf(before: readonly Dated[], event: Dated): string[] {
  const wrong = (is: boolean, what: string) => (is ? [what] : []);
  switch (event.type) {
    case 'attesta.breach.overdue.v1':
      return [
        ...wrong(event.at < DUE_AT, 'overdue too early'),
        ...wrong(isOver(before, nameOf(event)), 'overdue twice'),
        ...wrong(!running(before).includes(nameOf(event)), 'overdue though the clock stood'),
        ...wrong(Date.parse(event.data.due) !== DUE_AT, 'another deadline'),
      ];
    case 'attesta.breach.warned.v1': {
      const hours = Number(/\d+/.exec(event.data.before)?.[0]);
      return [
        ...wrong(event.at >= DUE_AT || event.at < DUE_AT - hours * HOUR, 'warned at the wrong time'),
        ...wrong(hours >= warnedOf(before, nameOf(event)), 'warned twice, or of what is farther'),
        ...wrong(
          WARNINGS.some((nearer) => nearer < hours && DUE_AT - nearer * HOUR <= event.at),
          'not the nearest warning',
        ),
      ];
    }
    case 'attesta.breach.authority-notified.v1': {
      const { jurisdiction, phase, at, inTime, explanation, authority } = event.data;
      const told = Date.parse(at);
      return [
        ...wrong(!jurisdictionsOf(before).includes(jurisdiction), 'told where nobody is concerned'),
        ...wrong((phase === 'initial') === (knows(before, jurisdiction) !== undefined), 'told in the wrong phase'),
        ...wrong(phase === 'initial' && inTime !== told < DUE_AT, 'wrong about being in time'),
        ...wrong(inTime === false && explanation === undefined, 'late without an explanation'),
        ...wrong(told > event.at || told < Date.parse(DISCOVERED), 'told at an impossible time'),
        ...wrong(authority !== { 'th-pdpa': 'pdpc', 'eu-gdpr': 'eu-authority' }[jurisdiction], 'told the wrong authority'),
        ...wrong(!isOpen(before), 'told of what is closed'),
      ];
    }
    case 'attesta.breach.not-notified.v1':
      return wrong(riskOf(before) !== 'none' || !isOpen(before), 'not told though there is, or may be, a risk');
    case 'attesta.breach.updated.v1': {
      const gone = jurisdictionsOf(before).filter((one) => !event.data.jurisdictions.includes(one));
      return [
        ...wrong(gone.length > 0 && event.data.reason === undefined, 'a clock stopped without a reason'),
        ...wrong(
          gone.some((one) => knows(before, one)),
          'an authority that knows was dropped',
        ),
      ];
    }
    case 'attesta.breach.closed.v1': {
      const { exemption } = event.data;
      const orders = all(before, 'people-notice-ordered').map(({ data }) => data.order);
      const reports = orders.map((order) => all(before, 'people-told').findLast(({ data }) => data.order === order)?.data);
      const isTold = reports.some((one) => one && one.told > 0) && reports.every((one) => one && one.unreachable + one.failed === 0);
      return [
        ...wrong(riskOf(before) === undefined, 'closed and never assessed'),
        ...wrong(
          running(before).some((clock) => clock.startsWith('authority')),
          'closed and an authority does not know',
        ),
        ...wrong(riskOf(before) === 'high' && !exemption && !isTold, 'closed and people do not know'),
        ...wrong(
          exemption?.ground === 'disproportionate' && exemption.publicCommunication === undefined,
          'closed and the public does not know',
        ),
        ...wrong(exemption !== undefined && riskOf(before) !== 'high', 'exempted from nothing'),
      ];
    }
    default:
      return [];
  }
}

/** When a step is taken: after a while, or near a moment that matters to the clock. */
const times = fc.oneof(
  fc.constantFrom(0, 1, 30 * 60_000, HOUR, 5 * HOUR, 30 * HOUR, 400 * HOUR).map((ms) => ({ after: ms })),
  fc.record({ near: fc.constantFrom(0, ...WARNINGS), by: fc.constantFrom(-1, 0, 1, HOUR) }),
);
export type Time = { after: number } | { near: number; by: number };
export const momentOf = (time: Time, now: number): number =>
  Math.max(now, 'after' in time ? now + time.after : DUE_AT - time.near * HOUR + time.by);

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
/** Without the members that are undefined. */
const tidy = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
const someJurisdictions = fc.subarray(JURISDICTIONS, { minLength: 1 });
const counts = fc.record({ told: fc.nat(3), unreachable: fc.constantFrom(0, 0, 1), failed: fc.constantFrom(0, 0, 1) });
const exemption = fc
  .record({
    ground: fc.constantFrom('encrypted' as const, 'averted' as const, 'disproportionate' as const),
    explanation: fc.constant('It is so.'),
    publicCommunication: maybe(fc.constant('website')),
  })
  .map(tidy);

/** A command, once it is known when it is given. */
type Step = { time: Time; command: (now: number) => Command };
const steps: fc.Arbitrary<Step> = fc.record({
  time: times,
  command: fc.oneof(
    fc.constant<Command>({ kind: 'look' }).map((one) => () => one),
    fc
      .constantFrom('none' as const, 'risk' as const, 'high' as const)
      .map((risk) => (): Command => ({ kind: 'assess', assessment: assessed(risk) })),
    fc
      .record({
        jurisdiction: fc.constantFrom(...JURISDICTIONS, 'constructor'),
        ago: fc.constantFrom(-1, 0, HOUR, 20 * HOUR, 500 * HOUR),
        phase: fc.constantFrom('initial' as const, 'initial' as const, 'supplement' as const),
        explanation: maybe(fc.constant('The supplier told us late.')),
      })
      .map(
        ({ ago, ...more }) =>
          (now: number): Command =>
            tidy({ kind: 'notify-authority', at: new Date(now - ago).toISOString(), ...more }) as Command,
      ),
    fc.constant<Command>({ kind: 'not-notify', reason: 'Nobody is at risk.' }).map((one) => () => one),
    fc.record({ people: fc.nat(3), jurisdictions: someJurisdictions, reason: maybe(fc.constant('Nobody lives there.')) }).map(
      ({ people, jurisdictions, reason }) =>
        (): Command =>
          tidy({ kind: 'update', facts: { ...facts, people, jurisdictions }, reason }) as Command,
    ),
    fc
      .constantFrom<{ people?: number; categories?: string[] }[]>({ people: 0 }, { people: 3 }, { categories: ['contact'] })
      .map((who) => (): Command => ({ kind: 'order-notice', notice: { words, ...who } })),
    fc.record({ order: fc.constantFrom(0, 0, 0, 1, 2), told: counts }).map((told) => (): Command => ({ kind: 'note-told', ...told })),
    fc
      .record({ unordered: fc.constantFrom(0, 0, 0, 2), exemption: maybe(exemption) })
      .map((more) => (): Command => tidy({ kind: 'close', reason: 'All is done.', ...more }) as Command),
  ),
});

/** What brings a breach near to its end, which chance alone seldom does. */
const nearlyDone: Step[] = [
  (): Command => ({ kind: 'assess', assessment: assessed('high') }),
  ...JURISDICTIONS.map((jurisdiction) => (now: number): Command => ({
    kind: 'notify-authority',
    jurisdiction,
    at: new Date(now).toISOString(),
    phase: 'initial',
    explanation: 'It is so.',
  })),
  (): Command => ({ kind: 'order-notice', notice: { words, people: 3 } }),
  (): Command => ({ kind: 'note-told', order: 0, told: { told: 2, unreachable: 1, failed: 0 } }),
].map((command) => ({ time: { after: HOUR }, command }));

export interface World {
  first: Recorded;
  /** When it is recorded. */
  at: Time;
  steps: Step[];
}
export const worlds: fc.Arbitrary<World> = fc
  .record({
    first: someJurisdictions.map((jurisdictions) => ({ ...facts, discoveredAt: DISCOVERED, jurisdictions })),
    at: times,
    begun: fc.constantFrom(0, 0, 3, 5).map((n) => nearlyDone.slice(0, n)),
    steps: fc.array(steps, { maxLength: 12 }),
  })
  .map(({ begun, steps: rest, ...world }) => ({ ...world, steps: [...begun, ...rest] }));

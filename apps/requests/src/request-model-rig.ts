import type { Clock, Policy } from '@attesta/policy';
import type { RequestEvent, Status } from './request.state.js';

/**
 * For specs only: what the law asks of a request, read from the events alone. Of the decider it takes types and nothing else, and it counts
 * days by itself; every clock of the policy is Bangkok's, which knows no summer time.
 */
export interface Turn {
  at: number;
  /** What one command led to. */
  events: readonly RequestEvent[];
  /** How the ledger's part of an erasure had ended by then. */
  disposal?: { outcome: 'complete' | 'partial'; survivors: readonly { category: string }[] } | undefined;
}
type Dated = RequestEvent & { at: number };
type Of<T extends string> = Extract<Dated, { type: `attesta.request.${T}.v1` }>;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const BANGKOK = 7 * HOUR;

/** Days since 1970, as they are in Bangkok. */
export const dayOf = (at: number): number => Math.floor((at + BANGKOK) / DAY);
/** The first instant after a day in Bangkok. */
export const endOf = (day: number): number => (day + 1) * DAY - BANGKOK;

/** A day some days or months later; a month ends on its last day where it has no such day. */
export function plus(day: number, duration: string): number {
  const [, days, months] = /^P(?:(\d+)D|(\d+)M)$/.exec(duration) ?? [];
  if (days !== undefined) return day + Number(days);
  if (months === undefined) throw new Error(`the model does not know ${duration}`);
  const date = new Date(day * DAY);
  const month = date.getUTCMonth() + Number(months);
  const lastOfMonth = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return Date.UTC(date.getUTCFullYear(), month, Math.min(date.getUTCDate(), lastOfMonth)) / DAY;
}

const dated = (turns: readonly Turn[]): Dated[] => turns.flatMap(({ at, events }) => events.map((event) => ({ ...event, at })));
const is = <T extends string>(event: Dated, ...names: T[]): event is Of<T> =>
  names.some((name) => event.type === `attesta.request.${name}.v1`);
const all = <T extends string>(events: readonly Dated[], ...names: T[]): Of<T>[] =>
  events.filter((event): event is Of<T> => is(event, ...names));

/** Events since the receipt, or since the request was opened again. */
const roundOf = (events: readonly Dated[]): Dated[] =>
  events.slice(
    Math.max(
      0,
      events.findLastIndex((event) => is(event, 'received', 'reopened')),
    ),
  );
const hasEnded = (round: readonly Dated[]): boolean => all(round, 'rejected', 'fulfilled', 'unfulfilled').length > 0;

/** Where a request stands. */
export function statusOf(turns: readonly Turn[]): Status {
  const round = roundOf(dated(turns));
  if (all(round, 'rejected').length > 0) return 'rejected';
  if (all(round, 'fulfilled').length > 0) return 'fulfilled';
  if (all(round, 'unfulfilled').length > 0) return 'unfulfilled';
  if (all(round, 'accepted').length > 0) return 'accepted';
  if (isAsked(round)) return 'requires-action';
  if (all(round, 'action-performed').length > 0) return 'action-performed';
  return all(round, 'acknowledged', 'reopened').length > 0 ? 'acknowledged' : 'initiated';
}

/** Tasks that were issued and neither answered nor settled. */
export function tasksOf(turns: readonly Turn[]): { task: string; system: string; outcome?: string }[] {
  const round = roundOf(dated(turns));
  return all(round, 'task-issued').map(({ data: { task, system } }) => {
    const answer = all(round, 'task-answered').find(({ data }) => data.task === task);
    const settled = all(round, 'task-overridden').some(({ data }) => data.task === task);
    const outcome = answer?.data.outcome ?? (settled ? 'overridden' : undefined);
    return { task, system, ...(outcome !== undefined && { outcome }) };
  });
}

/** The command that would bring a request nearer to its end. */
export function nearer(
  turns: readonly Turn[],
): 'reopen' | 'acknowledge' | 'answer' | 'verify-identity' | 'accept' | 'answer-task' | 'instruct-erasure' | 'fulfil' {
  const events = dated(turns);
  const round = roundOf(events);
  const asked = (kind: string) => waits(round, [kind]).some(({ to }) => to === undefined);
  if (hasEnded(round)) return 'reopen';
  if (all(round, 'received').length > 0 && all(round, 'acknowledged').length === 0) return 'acknowledge';
  if (asked('information')) return 'answer';
  if (asked('identity-verification') || all(events, 'identity-verified').length === 0) return 'verify-identity';
  if (all(round, 'accepted').length === 0) return 'accept';
  if (tasksOf(turns).some(({ outcome }) => outcome === undefined)) return 'answer-task';
  return isErasure(events) && !isInstructed(round) && !isRefusedWhole(round) ? 'instruct-erasure' : 'fulfil';
}

const isErasure = (events: readonly Dated[]): boolean => all(events, 'received')[0]?.data.right === 'erasure';

const isInstructed = (round: readonly Dated[]): boolean => all(round, 'erasure-instructed').length > 0;
const isRefusedWhole = (round: readonly Dated[]): boolean =>
  all(round, 'accepted').some(({ data: { categories = [], refused = [] } }) => categories.length === 0 && refused.length > 0);

/** Spans in which the person had to do something of `kinds`; the last has no end while it lasts. */
function waits(round: readonly Dated[], kinds: readonly string[]): { from: number; to?: number }[] {
  const needed = new Set<string>();
  const spans: { from: number; to?: number }[] = [];
  for (const { at, ...event } of all(round, 'action-required', 'action-performed')) {
    const { justification } = event.data;
    if (!kinds.includes(justification)) continue;
    if (event.type === 'attesta.request.action-required.v1') {
      if (needed.size === 0) spans.push({ from: at });
      needed.add(justification);
    } else {
      needed.delete(justification);
      const span = spans.at(-1);
      if (span && needed.size === 0) span.to ??= at;
    }
  }
  return spans;
}

const isAsked = (round: readonly Dated[]): boolean =>
  waits(round, ['identity-verification', 'information']).some(({ to }) => to === undefined);

/** When there was enough to begin: the person was known, and nothing was asked of them. */
function sufficientAt(events: readonly Dated[]): number | undefined {
  const round = roundOf(events);
  const needed = new Set<string>();
  let known = all(events.slice(0, events.length - round.length), 'identity-verified').length > 0;
  for (const event of round) {
    known ||= is(event, 'identity-verified');
    if (is(event, 'action-required')) needed.add(event.data.justification);
    if (is(event, 'action-performed')) needed.delete(event.data.justification);
    if (known && needed.size === 0) return event.at;
  }
  return undefined;
}

export const clockIn = (policy: Policy, turns: readonly Turn[]): Clock | undefined => {
  const first = all(dated(turns), 'received')[0]?.data;
  return [...policy.clocks.values()].find(({ right, jurisdiction }) => right === first?.right && jurisdiction === first.jurisdiction);
};

/** When the clock of a round began to run. */
function startOf({ starts }: Clock, events: readonly Dated[]): number | undefined {
  const begun = roundOf(events)[0]?.at ?? 0;
  if (starts === 'receipt') return begun;
  if (starts === 'sufficient_information') return sufficientAt(events);
  const verified = all(events, 'identity-verified')[0]?.at;
  return verified === undefined ? undefined : Math.max(verified, begun);
}

/** The first instant at which the request is late; undefined where no clock runs. A date that was announced stands, whatever the clock did. */
export function lateFrom(policy: Policy, turns: readonly Turn[]): number | undefined {
  const clock = clockIn(policy, turns);
  const events = dated(turns);
  const start = clock && startOf(clock, events);
  if (clock === undefined || start === undefined) return undefined;
  const round = roundOf(events);
  const spans = waits(round, clock.pausesOn);
  if (spans.some(({ to }) => to === undefined)) return undefined;
  const announced = all(round, 'delayed').at(-1);
  if (announced) return Date.parse(announced.data.due);
  const stood = spans.reduce((sum, { from, to = from }) => sum + Math.max(0, to - Math.max(from, start)), 0);
  const [, hours] = /^PT(\d+)H$/.exec(clock.duration) ?? [];
  if (hours !== undefined) return start + Number(hours) * HOUR + stood;
  return endOf(plus(dayOf(start), clock.duration) - (clock.firstDayCounted ? 1 : 0) + Math.ceil(stood / DAY));
}

/** What has to be said of the clock at `now`, and was not: the deadline was missed, or it comes near. */
export function owed(policy: Policy, turns: readonly Turn[], now: number): { name: 'overdue' | 'warned'; due: number; before?: string }[] {
  const round = roundOf(dated(turns));
  const due = lateFrom(policy, turns);
  if (due === undefined || hasEnded(round)) return [];
  if (now >= due) return all(round, 'overdue').some(({ data }) => Date.parse(data.due) === due) ? [] : [{ name: 'overdue', due }];
  return (policy.requests?.warnings ?? [])
    .filter((before) => due - plus(0, before) * DAY <= now)
    .filter((before) => !all(round, 'warned').some(({ data }) => data.before === before && Date.parse(data.due) === due))
    .map((before) => ({ name: 'warned', due, before }));
}

/** The latest instant an extension may reach: undefined where the law names none. */
function latest(clock: Clock, events: readonly Dated[]): number | undefined {
  const start = startOf(clock, events);
  if (clock.extension?.duration === undefined || clock.duration.startsWith('PT') || start === undefined) return undefined;
  const stood = waits(roundOf(events), clock.pausesOn).reduce(
    (sum, { from, to = from }) => sum + Math.max(0, to - Math.max(from, start)),
    0,
  );
  const day = plus(dayOf(start), clock.duration) - (clock.firstDayCounted ? 1 : 0) + Math.ceil(stood / DAY);
  return endOf(plus(day, clock.extension.duration));
}

/** Grounds on which the law lets a request be refused, with the law. */
export const grounds = (policy: Policy, right: string, jurisdiction: string): Map<string, string> =>
  new Map(
    [...policy.refusals.values()]
      .filter((ground) => ground.rights.includes(right) && ground.jurisdiction === jurisdiction)
      .map(({ id, citation }) => [id, citation]),
  );

/** Everything that is wrong with a history; nothing, if it is lawful. */
export function judge(policy: Policy, turns: readonly Turn[]): string[] {
  return turns.flatMap((turn, n) => {
    const before = turns.slice(0, n);
    return [...clockFaults(policy, before, turn), ...faultsOf(policy, before, turn)];
  });
}

/** A turn says of the clock what it owes, all of it, first, and nothing besides. */
function clockFaults(policy: Policy, before: readonly Turn[], turn: Turn): string[] {
  const told = dated([turn]).filter((event) => is(event, 'overdue', 'warned'));
  const first = dated([turn]).slice(0, told.length);
  const clock = clockIn(policy, before)?.id;
  const said = all(told, 'overdue', 'warned').map(({ type, data }) =>
    JSON.stringify([type, data.clock, Date.parse(data.due), 'before' in data ? data.before : '']),
  );
  const due = owed(policy, before, turn.at).map((one) =>
    JSON.stringify([`attesta.request.${one.name}.v1`, clock, one.due, one.before ?? '']),
  );
  return [
    ...due.filter((one) => !said.includes(one)).map((one) => `silent: ${one}`),
    ...said.filter((one, i) => !due.includes(one) || said.indexOf(one) !== i).map((one) => `said without reason: ${one}`),
    ...(first.every((event) => is(event, 'overdue', 'warned')) ? [] : ['the clock was not read first']),
  ];
}

function faultsOf(policy: Policy, before: readonly Turn[], { at, events, disposal }: Turn): string[] {
  const faults: string[] = [];
  const fault = (when: boolean, what: string) => {
    if (when) faults.push(what);
  };
  events.forEach((event, n) => {
    const earlier: Turn[] = [...before, { at, events: events.slice(0, n) }];
    const past = dated(earlier);
    const round = roundOf(past);
    const first = all(past, 'received')[0]?.data;
    const lawful = grounds(policy, first?.right ?? '', first?.jurisdiction ?? '');
    const due = lateFrom(policy, earlier);
    const known = all(past, 'identity-verified').length > 0;
    const ended = hasEnded(round);
    fault(
      past.length > 0 && ended !== (event.type === 'attesta.request.reopened.v1'),
      `${event.type} ${ended ? 'after' : 'before'} the end`,
    );
    fault((event.type === 'attesta.request.received.v1') !== (past.length === 0), 'the receipt is the first event and no other');
    switch (event.type) {
      case 'attesta.request.acknowledged.v1':
        fault((event.data.due === undefined ? undefined : Date.parse(event.data.due)) !== due, 'the person was told another deadline');
        break;
      case 'attesta.request.accepted.v1':
        fault(!known, 'accepted for a stranger');
        fault(isAsked(round), 'accepted while something is asked');
        for (const { ground, law } of event.data.refused ?? []) fault(lawful.get(ground) !== law, `refused in part on ${ground}, ${law}`);
        break;
      case 'attesta.request.rejected.v1': {
        const { ground, law, authority } = event.data;
        fault(lawful.get(ground) !== law, `refused on ${ground}, ${law}`);
        fault(authority !== policy.jurisdictions.get(first?.jurisdiction ?? '')?.authority, `a complaint goes to ${authority}`);
        break;
      }
      case 'attesta.request.delayed.v1': {
        const clock = clockIn(policy, earlier);
        const until = Date.parse(event.data.due);
        const bound = clock && latest(clock, past);
        fault(!clock?.extension || due === undefined, 'more time for a clock that has none to give');
        fault(due !== undefined && until <= due, 'more time that is no more');
        fault(bound !== undefined && until > bound, 'more time than the law lets');
        fault(endOf(dayOf(until - 1)) !== until, 'more time that ends within a day');
        break;
      }
      case 'attesta.request.task-answered.v1':
      case 'attesta.request.task-overridden.v1':
      case 'attesta.request.task-stuck.v1': {
        const { task, system } = event.data;
        const found = tasksOf(earlier).find((one) => one.task === task);
        fault(found?.system !== system, 'a task that nobody issued');
        fault(found?.outcome !== undefined, 'a task that had ended');
        break;
      }
      case 'attesta.request.unfulfilled.v1':
        fault(isInstructed(round), 'taken back while it is destroyed');
        break;
      case 'attesta.request.erasure-instructed.v1':
        fault(!isErasure(past), 'an erasure that nobody asked for');
        fault(isInstructed(round), 'instructed twice');
        fault(
          tasksOf(earlier).some(({ outcome }) => outcome === undefined),
          'instructed while a task is open',
        );
        fault(!sameSet(event.data.categories, all(round, 'accepted')[0]?.data.categories ?? []), 'another erasure than was accepted');
        break;
      case 'attesta.request.fulfilled.v1': {
        const tasks = tasksOf(earlier);
        const { inTime, outcome, survivors = [], acknowledgements = [] } = event.data;
        fault(!known, 'fulfilled for a stranger');
        fault(all(round, 'accepted').length !== 1, 'fulfilled and not accepted');
        fault(isErasure(past) && !(isInstructed(round) ? disposal : isRefusedWhole(round)), 'fulfilled and not destroyed');
        fault(
          tasks.some((task) => task.outcome === undefined),
          'fulfilled while a task is open',
        );
        const missed = all(round, 'overdue').length > 0;
        fault(inTime !== (due === undefined ? undefined : at < due && !missed), `in time: ${inTime}`);
        const kept = [
          ...all(round, 'erasure-instructed').flatMap(({ data }) => data.survivors),
          ...all(round, 'accepted').flatMap(({ data }) => data.refused ?? []),
          ...all(round, 'task-answered').flatMap(({ data }) => data.kept ?? []),
          ...(disposal?.survivors ?? []),
        ].map(({ category }) => category);
        const byHand = tasks.some((task) => task.outcome === 'overridden');
        fault(outcome !== (kept.length > 0 || byHand || disposal?.outcome === 'partial' ? 'partial' : 'complete'), outcome);
        fault(
          !sameSet(
            kept,
            survivors.map(({ category }) => category),
          ),
          'other survivors',
        );
        const answers = acknowledgements.map((one) => `${one.system} ${one.outcome}`);
        fault(
          !sameSet(
            tasks.map((one) => `${one.system} ${one.outcome}`),
            answers,
          ),
          'other acknowledgements',
        );
        break;
      }
      default:
        break;
    }
  });
  return faults;
}

const sameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.every((item) => other.includes(item)) && other.every((item) => one.includes(item));

import { rfc3339Millis } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import { canonical } from '@attesta/proof';
import { BreachRefusal } from './breach-refusal.js';
import { authorityClock, lookAtClocks } from './breach.clock.js';
import {
  clockName,
  evolve,
  initialNotice,
  type Assessment,
  type BreachEvent,
  type BreachState,
  type Closing,
  type Facts,
  type PeopleNotice,
  type PeopleTold,
  type Recorded,
  type Said,
} from './breach.state.js';

export type Command =
  | ({ kind: 'update'; reason?: string } & { facts: Facts })
  | { kind: 'assess'; assessment: Assessment }
  | {
      kind: 'notify-authority';
      jurisdiction: string;
      /** When the authority was told (RFC 3339). */
      at: string;
      phase: 'initial' | 'supplement';
      reference?: string;
      explanation?: string;
    }
  | { kind: 'not-notify'; reason: string }
  /** `people`: how many were named and are told by no order yet; absent when they are found by categories. */
  | { kind: 'order-notice'; notice: PeopleNotice }
  | { kind: 'note-told'; order: number; told: PeopleTold }
  /** @param unordered how many were named and are told by no order yet */
  | ({ kind: 'close'; unordered: number } & Closing)
  /** The clocks are looked at. */
  | { kind: 'look' };

/** The first events of a breach. @throws BreachRefusal */
export function record(policy: Policy, recorded: Recorded, now: number): BreachEvent[] {
  const { discoveredAt, ...facts } = recorded;
  if (millisOf(discoveredAt, '/discoveredAt') > now)
    throw new BreachRefusal('time-in-future', 'The discovery is in the future.', CHECK_CLOCK, '/discoveredAt');
  checkTimes(facts, Date.parse(discoveredAt), now);
  const first: BreachEvent = { type: 'attesta.breach.recorded.v1', data: recorded };
  return [first, ...lookAtClocks(policy, evolve(undefined, first, now), now)];
}

/**
 * What a command leads to, at `now` (milliseconds). Whatever is decided, what the clocks have to say by then is said first: no command can make a
 * deadline met afterwards. What a command starts again, as a raised risk does, is looked at too.
 * @throws BreachRefusal
 */
export function decide(policy: Policy, state: BreachState, command: Command, now: number): BreachEvent[] {
  const before = lookAtClocks(policy, state, now, metBy(policy, state, command));
  const looked = fold(state, before, now);
  const decided = decideAlone(policy, looked, command, now);
  return [...before, ...decided, ...lookAtClocks(policy, fold(looked, decided, now), now)];
}

const fold = (state: BreachState, events: readonly BreachEvent[], now: number): BreachState =>
  events.reduce((folded, event) => evolve(folded, event, now), state);

/** The clock that was met in time, though nobody said so before it ran out. */
const metBy = (policy: Policy, state: BreachState, command: Command) =>
  command.kind === 'notify-authority' && command.phase === 'initial' && isInTime(policy, state, command)
    ? clockName('authority', command.jurisdiction)
    : undefined;

function isInTime(policy: Policy, state: BreachState, { jurisdiction, at }: { jurisdiction: string; at: string }): boolean {
  const clock = authorityClock(policy, state, jurisdiction);
  return !clock || Date.parse(at) < Date.parse(clock.due);
}

function decideAlone(policy: Policy, state: BreachState, command: Command, now: number): BreachEvent[] {
  switch (command.kind) {
    case 'look':
      return [];
    case 'update':
      return update(state, command, now);
    case 'assess':
      if (isSame(command.assessment, state.assessment)) return [];
      return [{ type: 'attesta.breach.assessed.v1', data: command.assessment }];
    case 'notify-authority':
      return authorityNotified(policy, state, command, now);
    case 'not-notify':
      if (state.excused?.reason === command.reason) return [];
      requireOpen(state);
      if (state.assessment?.risk !== 'none')
        throw new BreachRefusal(
          'authority-has-to-know',
          'The breach was not assessed to be without risk.',
          'Tell the authority, or assess the risk anew, with reasons.',
        );
      return [{ type: 'attesta.breach.not-notified.v1', data: { reason: command.reason } }];
    case 'order-notice':
      return noticeOrdered(state, command.notice);
    case 'note-told': {
      const { order, told } = command;
      const notice = state.notices[order];
      if (!notice) throw new BreachRefusal('no-such-order', 'Nobody ordered that.', 'Look at what was ordered.');
      return isSame(told, notice.told) ? [] : [{ type: 'attesta.breach.people-told.v1', data: { order, ...told } }];
    }
    case 'close':
      return close(policy, state, command);
  }
}

function update(state: BreachState, { facts, reason }: Command & { kind: 'update' }, now: number): BreachEvent[] {
  if (isSame(facts, state.facts)) return [];
  checkTimes(facts, Date.parse(state.recorded.discoveredAt), now);
  const dropped = state.facts.jurisdictions.filter((jurisdiction) => !facts.jurisdictions.includes(jurisdiction));
  if (dropped.some((jurisdiction) => initialNotice(state, jurisdiction)))
    throw new BreachRefusal(
      'authority-knows',
      `An authority was told already: ${dropped.join(', ')}.`,
      'Leave it in, and tell the authority that nothing is asked of it.',
      '/jurisdictions',
    );
  if (dropped.length > 0 && reason === undefined)
    throw new BreachRefusal(
      'reason-needed',
      `A clock would stop without a reason: ${dropped.join(', ')}.`,
      'Say why that law does not apply after all.',
      '/reason',
    );
  return [{ type: 'attesta.breach.updated.v1', data: { ...facts, ...(reason !== undefined && { reason }) } }];
}

function authorityNotified(
  policy: Policy,
  state: BreachState,
  { kind: _kind, ...notice }: Command & { kind: 'notify-authority' },
  now: number,
): BreachEvent[] {
  const { jurisdiction, at, phase, explanation } = notice;
  const { controller, jurisdictions } = state.facts;
  const rules = policy.jurisdictions.get(jurisdiction);
  if (!rules || !jurisdictions.includes(jurisdiction))
    throw new BreachRefusal(
      'no-such-jurisdiction',
      'The breach does not concern this jurisdiction.',
      `Name one of: ${jurisdictions.join(', ')}; or update the breach first.`,
      '/jurisdiction',
    );
  const isKnown = state.notified.some(({ inTime: _inTime, authority: _authority, controller: _controller, ...known }) =>
    isSame(notice, known),
  );
  if (isKnown) return [];
  requireOpen(state);
  if (millisOf(at, '/at') > now) throw new BreachRefusal('time-in-future', 'This is in the future.', CHECK_CLOCK, '/at');
  if (Date.parse(at) < Date.parse(state.recorded.discoveredAt))
    throw new BreachRefusal('before-discovery', 'Nobody was aware of the breach then.', 'Say when the authority was told.', '/at');
  const isFirst = phase === 'initial';
  const initial = initialNotice(state, jurisdiction);
  if (isFirst && initial)
    throw new BreachRefusal('authority-knows', `The authority was told at ${initial.at}.`, 'Send what is new as a supplement.', '/phase');
  if (!isFirst && !initial)
    throw new BreachRefusal(
      'authority-does-not-know',
      'The authority was told nothing yet.',
      'Send the initial notification first.',
      '/phase',
    );
  const inTime = isInTime(policy, state, notice);
  if (isFirst && !inTime && explanation === undefined)
    throw new BreachRefusal(
      'explanation-needed',
      'The deadline had passed when the authority was told.',
      'Say why it comes late (GDPR Art. 33(1); PDPC notification B.E. 2565, cl. 7).',
      '/explanation',
    );
  const whose = controller === undefined ? {} : { controller };
  return [
    {
      type: 'attesta.breach.authority-notified.v1',
      data: { ...notice, ...whose, authority: rules.authority, ...(isFirst && { inTime }) },
    },
  ];
}

function noticeOrdered(state: BreachState, notice: PeopleNotice): BreachEvent[] {
  const { people, ...asked } = notice;
  const isKnown = state.notices.some(({ people: _people, told: _told, ...known }) => isSame(asked, known));
  if (isKnown && (people === undefined || people === 0)) return [];
  requireOpen(state);
  if (people === 0)
    throw new BreachRefusal('nobody-named', 'Nobody is named who was not to be told before.', 'Add people first, or say of which data.');
  checkOrder(notice.collectedFrom, notice.collectedUntil, '/collectedUntil');
  return [{ type: 'attesta.breach.people-notice-ordered.v1', data: { ...notice, order: state.notices.length } }];
}

function close(policy: Policy, state: BreachState, { kind: _kind, unordered, ...closing }: Command & { kind: 'close' }): BreachEvent[] {
  if (isSame(closing, state.closing)) return [];
  requireOpen(state);
  const { assessment, excused, notices, facts } = state;
  if (!assessment) throw new BreachRefusal('not-assessed', 'Nobody has assessed the risk.', 'Assess it first.');
  const untold = excused ? [] : facts.jurisdictions.filter((one) => authorityClock(policy, state, one) && !initialNotice(state, one));
  if (untold.length > 0)
    throw new BreachRefusal(
      'authority-not-told',
      `The authority does not know: ${untold.join(', ')}.`,
      'Record that it was told, or, where nobody is at risk, that it need not be.',
    );
  checkExemption(closing, assessment);
  if (assessment.risk === 'high' && !closing.exemption) {
    const told = notices.reduce((sum, notice) => sum + (notice.told?.told ?? 0), 0);
    if (told === 0 || unordered > 0 || notices.some((notice) => !notice.told))
      throw new BreachRefusal(
        'people-not-told',
        'The risk is high, and people were not told of it, or not all of them.',
        'Have them told, or give the exemption that the law knows (GDPR Art. 34(3)).',
      );
    if (notices.some((notice) => notice.told && notice.told.unreachable + notice.told.failed > 0))
      throw new BreachRefusal(
        'people-not-reached',
        'Some people could not be told one by one.',
        'Tell the public, and close it with the exemption disproportionate (GDPR Art. 34(3)(c)).',
      );
  }
  return [{ type: 'attesta.breach.closed.v1', data: closing }];
}

function checkExemption({ exemption }: Closing, { risk }: Assessment): void {
  if (!exemption) return;
  if (risk !== 'high')
    throw new BreachRefusal(
      'no-exemption-needed',
      'The risk is not high: nobody has to be told.',
      'Leave the exemption out.',
      '/exemption',
    );
  if (exemption.ground === 'disproportionate' && exemption.publicCommunication === undefined)
    throw new BreachRefusal(
      'public-communication-needed',
      'Where it would take too much to tell people one by one, the public is told (GDPR Art. 34(3)(c)).',
      'Say where and when it was.',
      '/exemption/publicCommunication',
    );
}

function requireOpen({ status }: BreachState): void {
  if (status === 'closed')
    throw new BreachRefusal('closed', 'The breach is closed.', 'Update it, or assess it anew, with what is new: that opens it again.');
}

function checkTimes({ occurredFrom, occurredUntil }: Facts, discovered: number, now: number): void {
  if (occurredFrom !== undefined && millisOf(occurredFrom, '/occurredFrom') > discovered)
    throw new BreachRefusal('after-discovery', 'The breach was discovered before it began.', 'Say when it began.', '/occurredFrom');
  if (occurredUntil !== undefined && millisOf(occurredUntil, '/occurredUntil') > now)
    throw new BreachRefusal('time-in-future', 'This is in the future.', 'Leave it out while the breach lasts.', '/occurredUntil');
  checkOrder(occurredFrom, occurredUntil, '/occurredUntil');
}

function checkOrder(from: string | undefined, until: string | undefined, field: string): void {
  if (from !== undefined && until !== undefined && millisOf(until, field) < millisOf(from, field))
    throw new BreachRefusal('times-reversed', 'It ended before it began.', 'Give the earlier time as the beginning.', field);
}

const CHECK_CLOCK = 'Send the time it happened, and check the clock of the sending machine.';

function millisOf(time: string, field: string): number {
  const millis = rfc3339Millis(time);
  if (millis === undefined) throw new BreachRefusal('bad-time', 'This is no time.', 'Write it like 2026-01-31T09:30:00+07:00.', field);
  return millis;
}

/** Whether something was said in these very words already: then it need not be said again. */
function isSame<T extends object>(asked: T, known: Said<T> | undefined): boolean {
  if (!known) return false;
  const { event: _event, saidAt: _saidAt, ...rest } = known;
  return canonical(asked) === canonical(rest);
}

/** Whether a record is the one that the breach began with. */
export const isRecordOf = (state: BreachState, recorded: Recorded): boolean => isSame(recorded, state.recorded);

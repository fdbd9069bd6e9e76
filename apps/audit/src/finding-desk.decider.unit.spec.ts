import { decide, evolve, FindingRefusal, RAISED, type Command, type FindingEvent } from './finding-desk.decider.js';

const assigned = (to: string, note?: string): FindingEvent => ({
  type: 'attesta.finding.assigned.v1',
  to,
  ...(note !== undefined && { note }),
});
const resolved = (reason: string, positions?: number[]): FindingEvent => ({
  type: 'attesta.finding.resolved.v1',
  outcome: 'remedied',
  reason,
  ...(positions && { positions }),
});
const reopened = (reason: string): FindingEvent => ({ type: 'attesta.finding.reopened.v1', reason });

const assign = (to: string, note?: string): Command => ({ kind: 'assign', to, note });
const resolve = (reason: string, positions?: number[]): Command => ({ kind: 'resolve', outcome: 'remedied', reason, positions });
const reopen = (reason: string): Command => ({ kind: 'reopen', reason });

const given = (...events: FindingEvent[]) => events.reduce(evolve, RAISED);
const when = (events: FindingEvent[], command: Command) => decide(given(...events), command);
function refusal(events: FindingEvent[], command: Command): string {
  try {
    decide(given(...events), command);
  } catch (error) {
    if (error instanceof FindingRefusal) return [error.code, error.field].filter(Boolean).join(' ');
  }
  return 'none';
}

describe('assigning', () => {
  it.each<[string, FindingEvent[]]>([
    ['a finding that was raised', []],
    ['one that somebody else has', [assigned('dpo-1')]],
    ['one that was reopened', [resolved('Stopped.'), reopened('It goes on.')]],
  ])('%s is said', (_what, before) => expect(when(before, assign('dpo-2', 'Ask them.'))).toEqual([assigned('dpo-2', 'Ask them.')]));

  it('the same again is not said again, another note is', () => {
    expect(when([assigned('dpo-2', 'Ask them.')], assign('dpo-2', 'Ask them.'))).toEqual([]);
    expect(when([assigned('dpo-2', 'Ask them.')], assign('dpo-2'))).toEqual([assigned('dpo-2')]);
  });

  it('one that is resolved is refused', () => expect(refusal([resolved('Stopped.')], assign('dpo-2'))).toBe('already-resolved'));

  it.each(['somchai@example.com', '081 234 5678', '+66 81 234 5678'])('to %s is refused: actors are pseudonyms', (to) =>
    expect(refusal([], assign(to))).toBe('personal-value-in-clear /to'),
  );
});

describe('resolving', () => {
  it('is said with the outcome, the reason and what shows it', () =>
    expect(when([assigned('dpo-1')], resolve('Stopped.', [7]))).toEqual([resolved('Stopped.', [7])]));

  it('twice is said once', () => expect(when([resolved('Stopped.', [7])], resolve('Stopped.', [7]))).toEqual([]));

  it.each<[string, Command]>([
    ['another reason', resolve('Paid.', [7])],
    ['other positions', resolve('Stopped.', [8])],
    ['another outcome', { ...resolve('Stopped.', [7]), outcome: 'accepted-risk' } as Command],
  ])('again with %s is refused', (_what, command) => expect(refusal([resolved('Stopped.', [7])], command)).toBe('already-resolved'));

  it('after it was reopened is said again', () =>
    expect(when([resolved('Stopped.'), reopened('It goes on.')], resolve('Stopped.'))).toEqual([resolved('Stopped.')]));
});

describe('reopening', () => {
  it('is said once', () => {
    expect(when([resolved('Stopped.')], reopen('It goes on.'))).toEqual([reopened('It goes on.')]);
    expect(when([resolved('Stopped.'), reopened('It goes on.')], reopen('It goes on.'))).toEqual([]);
  });

  it('what is not resolved is refused', () => {
    expect(refusal([], reopen('It goes on.'))).toBe('not-resolved');
    expect(refusal([resolved('Stopped.'), reopened('It goes on.')], reopen('It grows.'))).toBe('not-resolved');
  });

  it('leaves it with whom it was', () => {
    expect(given(assigned('dpo-1'), resolved('Stopped.'), reopened('On.'))).toMatchObject({
      state: 'assigned',
      assignment: { to: 'dpo-1' },
    });
    expect(given(resolved('Stopped.'), reopened('On.'))).toMatchObject({ state: 'open' });
  });
});

it.each<[string, Command]>([
  ['/reason', resolve('somchai@example.com asked')],
  ['/reason', reopen('call 0812345678')],
  ['/note', assign('dpo-1', 'write to somchai@example.com')],
])('a personal value in %s is refused, whatever the state', (field, command) =>
  expect(refusal([resolved('Stopped.')], command)).toBe(`personal-value-in-clear ${field}`),
);

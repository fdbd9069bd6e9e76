import { spanOf, STEPS, takes, waitingFor, type BreachView, type ClockView } from './breach.js';

const clock = (state: ClockView['state']): ClockView => ({
  jurisdiction: 'th-pdpa',
  authority: 'pdpc',
  clock: 'th-breach-notice',
  due: '2026-11-29T03:00:00Z',
  state,
  lateSeconds: null,
});
const assessed = (risk: 'none' | 'risk' | 'high'): BreachView['assessment'] => ({
  risk,
  reasons: 'r',
  consequences: 'c',
  measures: 'm',
  at: '2026-11-27T00:00:00Z',
});
const breach = (change: Partial<Parameters<typeof takes>[1]>): Parameters<typeof takes>[1] => ({
  status: 'open',
  assessment: null,
  clocks: [clock('running')],
  notNotified: null,
  ...change,
});
const taken = (change: Parameters<typeof breach>[0]) => STEPS.filter((step) => takes(step, breach(change)));

describe('the steps that a breach takes', () => {
  it('is at first updated, assessed, told to authorities and people', () => {
    expect(taken({})).toEqual(['update', 'assess', 'notify', 'name', 'order']);
  });

  it('is kept from the authority only when nobody is at risk, and said so once', () => {
    expect(taken({ assessment: assessed('none') })).toContain('excuse');
    expect(taken({ assessment: assessed('risk') })).not.toContain('excuse');
    expect(taken({ assessment: assessed('none'), notNotified: { reason: 'r', at: '2026-11-27T00:00:00Z' } })).not.toContain('excuse');
  });

  it('is not closed before it is assessed and every authority knows', () => {
    const told = { clocks: [clock('notified'), clock('none')] };
    expect(taken({ ...told, assessment: assessed('risk') })).toContain('close');
    expect(taken({ ...told })).not.toContain('close');
    for (const state of ['running', 'overdue'] as const)
      expect(taken({ clocks: [clock('notified'), clock(state)], assessment: assessed('risk') })).not.toContain('close');
  });

  it('takes only what is new once it is closed', () => {
    expect(taken({ status: 'closed', assessment: assessed('none') })).toEqual(['update', 'assess']);
  });

  it('waits for the authorities that do not know', () => {
    expect(
      waitingFor({ clocks: (['running', 'overdue', 'notified', 'notified-late', 'not-required', 'none'] as const).map(clock) }),
    ).toEqual([clock('running'), clock('overdue')]);
  });
});

describe('how much time is left', () => {
  it('is told in hours, also more than a day of them', () => {
    expect(spanOf(Date.parse('2026-11-29T03:00:00Z'), Date.parse('2026-11-26T21:30:30Z'))).toEqual({ hours: 53, minutes: 29 });
  });

  it('is the same behind the deadline', () => {
    expect(spanOf(0, 90 * 60_000)).toEqual({ hours: 1, minutes: 30 });
    expect(spanOf(90 * 60_000, 0)).toEqual({ hours: 1, minutes: 30 });
  });
});

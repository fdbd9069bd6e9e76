import { BreachRefusal } from './breach-refusal.js';
import { assessed, DISCOVERED, DUE, facts, HOUR, policy, recorded, words } from './breach-rig.js';
import { nextLook } from './breach.clock.js';
import { decide, record, type Command } from './breach.decider.js';
import { evolve, type BreachEvent, type BreachState, type Recorded } from './breach.state.js';

/** Hours after the discovery. */
const at = (hours: number) => Date.parse(DISCOVERED) + hours * HOUR;
const iso = (hours: number) => new Date(at(hours)).toISOString();
const fold = (state: BreachState | undefined, events: BreachEvent[], when: number) => events.reduce((s, e) => evolve(s, e, when), state);

type Step = [hours: number, command: Command];
const begun = (first: Recorded = recorded, hours = 1): [BreachState, BreachEvent[]] => {
  const events = record(policy, first, at(hours));
  return [fold(undefined, events, at(hours))!, events];
};
/** The state after steps, and what the last of them led to. */
function after(steps: Step[], from = begun(), under = policy): [BreachState, BreachEvent[]] {
  let [state, said] = from;
  for (const [hours, command] of steps) {
    said = decide(under, state, command, at(hours));
    state = fold(state, said, at(hours))!;
  }
  return [state, said];
}
const short = (events: BreachEvent[]) =>
  events.map(({ type, data }) => {
    const name = type.slice('attesta.breach.'.length, -'.v1'.length);
    return [name, ...('duty' in data ? [data.duty, data.jurisdiction] : []), ...('before' in data ? [data.before] : [])].join(' ');
  });
const said = (steps: Step[], from?: [BreachState, BreachEvent[]], under = policy) => short(after(steps, from, under)[1]);
const refused = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (!(error instanceof BreachRefusal)) throw error;
    expect(error.message).toMatch(/^[A-Z].*\.$/);
    expect(error.fix).toMatch(/^[A-Z].*\.$/);
    return `${error.code}${error.field ?? ''}`;
  }
  return 'taken';
};

const look: Command = { kind: 'look' };
const assess = (risk: 'none' | 'risk' | 'high', reasons?: string): Command => ({ kind: 'assess', assessment: assessed(risk, reasons) });
const tell = (hours: number, more: Partial<Command & { kind: 'notify-authority' }> = {}): Command => ({
  kind: 'notify-authority',
  jurisdiction: 'th-pdpa',
  at: iso(hours),
  phase: 'initial',
  ...more,
});
const late = { explanation: 'The supplier told us late.' };
const close = (more: Partial<Command & { kind: 'close' }> = {}): Command => ({
  kind: 'close',
  reason: 'All is done.',
  unordered: 0,
  ...more,
});
const order = (people: number | undefined = 3): Command => ({ kind: 'order-notice', notice: { words, people } });
const both = { ...recorded, jurisdictions: ['th-pdpa', 'eu-gdpr'] };

describe('the clock of 72 hours', () => {
  it('warns 48, 24 and 6 hours before, of the assessment too, and says once that it is over', () => {
    const story: Step[] = [24, 48, 66, 72].map((hours) => [hours, look]);
    expect(story.map((_, n) => said(story.slice(0, n + 1)))).toEqual([
      ['warned authority th-pdpa PT48H', 'warned assessment th-pdpa PT48H'],
      ['warned authority th-pdpa PT24H', 'warned assessment th-pdpa PT24H'],
      ['warned authority th-pdpa PT6H', 'warned assessment th-pdpa PT6H'],
      ['overdue authority th-pdpa', 'overdue assessment th-pdpa'],
    ]);
    expect(said([...story, [73, look], [500, look]])).toEqual([]);
  });

  it.each([
    [-1, ['warned authority th-pdpa PT6H']],
    [0, ['overdue authority th-pdpa']],
    [1, ['overdue authority th-pdpa']],
  ])('is over from the deadline on (%i ms)', (ms, expected) => {
    expect(
      said([
        [1, assess('risk')],
        [72 + ms / HOUR, look],
      ]),
    ).toEqual(expected);
  });

  it('says nothing a millisecond before a warning, and knows when to look', () => {
    const [state] = begun();
    expect(nextLook(policy, state)).toBe(at(24));
    expect(decide(policy, state, look, at(24) - 1)).toEqual([]);
  });

  it('says the nearest warning alone when several have passed', () => {
    expect(
      said([
        [1, assess('risk')],
        [70, look],
      ]),
    ).toEqual(['warned authority th-pdpa PT6H']);
    expect(
      said([
        [1, assess('risk')],
        [70, look],
        [71, look],
      ]),
    ).toEqual([]);
  });

  it('has one end, whenever the breach is recorded', () => {
    expect(short(begun(recorded, 50)[1])).toEqual(['recorded', 'warned authority th-pdpa PT24H', 'warned assessment th-pdpa PT24H']);
    expect(short(begun(recorded, 72)[1])).toEqual(['recorded', 'overdue authority th-pdpa', 'overdue assessment th-pdpa']);
    expect(begun(recorded, 2000)[1][1]).toEqual({
      type: 'attesta.breach.overdue.v1',
      data: { duty: 'authority', jurisdiction: 'th-pdpa', clock: 'th-breach-notice', due: DUE },
    });
  });

  it.each([
    ['a leap day', '2028-02-27T23:30:00.000Z', '2028-03-01T23:30:00Z'],
    ['no leap day', '2027-02-26T23:30:00.000Z', '2027-03-01T23:30:00Z'],
    ['the hour that Europe skips', '2026-03-28T12:00:00.000Z', '2026-03-31T12:00:00Z'],
    ['another way to write the time', '2026-03-28T19:00:00+07:00', '2026-03-31T12:00:00Z'],
    ['milliseconds', '2026-03-28T12:00:00.001Z', '2026-03-31T12:00:00.001Z'],
  ])('is 72 hours long over %s', (_, discoveredAt, due) => {
    const now = Date.parse(discoveredAt) + 100 * HOUR;
    const { occurredFrom: _from, ...rest } = both;
    const berlin = new Map([...policy.clocks].map(([id, clock]) => [id, { ...clock, timeZone: 'Europe/Berlin' }]));
    for (const under of [policy, { ...policy, clocks: berlin }]) {
      const dues = record(under, { ...rest, discoveredAt }, now).flatMap(({ data }) => ('due' in data ? [data.due] : []));
      expect(dues).toEqual([due, due, due]);
    }
  });

  it('runs for each authority', () => {
    const story: Step[] = [
      [1, assess('risk')],
      [10, tell(10)],
      [72, look],
    ];
    expect(said(story, begun(both))).toEqual(['overdue authority eu-gdpr']);
  });

  it('has nothing to say without a clock, or warnings, in the policy', () => {
    const bare = { ...policy, clocks: new Map(), breaches: undefined };
    expect(short(record(bare, recorded, at(500)))).toEqual(['recorded']);
    const unwarned = { ...policy, breaches: undefined };
    expect(said([[66, look]], begun(), unwarned)).toEqual([]);
  });
});

describe('telling the authority', () => {
  it('in time stops its clock', () => {
    const story: Step[] = [
      [2, assess('risk')],
      [20, tell(19, { reference: 'PDPC 7/2569' })],
    ];
    expect(after(story)[1]).toEqual([
      {
        type: 'attesta.breach.authority-notified.v1',
        data: { jurisdiction: 'th-pdpa', at: iso(19), phase: 'initial', reference: 'PDPC 7/2569', authority: 'pdpc', inTime: true },
      },
    ]);
    expect(nextLook(policy, after(story)[0])).toBeUndefined();
  });

  it('before anybody has assessed the risk leaves the assessment to be chased', () => {
    expect(
      said([
        [20, tell(19)],
        [72, look],
      ]),
    ).toEqual(['overdue assessment th-pdpa']);
  });

  it('late needs an explanation, is late, and the missed deadline is said first, though nobody looked', () => {
    expect(refused(() => after([[80, tell(79)]]))).toBe('explanation-needed/explanation');
    const events = after([
      [2, assess('risk')],
      [80, tell(79, late)],
    ])[1];
    expect(short(events)).toEqual(['overdue authority th-pdpa', 'authority-notified']);
    expect(events[1]?.data).toMatchObject({ inTime: false, ...late });
  });

  it.each([
    [-1, true],
    [0, false],
  ])('%i ms from the deadline is in time: %s', (ms, inTime) => {
    const events = after([
      [2, assess('risk')],
      [100, tell(72 + ms / HOUR, late)],
    ])[1];
    expect(events.at(-1)?.data).toMatchObject({ inTime });
    expect(short(events)).toEqual([...(inTime ? [] : ['overdue authority th-pdpa']), 'authority-notified']);
  });

  it('goes on in supplements', () => {
    const more = { phase: 'supplement', reference: 'PDPC 8/2569' } as const;
    expect(refused(() => after([[20, tell(19, more)]]))).toBe('authority-does-not-know/phase');
    const story: Step[] = [
      [2, assess('risk')],
      [20, tell(19)],
      [200, tell(190, more)],
    ];
    const { data } = after(story)[1][0]!;
    expect(data).toMatchObject(more);
    expect(data).not.toHaveProperty('inTime');
    expect(refused(() => after([...story, [201, tell(20)]]))).toBe('authority-knows/phase');
  });

  it.each([
    ['in the future', tell(30), 'time-in-future/at'],
    ['before the discovery', tell(-1), 'before-discovery/at'],
    ['at no time', tell(20, { at: 'yesterday' }), 'bad-time/at'],
    ['where nobody is concerned', tell(20, { jurisdiction: 'eu-gdpr' }), 'no-such-jurisdiction/jurisdiction'],
    ['in a jurisdiction that nobody knows', tell(20, { jurisdiction: '__proto__' }), 'no-such-jurisdiction/jurisdiction'],
  ])('%s is refused', (_, command, code) => {
    expect(refused(() => after([[20, command]]))).toBe(code);
  });
});

describe('a breach without risk', () => {
  const excused: Step[] = [
    [2, assess('none')],
    [3, { kind: 'not-notify', reason: 'It was encrypted.' }],
  ];

  it('need not be told, once somebody says why', () => {
    expect(
      said([
        [2, assess('none')],
        [72, look],
      ]),
    ).toEqual(['overdue authority th-pdpa']);
    expect(said([...excused, [500, look]])).toEqual([]);
    expect(said([...excused, [500, close()]])).toEqual(['closed']);
  });

  it.each<[string, Step[], string]>([
    ['unassessed', [], 'authority-has-to-know'],
    ['at risk', [[2, assess('risk')]], 'authority-has-to-know'],
    ['at high risk', [[2, assess('high')]], 'authority-has-to-know'],
  ])('but not %s', (_, steps, code) => {
    expect(refused(() => after([...steps, [3, { kind: 'not-notify', reason: 'No.' }]]))).toBe(code);
  });

  it('has its clock again, from the discovery, when the risk is raised', () => {
    expect(said([...excused, [50, assess('risk')]])).toEqual(['assessed', 'warned authority th-pdpa PT24H']);
    expect(said([...excused, [300, assess('high')]])).toEqual(['assessed', 'overdue authority th-pdpa']);
    expect(said([...excused, [4, close()], [300, assess('risk')]])).toEqual(['assessed', 'overdue authority th-pdpa']);
    expect(said([...excused, [300, assess('none', 'It still is.')]])).toEqual(['assessed']);
  });
});

describe('what is known', () => {
  it('is superseded; a jurisdiction that comes in late has had its clock from the discovery', () => {
    const facts2 = { ...facts, people: 9, jurisdictions: ['th-pdpa', 'eu-gdpr'] };
    const story: Step[] = [
      [2, assess('risk')],
      [3, tell(3)],
      [100, { kind: 'update', facts: facts2 }],
    ];
    const [state, events] = after(story);
    expect(short(events)).toEqual(['updated', 'overdue authority eu-gdpr']);
    expect(state.facts).toMatchObject(facts2);
    expect(state.recorded).toMatchObject(recorded);
  });

  it('stops no clock without a reason, nor where the authority knows', () => {
    const less = { ...facts, jurisdictions: ['th-pdpa'] };
    const update: Command = { kind: 'update', facts: less };
    expect(refused(() => after([[2, update]], begun(both)))).toBe('reason-needed/reason');
    expect(said([[2, { ...update, reason: 'Nobody lives there.' }]], begun(both))).toEqual(['updated']);
    const told: Step = [2, tell(2, { jurisdiction: 'eu-gdpr' })];
    expect(refused(() => after([told, [3, { ...update, reason: 'No.' }]], begun(both)))).toBe('authority-knows/jurisdictions');
  });

  it.each<[string, Partial<Recorded>, string]>([
    ['discovered in the future', { discoveredAt: iso(2) }, 'time-in-future/discoveredAt'],
    ['discovered before it began', { occurredFrom: iso(0.5) }, 'after-discovery/occurredFrom'],
    ['over in the future', { occurredUntil: iso(2) }, 'time-in-future/occurredUntil'],
    ['over before it began', { occurredUntil: '2026-01-01T00:00:00Z' }, 'times-reversed/occurredUntil'],
    ['at no time', { discoveredAt: '2026-13-01' }, 'bad-time/discoveredAt'],
  ])('cannot be %s', (_, change, code) => {
    expect(refused(() => begun({ ...recorded, ...change }))).toBe(code);
  });
});

describe('closing', () => {
  const told: Step[] = [
    [2, assess('high')],
    [3, tell(3)],
  ];
  const ordered: Step[] = [...told, [4, order()]];
  const reached = (unreachable: number): Step[] => [
    ...ordered,
    [5, { kind: 'note-told', order: 0, told: { told: 3 - unreachable, unreachable, failed: 0 } }],
  ];
  const exemption = (ground: 'encrypted' | 'averted' | 'disproportionate', more = {}) =>
    close({ exemption: { ground, explanation: 'It is so.', ...more } });

  it.each<[string, Step[], Command, string]>([
    ['nobody has assessed', [], close(), 'not-assessed'],
    ['the authority does not know of', [[2, assess('risk')]], close(), 'authority-not-told'],
    ['the authority does not know of, whatever the exemption', [[2, assess('high')]], exemption('encrypted'), 'authority-not-told'],
    ['people at high risk do not know of', told, close(), 'people-not-told'],
    ['people are still being told of', ordered, close(), 'people-not-told'],
    ['people were named of and not told', reached(0), close({ unordered: 1 }), 'people-not-told'],
    [
      'was told to nobody, for nobody was found',
      [...ordered, [5, { kind: 'note-told', order: 0, told: { told: 0, unreachable: 0, failed: 0 } }]],
      close(),
      'people-not-told',
    ],
    ['somebody could not be told of', reached(1), close(), 'people-not-reached'],
    ['the public should know of', told, exemption('disproportionate'), 'public-communication-needed/exemption/publicCommunication'],
    [
      'needs no exemption',
      [
        [2, assess('risk')],
        [3, tell(3)],
      ],
      exemption('averted'),
      'no-exemption-needed/exemption',
    ],
  ])('what %s is refused', (_, steps, command, code) => {
    expect(refused(() => after([...steps, [10, command]]))).toBe(code);
  });

  it.each<[string, Step[], Command]>([
    [
      'is at risk, when the authority knows',
      [
        [2, assess('risk')],
        [3, tell(3)],
      ],
      close(),
    ],
    ['is at high risk, when everybody knows', reached(0), close()],
    ['cannot be read', told, exemption('encrypted')],
    ['is averted', told, exemption('averted')],
    ['the public knows of', reached(1), exemption('disproportionate', { publicCommunication: 'website, 3 March' })],
  ])('what %s is taken', (_, steps, command) => {
    const [state, events] = after([...steps, [10, command]]);
    expect(short(events)).toEqual(['closed']);
    expect(nextLook(policy, state)).toBeUndefined();
  });

  it('stops clocks that a later policy sets', () => {
    const bare = { ...policy, clocks: new Map() };
    const [state] = after(
      [
        [2, assess('risk')],
        [3, close()],
      ],
      begun(),
      bare,
    );
    expect(state.status).toBe('closed');
    expect(decide(policy, state, look, at(100))).toEqual([]);
  });

  it('ends it until something new is known', () => {
    const closed: Step[] = [...reached(0), [10, close()]];
    for (const command of [tell(9, { phase: 'supplement' }), order(), close({ reason: 'Again.' })])
      expect(refused(() => after([...closed, [11, command]]))).toBe('closed');
    const [state] = after([...closed, [11, { kind: 'update', facts: { ...facts, people: 2 } }]]);
    expect(state).toMatchObject({ status: 'open' });
    expect(state.closing).toBeUndefined();
  });
});

describe('telling people', () => {
  it('needs somebody to tell', () => {
    expect(refused(() => after([[2, order(0)]]))).toBe('nobody-named');
    expect(refused(() => after([[2, { kind: 'note-told', order: 0, told: { told: 1, unreachable: 0, failed: 0 } }]]))).toBe(
      'no-such-order',
    );
  });

  it('counts its orders', () => {
    const { data } = after([
      [2, order(3)],
      [3, order(2)],
    ])[1][0]!;
    expect(data).toMatchObject({ order: 1, people: 2 });
  });
});

it('what was said in the same words is not said again', () => {
  const criteria: Command = { kind: 'order-notice', notice: { words, categories: ['contact'] } };
  const steps: Step[] = [
    [2, assess('high')],
    [3, tell(3)],
    [4, order(3)],
    [5, criteria],
    [6, { kind: 'note-told', order: 0, told: { told: 3, unreachable: 0, failed: 0 } }],
    [7, { kind: 'note-told', order: 1, told: { told: 3, unreachable: 0, failed: 0 } }],
    [8, { kind: 'update', facts: { ...facts, people: 2 } }],
    [9, close()],
  ];
  for (let n = 1; n <= steps.length; n++) {
    const done = steps.slice(0, n);
    const [, last] = done.at(-1)!;
    const again = last === steps[2]![1] ? order(0) : last;
    expect(said([...done, [20, again]])).toEqual([]);
  }
});

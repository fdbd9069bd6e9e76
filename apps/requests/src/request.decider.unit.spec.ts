import { policy, uuid, withClock } from './request-histories-rig.js';
import { deadlineOf, nextLook } from './request.clock.js';
import { NotNow } from './not-now.js';
import { decide, received, type Command } from './request.decider.js';
import { evolve, type RequestEvent, type RequestState } from './request.state.js';

type Name = RequestEvent['type'] extends infer T ? (T extends `attesta.request.${infer N}.v1` ? N : never) : never;
type DataOf<N extends Name> = Extract<RequestEvent, { type: `attesta.request.${N}.v1` }>['data'];
const said = <N extends Name>(name: N, data: DataOf<N>) => ({ type: `attesta.request.${name}.v1`, data }) as RequestEvent;
/** An event or a command, and when, in Bangkok: `03-02 09:00` of 2026. */
type When<T> = [at: string, what: T];
const bangkok = (at: string) => Date.parse(`2026-${at.replace(' ', 'T')}${at.length === 11 ? ':00' : ''}+07:00`);

const asked = (right: string, jurisdiction = 'th-pdpa', at = '03-02 09:00'): When<RequestEvent> => [
  at,
  received({ right, jurisdiction, channel: 'form', language: 'th' }),
];
const acknowledged = (at = '03-02 09:01'): When<RequestEvent> => [at, said('acknowledged', {})];
const askedWho = (at = '03-02 09:02'): When<RequestEvent> => [at, said('action-required', { justification: 'identity-verification' })];
const askedWhat = (at: string): When<RequestEvent> => [at, said('action-required', { justification: 'information' })];
const answered = (at: string): When<RequestEvent> => [at, said('action-performed', { justification: 'information' })];
const verified = (at: string): When<RequestEvent> => [at, said('identity-verified', { method: 'email-code' })];
const proved = (at: string): When<RequestEvent>[] => [
  verified(at),
  [at, said('action-performed', { justification: 'identity-verification' })],
];
const known = (right: string, jurisdiction?: string): When<RequestEvent>[] => [
  asked(right, jurisdiction),
  acknowledged(),
  verified('03-02 10:00'),
];
const accepted = (at = '03-03 09:00'): When<RequestEvent> => [at, said('accepted', {})];
const TASK = uuid(1);
const DUE = '2026-03-10T02:00:00Z';
const issued = (task = TASK, system = 'storefront'): When<RequestEvent> => [
  '03-03 09:00',
  said('task-issued', { task, system, kind: 'erasure', categories: ['identity'], due: DUE }),
];
const done = (task = TASK, system = 'storefront', more: object = {}): When<RequestEvent> => [
  '03-04 09:00',
  said('task-answered', { task, system, outcome: 'done', ...more }),
];
const delayed = (at: string, due: string): When<RequestEvent> => [
  at,
  said('delayed', { clock: 'th-rectification', due, reason: 'It is long.' }),
];
const fulfilled = (at: string): When<RequestEvent> => [at, said('fulfilled', { outcome: 'complete', inTime: true })];

const given = (events: readonly When<RequestEvent>[]): RequestState => {
  const state = events.reduce<RequestState | undefined>((s, [at, event]) => evolve(s, event, bangkok(at)), undefined);
  if (!state) throw new Error('a story begins with a receipt');
  return state;
};

type Story = [title: string, given: When<RequestEvent>[], when: When<Command>, then: RequestEvent[] | { refused: string; fix?: RegExp }];
const stories = (rows: Story[], under = policy) =>
  test.each(rows)('%s', (_, before, [at, command], then) => {
    const act = () => decide(under, given(before), command, bangkok(at));
    if (Array.isArray(then)) return expect(act()).toEqual(then);
    const { refused, fix } = then;
    expect(act).toThrow(expect.objectContaining({ code: refused, ...(fix && { fix: expect.stringMatching(fix) as string }) }));
    return expect(act).toThrow(NotNow);
  });

const missed = (clock: string, due: string) => said('overdue', { clock, due });
const warned = (clock: string, due: string, before: string) => said('warned', { clock, due, before });
const APRIL_1 = '2026-04-01T17:00:00Z';

describe('a request that came', () => {
  stories([
    [
      'is acknowledged, with the day by which it is done',
      [asked('access')],
      ['03-02 09:01', { kind: 'acknowledge' }],
      [said('acknowledged', { clock: 'th-access', due: APRIL_1 })],
    ],
    [
      'is acknowledged without a day, where the clock waits for sufficient information (8.5)',
      [asked('rectification')],
      ['03-02 09:01', { kind: 'acknowledge' }],
      [said('acknowledged', {})],
    ],
    ['is acknowledged once', [asked('access'), acknowledged()], ['03-02 09:05', { kind: 'acknowledge' }], { refused: 'wrong-status' }],
    [
      'is not accepted for somebody who has not proved who they are (7.1)',
      [asked('access'), acknowledged()],
      ['03-02 09:05', { kind: 'accept', refused: [], tasks: [] }],
      { refused: 'identity-not-verified' },
    ],
    ['is withdrawn', [asked('access')], ['03-03 09:00', { kind: 'withdraw' }], [said('unfulfilled', { reason: 'withdrawn' })]],
    [
      'is withdrawn even while systems work on it',
      [...known('erasure'), accepted(), issued()],
      ['03-05 09:00', { kind: 'withdraw' }],
      [said('unfulfilled', { reason: 'withdrawn' })],
    ],
  ]);
});

describe('identity', () => {
  const asking = [asked('access'), acknowledged(), askedWho()];
  const failed: When<RequestEvent> = ['03-02 10:00', said('identity-failed', { method: 'email-code', reason: 'too-many-tries' })];
  stories([
    [
      'is verified by a code',
      asking,
      ['03-02 10:00', { kind: 'verify-identity', method: 'email-code' }],
      [said('identity-verified', { method: 'email-code' }), said('action-performed', { justification: 'identity-verification' })],
    ],
    ['is verified once', [...asking, ...proved('03-02 10:00')], ['03-02 11:00', { kind: 'verify-identity', method: 'documents' }], []],
    [
      'is not verified after five wrong codes',
      asking,
      ['03-02 10:00', { kind: 'fail-identity', method: 'email-code', reason: 'too-many-tries' }],
      [said('identity-failed', { method: 'email-code', reason: 'too-many-tries' })],
    ],
    [
      'is then not proved by another code',
      [...asking, failed],
      ['03-02 11:00', { kind: 'verify-identity', method: 'email-code' }],
      { refused: 'too-many-tries', fix: /documents/ },
    ],
    [
      'is then proved by documents',
      [...asking, failed],
      ['03-03 11:00', { kind: 'verify-identity', method: 'documents', evidence: { kind: 'passport' } }],
      [
        said('identity-verified', { method: 'documents', evidence: { kind: 'passport' } }),
        said('action-performed', { justification: 'identity-verification' }),
      ],
    ],
    [
      'that was never proved ends the request, which says so',
      [...asking, failed],
      ['03-20 09:00', { kind: 'give-up' }],
      [said('unfulfilled', { reason: 'identity-not-verified' })],
    ],
  ]);
});

describe('a question to the person', () => {
  const asking = [...known('rectification'), askedWhat('03-03 09:00')];
  stories([
    [
      'is asked with a reason',
      known('rectification'),
      ['03-03 09:00', { kind: 'require', justification: 'information', reason: 'Which address is wrong?' }],
      [said('action-required', { justification: 'information', reason: 'Which address is wrong?' })],
    ],
    ['is waited for', asking, ['03-03 10:00', { kind: 'accept', refused: [], tasks: [] }], { refused: 'wrong-status' }],
    ['is answered', asking, ['03-06 09:00', { kind: 'answer' }], [said('action-performed', { justification: 'information' })]],
    ['is answered once', [...asking, answered('03-06 09:00')], ['03-06 09:01', { kind: 'answer' }], { refused: 'wrong-status' }],
    [
      'that was never asked is not answered',
      [asked('access'), acknowledged(), askedWho()],
      ['03-03 09:00', { kind: 'answer' }],
      { refused: 'nothing-asked' },
    ],
    [
      'is still to be answered when the person has proved who they are',
      [asked('rectification'), acknowledged(), askedWho(), askedWhat('03-03 09:00'), ...proved('03-04 09:00')],
      ['03-05 09:00', { kind: 'accept', refused: [], tasks: [] }],
      { refused: 'wrong-status', fix: /action-performed/ },
    ],
    ['that nobody answers ends the request', asking, ['03-20 09:00', { kind: 'give-up' }], [said('unfulfilled', { reason: 'no-answer' })]],
    [
      'who they are is not asked of somebody who has proved it',
      known('access'),
      ['03-03 09:00', { kind: 'require', justification: 'identity-verification' }],
      { refused: 'identity-verified' },
    ],
  ]);
});

describe('acceptance', () => {
  const task = { task: TASK, system: 'storefront', kind: 'erasure' as const, categories: ['identity'], due: DUE };
  const harm = { category: 'communications', ground: 'harms-others', law: 'PDPA s.30 para. 2, s.31 para. 3' };
  stories([
    [
      'in part: each category that is refused has its ground, and its law',
      known('access'),
      ['03-03 09:00', { kind: 'accept', refused: [{ category: 'communications', ground: 'harms-others' }], tasks: [] }],
      [said('accepted', { refused: [harm] })],
    ],
    [
      'in part: not without a ground of the law',
      known('access'),
      ['03-03 09:00', { kind: 'accept', refused: [{ category: 'communications', ground: 'too-much-work' }], tasks: [] }],
      { refused: 'no-legal-ground', fix: /harms-others, law-or-court/ },
    ],
    [
      'in part: a category is refused once',
      known('erasure'),
      [
        '03-03 09:00',
        {
          kind: 'accept',
          refused: ['legal-claims', 'kept-by-law'].map((ground) => ({ category: 'payment', ground })),
          tasks: [],
        },
      ],
      { refused: 'refused-twice' },
    ],
    [
      'of erasure asks the systems, and leaves the ledger as it is until they have answered',
      known('erasure'),
      ['03-03 09:00', { kind: 'accept', categories: ['identity', 'transaction'], refused: [], tasks: [task] }],
      [said('accepted', { categories: ['identity', 'transaction'], systems: ['storefront'] }), said('task-issued', task)],
    ],
    [
      'in part ends in part, and says what is kept',
      [...known('access'), ['03-03 09:00', said('accepted', { refused: [harm] })]],
      ['03-04 09:00', { kind: 'fulfil' }],
      [said('fulfilled', { outcome: 'partial', inTime: true, survivors: [harm] })],
    ],
  ]);
});

describe('an erasure whose systems have answered', () => {
  const tax = { category: 'transaction', ground: 'tax-records', law: 'Revenue Code s.87/3' };
  const claims = { category: 'identity', ground: 'legal-claims', law: 'PDPA s.33 para. 2' };
  const held = { category: 'contact', ground: 'legal-hold', reason: 'Matter 12/2569' };
  const erasing: When<RequestEvent>[] = [...known('erasure'), ['03-03 09:00', said('accepted', { categories: ['identity'] })], issued()];
  const instructed = (...survivors: (typeof tax)[]): When<RequestEvent> => [
    '03-04 10:00',
    said('erasure-instructed', { categories: ['identity'], survivors }),
  ];
  const many = Array.from({ length: 70 }, (_, n) => ({ category: `c-${n % 40}`, ground: `rule-${n}`, law: 'Some Act' }));
  stories([
    [
      'is instructed, with what survives and on what law (7.7)',
      [...erasing, done()],
      ['03-04 10:00', { kind: 'instruct-erasure', survivors: [tax] }],
      [said('erasure-instructed', { categories: ['identity'], survivors: [tax] })],
    ],
    ['is not instructed before', erasing, ['03-04 10:00', { kind: 'instruct-erasure', survivors: [] }], { refused: 'tasks-open' }],
    [
      'is instructed once',
      [...erasing, done(), instructed()],
      ['03-04 11:00', { kind: 'instruct-erasure', survivors: [] }],
      { refused: 'erasing' },
    ],
    [
      'is the only thing so instructed',
      [...known('access'), accepted()],
      ['03-04 10:00', { kind: 'instruct-erasure', survivors: [] }],
      { refused: 'no-erasure' },
    ],
    [
      'is not fulfilled before the ledger has destroyed its own part',
      [...erasing, done(), instructed()],
      ['03-04 11:00', { kind: 'fulfil' }],
      { refused: 'not-destroyed' },
    ],
    [
      'is not fulfilled by a disposal that nobody instructed',
      [...erasing, done()],
      ['03-04 11:00', { kind: 'fulfil', disposal: { outcome: 'complete', survivors: [] } }],
      { refused: 'not-destroyed' },
    ],
    [
      'is fulfilled then',
      [...erasing, done(), instructed()],
      ['03-05 09:00', { kind: 'fulfil', disposal: { outcome: 'complete', survivors: [] } }],
      [said('fulfilled', { outcome: 'complete', inTime: true, acknowledgements: [{ system: 'storefront', outcome: 'done' }] })],
    ],
    [
      'is fulfilled in part when the disposal was partial, whatever survives',
      [...erasing, done(), instructed()],
      ['03-05 09:00', { kind: 'fulfil', disposal: { outcome: 'partial', survivors: [] } }],
      [said('fulfilled', { outcome: 'partial', inTime: true, acknowledgements: [{ system: 'storefront', outcome: 'done' }] })],
    ],
    [
      'says what survives on the law, in systems and under a hold, each once',
      [...erasing, done(TASK, 'storefront', { kept: [{ category: 'address', reason: 'A parcel is under way.' }] }), instructed(tax)],
      ['03-05 09:00', { kind: 'fulfil', disposal: { outcome: 'partial', survivors: [tax, held] } }],
      [
        said('fulfilled', {
          outcome: 'partial',
          inTime: true,
          survivors: [tax, { category: 'address', ground: 'kept-by-system', reason: 'A parcel is under way.' }, held],
          acknowledgements: [{ system: 'storefront', outcome: 'done' }],
        }),
      ],
    ],
    [
      'says one reason for each category where there are more than can be told',
      [...erasing, done(), instructed()],
      ['03-05 09:00', { kind: 'fulfil', disposal: { outcome: 'partial', survivors: many } }],
      [
        said('fulfilled', {
          outcome: 'partial',
          inTime: true,
          survivors: [...many.slice(40), ...many.slice(30, 40)],
          acknowledgements: [{ system: 'storefront', outcome: 'done' }],
        }),
      ],
    ],
    [
      'of which everything was refused leaves the ledger nothing to destroy',
      [...known('erasure'), ['03-03 09:00', said('accepted', { categories: [], refused: [claims] })]],
      ['03-04 09:00', { kind: 'fulfil' }],
      [said('fulfilled', { outcome: 'partial', inTime: true, survivors: [claims] })],
    ],
    ['cannot be taken back', [...erasing, done(), instructed()], ['03-05 09:00', { kind: 'withdraw' }], { refused: 'erasing' }],
    [
      'is late all the same',
      [...erasing, done(), instructed()],
      ['06-30 09:00', { kind: 'look' }],
      [missed('th-erasure', '2026-05-31T17:00:00Z')],
    ],
  ]);
});

describe('the systems', () => {
  const working = [...known('restriction'), accepted(), issued()];
  const both = [...working, issued(uuid(2), 'warehouse')];
  const kept = { kept: [{ category: 'transaction', reason: 'Tax.', law: 'Revenue Code s.87/3' }] };
  stories([
    ['are waited for', working, ['03-04 09:00', { kind: 'fulfil' }], { refused: 'tasks-open' }],
    [
      'answer',
      working,
      ['03-04 09:00', { kind: 'answer-task', task: TASK, outcome: 'done', categories: ['identity'] }],
      [said('task-answered', { task: TASK, system: 'storefront', outcome: 'done', categories: ['identity'] })],
    ],
    [
      'answer once',
      [...working, done()],
      ['03-05 09:00', { kind: 'answer-task', task: TASK, outcome: 'nothing-held' }],
      { refused: 'task-ended' },
    ],
    [
      'have no task by a name that every object has',
      working,
      ['03-05 09:00', { kind: 'override-task', task: 'constructor', reason: 'By letter.' }],
      { refused: 'no-such-task' },
    ],
    [
      'are late, which is said once',
      [...working, ['03-11 09:00', said('task-stuck', { task: TASK, system: 'storefront', reason: 'no-answer', attempts: 9 })]],
      ['03-12 09:00', { kind: 'note-stuck', task: TASK, reason: 'no-answer', attempts: 10 }],
      [],
    ],
    [
      'are settled by hand, and the request is fulfilled',
      [...working, ['03-12 09:00', said('task-overridden', { task: TASK, system: 'storefront', reason: 'By letter.' })]],
      ['03-12 10:00', { kind: 'fulfil' }],
      [said('fulfilled', { outcome: 'partial', inTime: true, acknowledgements: [{ system: 'storefront', outcome: 'overridden' }] })],
    ],
    [
      'that keep the same on the same law keep it once',
      [...both, done(TASK, 'storefront', kept), done(uuid(2), 'warehouse', kept)],
      ['03-05 09:00', { kind: 'fulfil' }],
      [
        said('fulfilled', {
          outcome: 'partial',
          inTime: true,
          survivors: [{ category: 'transaction', ground: 'kept-by-system', law: 'Revenue Code s.87/3', reason: 'Tax.' }],
          acknowledgements: ['storefront', 'warehouse'].map((system) => ({ system, outcome: 'done' as const })),
        }),
      ],
    ],
    [
      'with two tasks alike acknowledge once',
      [...working, issued(uuid(2)), done(), done(uuid(2))],
      ['03-05 09:00', { kind: 'fulfil' }],
      [said('fulfilled', { outcome: 'complete', inTime: true, acknowledgements: [{ system: 'storefront', outcome: 'done' }] })],
    ],
  ]);
});

describe('a refusal', () => {
  const reason = 'The address is the one on the card.';
  stories([
    [
      'names ground, law, reason and authority (7.8, 8.6)',
      known('rectification'),
      ['03-10 09:00', { kind: 'reject', ground: 'accurate-already', reason }],
      [said('rejected', { ground: 'accurate-already', law: 'PDPA s.36', reason, authority: 'pdpc' })],
    ],
    [
      'names the other law and authority under the GDPR',
      known('rectification', 'eu-gdpr'),
      ['03-10 09:00', { kind: 'reject', ground: 'eu-accurate-already', reason }],
      [said('rejected', { ground: 'eu-accurate-already', law: 'GDPR Art. 16', reason, authority: 'eu-authority' })],
    ],
    [
      'has no ground of our own',
      known('rectification'),
      ['03-10 09:00', { kind: 'reject', ground: 'too-much-work', reason }],
      { refused: 'no-legal-ground', fix: /accurate-already/ },
    ],
    [
      'has no ground of another right',
      known('rectification'),
      ['03-10 09:00', { kind: 'reject', ground: 'kept-by-law', reason }],
      { refused: 'no-legal-ground' },
    ],
    [
      'has no ground of another law',
      known('rectification'),
      ['03-10 09:00', { kind: 'reject', ground: 'eu-accurate-already', reason }],
      { refused: 'no-legal-ground' },
    ],
    [
      'of a withdrawal of consent has no ground at all (8.2)',
      known('consent-withdrawal'),
      ['03-10 09:00', { kind: 'reject', ground: 'no-ground', reason }],
      { refused: 'no-legal-ground', fix: /lets nobody refuse/ },
    ],
    [
      'is too late for what was accepted',
      [...known('rectification'), accepted()],
      ['03-10 09:00', { kind: 'reject', ground: 'accurate-already', reason }],
      { refused: 'wrong-status' },
    ],
  ]);
});

describe('a complaint', () => {
  const rejection = said('rejected', { ground: 'law-or-court', law: 'PDPA s.30 para. 2', reason: 'An order.', authority: 'pdpc' });
  const reopened = said('reopened', { reason: 'The order was lifted.', complaint: uuid(9) });
  const refused: When<RequestEvent>[] = [...known('access'), ['03-10 09:00', rejection]];
  stories([
    [
      'opens a refused request again',
      refused,
      ['03-20 09:00', { kind: 'reopen', reason: 'The order was lifted.', complaint: uuid(9) }],
      [reopened],
    ],
    [
      'months later says nothing of a clock that stopped in time',
      [...known('access'), accepted(), fulfilled('03-10 09:00')],
      ['06-01 09:00', { kind: 'reopen', reason: 'A page is missing.' }],
      [said('reopened', { reason: 'A page is missing.' })],
    ],
    [
      'asks the systems anew: what was asked before is waited for no more',
      [
        ...known('erasure'),
        accepted(),
        issued(),
        ['03-05 09:00', said('unfulfilled', { reason: 'withdrawn' })],
        ['03-06 09:00', reopened],
        accepted('03-07 09:00'),
      ],
      ['03-08 09:00', { kind: 'instruct-erasure', survivors: [] }],
      [said('erasure-instructed', { categories: [], survivors: [] })],
    ],
    [
      'of what was late is done in time',
      [
        ...known('access'),
        ['04-02 09:00', missed('th-access', APRIL_1)],
        ['04-03 09:00', rejection],
        ['04-10 09:00', reopened],
        accepted('04-11 09:00'),
      ],
      ['04-12 09:00', { kind: 'fulfil' }],
      [said('fulfilled', { outcome: 'complete', inTime: true })],
    ],
    ['opens nothing that is open', known('access'), ['03-20 09:00', { kind: 'reopen', reason: 'Hurry.' }], { refused: 'wrong-status' }],
    [
      'need not prove again who they are',
      [...refused, ['03-20 09:00', reopened]],
      ['03-21 09:00', { kind: 'accept', refused: [], tasks: [] }],
      [said('accepted', {})],
    ],
    [
      'starts the clock anew',
      [...refused, ['03-20 09:00', reopened]],
      ['04-20 00:00', { kind: 'look' }],
      [missed('th-access', '2026-04-19T17:00:00Z')],
    ],
  ]);
});

describe('thirty days of Bangkok, from sufficient information (8.5)', () => {
  // Asked on 2 March; who it is and what is wrong are known on 6 March, so that 5 April is day 30.
  const APRIL_5 = '2026-04-05T17:00:00Z';
  const told = (before: string): When<RequestEvent> => ['04-05 00:00', warned('th-rectification', APRIL_5, before)];
  const enough = [...[asked('rectification'), acknowledged()], askedWho(), askedWhat('03-03 09:00'), ...proved('03-04 09:00')];
  const ready = [...enough, answered('03-06 09:00'), accepted('03-07 09:00')];
  stories([
    ['not begun, nothing is ever late', enough, ['12-31 09:00', { kind: 'look' }], []],
    ['eight days before the end nothing is said', ready, ['03-29 23:59', { kind: 'look' }], []],
    [
      'seven days before the end the officer is warned',
      ready,
      ['03-30 00:00', { kind: 'look' }],
      [warned('th-rectification', APRIL_5, 'P7D')],
    ],
    [
      'one day before the end again',
      [...ready, told('P7D')],
      ['04-05 00:00', { kind: 'look' }],
      [warned('th-rectification', APRIL_5, 'P1D')],
    ],
    [
      'at the last moment of day 30 it is in time',
      [...ready, told('P7D'), told('P1D')],
      ['04-05 23:59:59.999', { kind: 'fulfil' }],
      [said('fulfilled', { outcome: 'complete', inTime: true })],
    ],
    [
      'at the first moment of day 31 it is late, which is said first',
      [...ready, told('P7D'), told('P1D')],
      ['04-06 00:00', { kind: 'fulfil' }],
      [missed('th-rectification', APRIL_5), said('fulfilled', { outcome: 'complete', inTime: false })],
    ],
    [
      'that it is late is said once',
      [...ready, ['04-06 00:00', missed('th-rectification', APRIL_5)]],
      ['04-07 00:00', { kind: 'look' }],
      [],
    ],
    [
      'a withdrawal at day 31 does not hide that it was late',
      ready,
      ['04-06 09:00', { kind: 'withdraw' }],
      [missed('th-rectification', APRIL_5), said('unfulfilled', { reason: 'withdrawn' })],
    ],
  ]);

  it('looks at the clock when a warning is due, then at the end, then no more', () => {
    const late: When<RequestEvent> = ['04-06 00:00', missed('th-rectification', APRIL_5)];
    expect(nextLook(policy, given(enough))).toBeUndefined();
    expect(nextLook(policy, given(ready))).toBe(bangkok('03-30 00:00'));
    expect(nextLook(policy, given([...ready, told('P7D')]))).toBe(bangkok('04-05 00:00'));
    expect(nextLook(policy, given([...ready, told('P7D'), told('P1D')]))).toBe(bangkok('04-06 00:00'));
    expect(nextLook(policy, given([...ready, told('P7D'), told('P1D'), late]))).toBeUndefined();
  });

  it('looks no more at a clock that was found missed without a warning, as after an outage', () => {
    expect(nextLook(policy, given([...ready, ['04-06 00:00', missed('th-rectification', APRIL_5)]]))).toBeUndefined();
  });
});

describe('more time', () => {
  const thai = known('rectification');
  const european = known('access', 'eu-gdpr');
  const extend = (until: string): Command => ({ kind: 'extend', until, reason: 'The archive is large.' });
  const more = (clock: string, due: string) => [said('delayed', { clock, due, reason: 'The archive is large.' })];
  stories([
    [
      'in Thailand is a date that is announced (8.5)',
      thai,
      ['03-20 09:00', extend('2026-05-15T10:00:00+07:00')],
      more('th-rectification', '2026-05-15T17:00:00Z'),
    ],
    ['is more', thai, ['03-20 09:00', extend('2026-04-01T10:00:00+07:00')], { refused: 'not-later', fix: /2026-04-01T17:00:00Z/ }],
    [
      'under the GDPR is at most two further months (Art. 12(3))',
      european,
      ['03-20 09:00', extend('2026-06-02T23:59:59+07:00')],
      more('eu-access', '2026-06-02T17:00:00Z'),
    ],
    [
      'under the GDPR is no day longer',
      european,
      ['03-20 09:00', extend('2026-06-03T00:00:00+07:00')],
      { refused: 'too-late', fix: /2026-06-02/ },
    ],
    [
      'under the GDPR is announced before the deadline, not after it',
      european,
      ['04-05 09:00', extend('2026-05-15T23:59:59+07:00')],
      { refused: 'missed-already' },
    ],
    ['is not given by every law', known('access'), ['03-20 09:00', extend('2026-05-15T10:00:00+07:00')], { refused: 'no-extension' }],
    [
      'is not given to a clock that does not run',
      [asked('rectification'), acknowledged()],
      ['03-20 09:00', extend('2026-05-15T10:00:00+07:00')],
      { refused: 'clock-not-running' },
    ],
    ...['soon', '2026-05-15', '2026-02-30T00:00:00Z', '2016-12-31T23:59:60Z', '9999-12-31T23:59:59Z'].map((until): Story => [
      `is a time: ${until}`,
      thai,
      ['03-20 09:00', extend(until)],
      { refused: 'bad-time' },
    ]),
    [
      'moves the end',
      [...thai, accepted(), delayed('03-20 09:00', '2026-05-15T17:00:00Z')],
      ['05-16 00:00', { kind: 'look' }],
      [missed('th-rectification', '2026-05-15T17:00:00Z')],
    ],
    [
      'comes too late to make a request in time that was late',
      [...thai, accepted(), ['04-02 00:00', missed('th-rectification', APRIL_1)], delayed('04-03 09:00', '2026-05-15T17:00:00Z')],
      ['04-04 09:00', { kind: 'fulfil' }],
      [said('fulfilled', { outcome: 'complete', inTime: false })],
    ],
  ]);
});

describe('a clock that stands still while the person is asked for information', () => {
  const pausing = withClock('access', 'th-pdpa', { pausesOn: ['information'] });
  const lastDay = (...events: When<RequestEvent>[]) => deadlineOf(pausing, given([...known('access'), ...events]))?.lastDay;

  it('is moved by as many days', () => {
    expect(lastDay(askedWhat('03-05 09:00'), answered('03-08 09:00'))).toBe('2026-04-04');
  });

  it('has no end meanwhile', () => {
    expect(lastDay(askedWhat('03-05 09:00'))).toBeUndefined();
  });

  it('runs while the person is asked for something else', () => {
    const events = [asked('access'), acknowledged(), askedWho('03-03 09:00')];
    expect(deadlineOf(pausing, given(events))?.lastDay).toBe('2026-04-01');
    const later = [...events, askedWhat('03-13 09:00'), answered('03-14 09:00'), ...proved('03-20 09:00')];
    expect(deadlineOf(pausing, given(later))?.lastDay).toBe('2026-04-02');
  });
});

describe('a clock that starts when the person is known', () => {
  it('is extended from there', () => {
    const under = withClock('access', 'eu-gdpr', { starts: 'verified' });
    const state = given([asked('access', 'eu-gdpr'), acknowledged(), ...[askedWho(), ...proved('03-31 09:00')]]);
    expect(deadlineOf(under, state)?.lastDay).toBe('2026-04-30');
    const extend: Command = { kind: 'extend', until: '2026-06-30T12:00:00+07:00', reason: 'The archive is large.' };
    expect(decide(under, state, extend, bangkok('04-02 09:00'))).toEqual([
      said('delayed', { clock: 'eu-access', due: '2026-06-30T17:00:00Z', reason: 'The archive is large.' }),
    ]);
  });
});

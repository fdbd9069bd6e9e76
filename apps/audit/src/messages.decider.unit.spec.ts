import type { Candidate, ConsentFact, FlagFact, KnownFacts } from './candidate.js';
import { NOTHING } from './fact-index.js';
import { judge } from './findings.decider.js';
import { policy } from './policy-rig.js';

const ANNA = 'anna';
const PHONE = 'phone';
const HOUR = 3_600_000;
/** The policy lets what is under way arrive for a day. */
const WINDOW = 24 * HOUR;
const START = Date.UTC(2026, 2, 1);

/** A choice that was sealed a second after it was made. */
const choice = (position: number, status: ConsentFact['status'], at: number, fact: Partial<ConsentFact> = {}): ConsentFact => ({
  position,
  subject: ANNA,
  purpose: 'marketing',
  status,
  method: 'checkbox',
  channels: null,
  occurredAt: START + at,
  recordedAt: START + at + 1_000,
  expiresAt: null,
  ...fact,
});
const objection = (position: number, holds: boolean, at: number, purpose = 'marketing'): FlagFact => ({
  position,
  subject: ANNA,
  kind: 'objection',
  holds,
  purposes: [purpose],
  occurredAt: START + at,
  recordedAt: START + at + 1_000,
});
const given = choice(1, 'given', 0);
const withdrawn = (at = HOUR, fact: Partial<ConsentFact> = {}) => choice(2, 'withdrawn', at, fact);

/** A message that left at a time. */
const sent = (at: number, fact: Partial<Candidate> = {}): Candidate => ({
  kind: 'message',
  position: 9,
  subject: ANNA,
  related: [],
  occurredAt: START + at,
  recordedAt: START + at,
  categories: [],
  purposes: ['marketing'],
  basis: '',
  template: 'newsletter',
  channel: 'email',
  messageKind: 'marketing',
  exposed: [],
  ...fact,
});

/** given facts, when a message left, then these rules are broken */
const rules = (facts: Partial<KnownFacts>, when: Candidate): string[] =>
  judge(when, { ...NOTHING, ...facts }, policy).map(({ rule }) => rule);
const consents = (...all: ConsentFact[]): Partial<KnownFacts> => ({ consents: all });

const VIOLATION = ['mail-after-withdrawal'];
const WARNING = ['mail-within-window'];

describe('a marketing message after a withdrawal (8.1)', () => {
  const facts = consents(given, withdrawn());
  const end = HOUR + WINDOW;

  it.each<[string, number, string[]]>([
    ['while the consent stands', HOUR - 1, []],
    ['at the instant of the withdrawal', HOUR, []],
    ['before the withdrawal was sealed', HOUR + 999, []],
    ['at the instant it was sealed', HOUR + 1_000, []],
    ['a millisecond after it was sealed', HOUR + 1_001, WARNING],
    ['at the end of the window', end, WARNING],
    ['a millisecond later', end + 1, VIOLATION],
    ['a month later', end + 30 * WINDOW, VIOLATION],
  ])('%s', (_when, at, expected) => expect(rules(facts, sent(at))).toEqual(expected));

  it('is a violation on the law of withdrawing, with both positions and how late it was', () =>
    expect(judge(sent(end + 1), { ...NOTHING, ...facts }, policy)).toEqual([
      {
        rule: 'mail-after-withdrawal',
        severity: 'violation',
        clause: '8.1',
        law: 'PDPA s.19',
        positions: [9, 2],
        explanation:
          'The message at position 9 (template newsletter, purpose marketing, by email) left 86400001 ms after the withdrawal at position 2, later than what is still under way then may.',
      },
    ]));

  it('within the window is a warning, with both positions and the milliseconds', () =>
    expect(judge(sent(2 * HOUR), { ...NOTHING, ...facts }, policy)).toEqual([
      {
        rule: 'mail-within-window',
        severity: 'warning',
        clause: '8.1',
        law: 'PDPA s.19',
        positions: [9, 2],
        explanation:
          'The message at position 9 (template newsletter, purpose marketing, by email) left 3600000 ms after the withdrawal at position 2, and 3599000 ms after that was sealed: it should have been suppressed.',
      },
    ]));

  it('under another law cites that', () =>
    expect(judge(sent(end + 1, { jurisdiction: 'eu-gdpr' }), { ...NOTHING, ...facts }, policy)).toMatchObject([{ law: 'GDPR Art. 7(3)' }]));

  it('without a window in the policy is a violation from the first millisecond', () => {
    const strict = { ...policy, messages: undefined };
    const found = (at: number) => judge(sent(at), { ...NOTHING, ...facts }, strict).map(({ rule }) => rule);
    expect(found(HOUR)).toEqual([]);
    expect(found(HOUR + 1)).toEqual(VIOLATION);
  });

  it.each<[string, Partial<Candidate>]>([
    ['a legal message', { purposes: ['legal-compliance'], messageKind: 'legal' }],
    ['a transactional message', { purposes: ['service-fulfilment'], messageKind: 'transactional' }],
    ['a message to nobody in particular', { subject: undefined }],
    ['a message to somebody else', { subject: 'ben' }],
    ['marketing of another purpose', { purposes: ['personalisation'] }],
  ])('but not %s', (_what, fact) => expect(rules(facts, sent(end + 1, fact))).toEqual([]));

  it('is found whatever the message calls itself, for its purpose is marketing', () =>
    expect(rules(facts, sent(end + 1, { messageKind: 'transactional' }))).toEqual(VIOLATION));

  it('is found for another purpose that rests on consent, where the message is marketing', () => {
    const other = consents(choice(2, 'withdrawn', HOUR, { purpose: 'personalisation' }));
    expect(rules(other, sent(end + 1, { purposes: ['personalisation'] }))).toEqual(VIOLATION);
    expect(rules(other, sent(end + 1, { purposes: ['personalisation'], messageKind: 'transactional' }))).toEqual([]);
  });

  it('counts from the first no: to say it again does not give more time', () => {
    const again = consents(given, withdrawn(), choice(3, 'withdrawn', end));
    expect(rules(again, sent(end + 1))).toEqual(VIOLATION);
  });

  it('is known by whichever no was sealed first', () => {
    const letter = withdrawn(HOUR, { recordedAt: START + 9 * HOUR });
    expect(rules(consents(given, letter), sent(4 * HOUR))).toEqual([]);
    const byPhone = choice(3, 'withdrawn', 2 * HOUR);
    expect(judge(sent(4 * HOUR), { ...NOTHING, consents: [given, letter, byPhone] }, policy)).toMatchObject([
      { rule: 'mail-within-window', positions: [9, 3] },
    ]);
  });

  it('also after a refusal', () => {
    const [found] = judge(sent(end + 1), { ...NOTHING, consents: [choice(2, 'refused', HOUR)] }, policy);
    expect(found).toMatchObject({ rule: 'mail-after-withdrawal', explanation: expect.stringContaining('after the refusal') as string });
  });

  it('nothing is found of who never said anything', () => expect(rules({}, sent(end + 1))).toEqual([]));
});

describe('channels', () => {
  const late = HOUR + WINDOW + 1;
  it.each<[string, ConsentFact[], string, string[]]>([
    ['withdrawn for all, any is found', [given, withdrawn()], 'sms', VIOLATION],
    ['withdrawn for one, that one is found', [given, withdrawn(HOUR, { channels: ['email'] })], 'email', VIOLATION],
    ['withdrawn for one, another is fine', [given, withdrawn(HOUR, { channels: ['email'] })], 'sms', []],
    ['withdrawn for an empty list, any is found', [given, withdrawn(HOUR, { channels: [] })], 'sms', VIOLATION],
    [
      'withdrawn for all and given for one, that one is fine',
      [given, withdrawn(), choice(3, 'given', 2 * HOUR, { channels: ['email'] })],
      'email',
      [],
    ],
    [
      'withdrawn for all and given for one, another is found',
      [given, withdrawn(), choice(3, 'given', 2 * HOUR, { channels: ['email'] })],
      'sms',
      VIOLATION,
    ],
    [
      'withdrawn for all and given for none, any is found',
      [given, withdrawn(), choice(3, 'given', 2 * HOUR, { channels: [] })],
      'email',
      VIOLATION,
    ],
    [
      'given for one and withdrawn for all, another is found',
      [choice(1, 'given', 0, { channels: ['email'] }), withdrawn()],
      'sms',
      VIOLATION,
    ],
  ])('%s', (_what, facts, channel, expected) => expect(rules(consents(...facts), sent(late, { channel }))).toEqual(expected));

  it('say nothing of a purpose that has none', () =>
    expect(
      rules(
        consents(choice(2, 'withdrawn', HOUR, { purpose: 'personalisation', channels: ['sms'] })),
        sent(late, { purposes: ['personalisation'] }),
      ),
    ).toEqual(VIOLATION));
});

describe('consent that was given again', () => {
  const again = choice(3, 'given', 3 * HOUR);

  it('makes what leaves after it lawful, and what left before it not', () => {
    const facts = consents(given, withdrawn(), again);
    expect(rules(facts, sent(3 * HOUR - 1))).toEqual(WARNING);
    expect(rules(facts, sent(3 * HOUR))).toEqual([]);
    expect(rules(facts, sent(WINDOW * 3))).toEqual([]);
  });

  it('and withdrawn again begins another window', () => {
    const facts = consents(given, withdrawn(), again, choice(4, 'withdrawn', 30 * HOUR));
    expect(rules(facts, sent(30 * HOUR + WINDOW))).toEqual(WARNING);
    expect(rules(facts, sent(30 * HOUR + WINDOW + 1))).toEqual(VIOLATION);
  });

  it('counts once it is sealed', () =>
    expect(rules(consents(given, withdrawn(), { ...again, position: 10 }), sent(WINDOW * 3))).toEqual(VIOLATION));
});

describe('what arrives out of order', () => {
  it('a withdrawal that came late is not the last word', () =>
    expect(rules(consents(choice(1, 'given', 3 * HOUR), withdrawn()), sent(WINDOW * 3))).toEqual([]));

  it('a message that left before the withdrawal and was reported after it stays lawful', () =>
    expect(rules(consents(given, withdrawn()), sent(HOUR - 1, { recordedAt: START + WINDOW * 3 }))).toEqual([]));

  it('a message that was sealed before the withdrawal is not judged by it', () =>
    expect(rules(consents(given, withdrawn(HOUR, { position: 10 })), sent(WINDOW * 3))).toEqual([]));
});

describe('devices of a person', () => {
  const tie = { position: 0, person: ANNA, identity: PHONE, linked: true, kind: 'device', occurredAt: START };
  const onPhone = (status: ConsentFact['status'], at: number) => choice(3, status, at, { subject: PHONE });

  it('a no on one is the person’s no', () => {
    expect(rules({ links: [tie], consents: [given, onPhone('withdrawn', HOUR)] }, sent(WINDOW * 3))).toEqual(VIOLATION);
    expect(rules({ consents: [given, onPhone('withdrawn', HOUR)] }, sent(WINDOW * 3))).toEqual([]);
  });

  it('a yes on one does not outweigh what the person chose', () => {
    expect(rules({ links: [tie], consents: [given, withdrawn(), onPhone('given', 2 * HOUR)] }, sent(WINDOW * 3))).toEqual(VIOLATION);
    expect(rules({ links: [tie], consents: [onPhone('given', 2 * HOUR)] }, sent(WINDOW * 3))).toEqual([]);
  });
});

describe('an objection to a purpose that nobody may weigh', () => {
  it('counts like a withdrawal, on its own law', () => {
    const facts = { consents: [given], flags: [objection(2, true, HOUR)] };
    expect(rules(facts, sent(HOUR + WINDOW))).toEqual(WARNING);
    expect(judge(sent(HOUR + WINDOW + 1), { ...NOTHING, ...facts }, policy)).toMatchObject([
      {
        rule: 'mail-after-withdrawal',
        law: 'PDPA s.32',
        positions: [9, 2],
        explanation: expect.stringContaining('the objection') as string,
      },
    ]);
  });

  it('is about every channel, and no consent ends it', () => {
    const facts = { consents: [choice(3, 'given', 2 * HOUR)], flags: [objection(2, true, HOUR)] };
    expect(rules(facts, sent(WINDOW * 3, { channel: 'sms' }))).toEqual(VIOLATION);
  });

  it('ends when the person takes it back', () => {
    const objections = [objection(2, true, HOUR), objection(3, false, 2 * HOUR)];
    expect(rules({ flags: objections }, sent(WINDOW * 3))).toEqual([]);
    expect(rules({ flags: [...objections, objection(4, true, 3 * HOUR)] }, sent(WINDOW * 3))).toEqual(VIOLATION);
  });

  it('stands from when it was raised until it was taken back, and is nobody else’s', () => {
    expect(rules({ flags: [objection(2, true, HOUR)] }, sent(HOUR - 1))).toEqual([]);
    const takenBack = [objection(2, true, HOUR), objection(3, false, WINDOW * 5)];
    expect(rules({ flags: takenBack }, sent(WINDOW * 3))).toEqual(VIOLATION);
    expect(rules({ flags: [{ ...objection(2, true, HOUR), subject: 'ben' }] }, sent(WINDOW * 3))).toEqual([]);
  });

  it('counts from what came first, objection or withdrawal', () => {
    const facts = { consents: [given, withdrawn(WINDOW)], flags: [objection(3, true, HOUR)] };
    expect(judge(sent(HOUR + WINDOW + 1), { ...NOTHING, ...facts }, policy)).toMatchObject([{ positions: [9, 3] }]);
  });

  it('where it has to be weighed it stops messages until it is', () => {
    const facts = { flags: [objection(2, true, HOUR, 'personalisation')] };
    expect(rules(facts, sent(WINDOW * 3, { purposes: ['personalisation'] }))).toEqual(['objection-ignored']);
  });
});

describe('what others can see of a message (4.5)', () => {
  const communication = (exposed: string[], fact: Partial<Candidate> = {}) =>
    sent(0, { purposes: ['communication'], messageKind: 'transactional', template: 'parcel-sent', exposed, ...fact });

  it('is only what the policy lets them', () => {
    expect(rules({}, communication(['reference']))).toEqual([]);
    expect(rules({}, communication(['name', 'address', 'phone'], { channel: 'parcel' }))).toEqual([]);
    expect(judge(communication(['reference', 'name', 'amount']), NOTHING, policy)).toEqual([
      {
        rule: 'over-exposed',
        severity: 'violation',
        clause: '4.5',
        positions: [9],
        explanation:
          'Others could see name, amount of the message (template parcel-sent, purpose communication, by email); they may see reference.',
      },
    ]);
  });

  it.each(['voice', 'constructor'])('is nothing by a channel of which the policy does not speak (%s)', (channel) => {
    expect(rules({}, communication([], { channel }))).toEqual([]);
    expect(judge(communication(['reference'], { channel }), NOTHING, policy)).toMatchObject([
      { rule: 'over-exposed', explanation: expect.stringMatching(/they may see nothing\.$/) as string },
    ]);
  });

  it('also of marketing, and of messages to nobody in particular', () => {
    expect(rules({}, sent(0, { exposed: ['name'] }))).toEqual(['over-exposed']);
    expect(rules({}, communication(['name'], { subject: undefined }))).toEqual(['over-exposed']);
  });

  it('but not for other purposes', () => expect(rules({}, communication(['name'], { purposes: ['service-fulfilment'] }))).toEqual([]));

  it('and beside what else is wrong with it', () =>
    expect(rules(consents(withdrawn()), sent(WINDOW * 3, { exposed: ['name'] }))).toEqual([...VIOLATION, 'over-exposed']));
});

describe('a legal message that did not get through (8.1, notice introduction)', () => {
  const unsent = (reason: string, fact: Partial<Candidate> = {}) =>
    sent(0, { kind: 'undelivered', purposes: ['legal-compliance'], messageKind: 'legal', template: 'request-refused', reason, ...fact });

  it.each(['no-address', 'address-bounced', 'refused', 'unreachable', 'outcome-unknown', 'unsendable'])('%s: is found', (reason) =>
    expect(judge(unsent(reason), NOTHING, policy)).toEqual([
      {
        rule: 'message-undelivered',
        severity: 'warning',
        clause: '8.1',
        positions: [9],
        explanation: `A message that the law or the notice demands (template request-refused, purpose legal-compliance, by email) was not sent (${reason}): the person has to be told otherwise.`,
      },
    ]),
  );

  it('of a changed notice goes against its introduction', () =>
    expect(judge(unsent('no-address', { template: 'notice-changed' }), NOTHING, policy)).toMatchObject([{ clause: '0' }]));

  it.each<[string, Candidate]>([
    ['who may not be told', unsent('not-allowed')],
    ['who was forgotten', unsent('forgotten')],
    ['who unsubscribed', unsent('unsubscribed')],
    ['marketing', unsent('no-address', { messageKind: 'marketing' })],
    ['what is transactional', unsent('unreachable', { messageKind: 'transactional' })],
    ['what is for the company itself', unsent('unreachable', { subject: undefined })],
  ])('but not %s', (_what, when) => expect(rules({}, when)).toEqual([]));
});

describe('a deadline of a breach that was missed (6.1)', () => {
  const overdue = (fact: Partial<Candidate>): Candidate =>
    sent(0, { kind: 'breach', subject: undefined, purposes: [], duty: 'authority', due: '2026-03-04T00:00:00Z', ...fact });

  it('is a violation, on the law of its clock', () => {
    expect(judge(overdue({ clock: 'th-breach-notice', jurisdiction: 'th-pdpa' }), NOTHING, policy)).toEqual([
      {
        rule: 'breach-overdue',
        severity: 'violation',
        clause: '6.1',
        law: 'PDPA s.37(4)',
        positions: [9],
        explanation: 'The authority was not told of a breach by 2026-03-04T00:00:00Z (clock th-breach-notice).',
      },
    ]);
    expect(judge(overdue({ clock: 'eu-breach-notice', duty: 'assessment' }), NOTHING, policy)).toMatchObject([
      { law: 'GDPR Art. 33(1)', explanation: 'The risk of a breach was not assessed by 2026-03-04T00:00:00Z (clock eu-breach-notice).' },
    ]);
  });

  it('of a clock without a law of its own is on that of the duty, and of an unknown one on none', () => {
    const clocks = new Map(policy.clocks).set('bare', { ...policy.clocks.get('th-breach-notice')!, citation: undefined as never });
    expect(judge(overdue({ clock: 'bare' }), NOTHING, { ...policy, clocks })).toMatchObject([{ law: 'PDPA s.37(4), GDPR Art. 33' }]);
    expect(judge(overdue({ clock: 'gone' }), NOTHING, policy)[0]).not.toHaveProperty('law');
  });
});

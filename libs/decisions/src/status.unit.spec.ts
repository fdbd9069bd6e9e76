import type { Fact } from './fact.js';
import { factsOf, knownOn, on, policy } from './facts-rig.js';
import { EMPTY_RECORD, recordOf } from './record.js';
import { standingOf, type ConsentQuestion, type ConsentStatus } from './status.js';

const ann = factsOf('account|ann');
const standing = (facts: readonly Fact[], question: Partial<ConsentQuestion> = {}, known = Infinity) => {
  const at = question.at ?? on('2025-01-01');
  return standingOf(recordOf('account|ann', facts, policy, { at, known }), { purpose: 'marketing', ...question, at });
};

describe('where a consent stands', () => {
  const gave = ann.gave('2023-01-01', 'marketing');
  const gaveAgain = ann.gave('2023-06-01', 'marketing');
  const invalid = ann.gave('2023-06-01', 'marketing', { noticeVersion: 'v9' });

  test.each<[string, Fact[], ConsentStatus]>([
    ['nothing was ever said', [], 'none'],
    ['it was asked for', [ann.wasAsked('2023-01-01', 'marketing')], 'requested'],
    ['the answer was put off', [ann.wasAsked('2023-01-01', 'marketing'), ann.putOff('2023-01-02', 'marketing')], 'deferred'],
    ['yes', [gave], 'given'],
    ['yes, and yes again', [gave, gaveAgain], 'renewed'],
    ['yes, and asked again', [gave, ann.wasAsked('2023-06-01', 'marketing')], 'given'],
    ['no', [ann.refused('2023-01-01', 'marketing')], 'refused'],
    ['no, and asked again', [ann.refused('2023-01-01', 'marketing'), ann.wasAsked('2023-06-01', 'marketing')], 'refused'],
    ['yes, then no', [gave, ann.refused('2023-06-01', 'marketing')], 'refused'],
    ['withdrawn', [gave, ann.withdrew('2023-06-01', 'marketing')], 'withdrawn'],
    ['withdrawn by the guardian', [gave, ann.withdrew('2023-06-01', 'marketing', { by: 'guardian' })], 'withdrawn'],
    ['withdrawn by the controller', [gave, ann.withdrew('2023-06-01', 'marketing', { by: 'controller' })], 'revoked'],
    ['withdrawn what was never given', [ann.withdrew('2023-06-01', 'marketing')], 'withdrawn'],
    ['withdrawn, then yes', [gave, ann.withdrew('2023-03-01', 'marketing'), gaveAgain], 'given'],
    ['an invalid yes', [invalid], 'invalidated'],
    ['an invalid yes after a yes, which goes on', [gave, invalid], 'given'],
    ['an invalid yes after a withdrawal', [gave, ann.withdrew('2023-03-01', 'marketing'), invalid], 'invalidated'],
    ['ran out', [ann.gave('2023-01-01', 'marketing', { validFor: 'P1Y' })], 'expired'],
    [
      'ran out, and asked again',
      [ann.gave('2023-01-01', 'marketing', { validFor: 'P1Y' }), ann.wasAsked('2024-06-01', 'marketing')],
      'requested',
    ],
    ['given again before it ran out', [ann.gave('2023-01-01', 'marketing', { validFor: 'P1Y' }), gaveAgain], 'renewed'],
    ['given again after it ran out', [ann.gave('2022-09-01', 'marketing', { validFor: 'P30D' }), gaveAgain], 'given'],
    ['yes for another purpose', [ann.gave('2023-01-01', 'personalisation')], 'none'],
  ])('%s', (_, facts, status) => {
    expect(standing(facts).status).toBe(status);
    expect(standing(facts.toReversed()).status).toBe(status);
  });

  it('is nowhere in an empty record', () => {
    expect(standingOf(EMPTY_RECORD, { purpose: 'marketing', at: 0 })).toEqual({ status: 'none' });
  });

  it('holds to the last millisecond and runs out with the next', () => {
    const facts = [ann.gave('2023-01-31T10:00:00Z', 'marketing', { validFor: 'P1M' })];
    expect(standing(facts, { at: on('2023-02-28T09:59:59.999Z') }).status).toBe('given');
    expect(standing(facts, { at: on('2023-02-28T10:00:00Z') }).status).toBe('expired');
  });

  test.each<ConsentStatus>(['refused', 'withdrawn'])(
    'of a yes and a %s at the same instant the no prevails, whichever came first',
    (status) => {
      const no = status === 'refused' ? ann.refused : ann.withdrew;
      expect(standing([no('2023-01-01', 'marketing'), ann.gave('2023-01-01', 'marketing')]).status).toBe(status);
      expect(standing([ann.gave('2023-01-01', 'marketing'), no('2023-01-01', 'marketing')]).status).toBe(status);
    },
  );

  it('settles a late report by when it happened', () => {
    const late = knownOn('2024-01-01', ann.withdrew('2023-03-01', 'marketing'));
    expect(standing([gave, late]).status).toBe('withdrawn');
    expect(standing([gave, late, gaveAgain]).status).toBe('given');
    expect(standing([gave, late], {}, on('2023-12-31')).status).toBe('given');
    expect(standing([gave, late], { at: on('2023-02-28') }).status).toBe('given');
  });

  it('keeps the no that only a valid yes undoes', () => {
    const no = ann.withdrew('2023-02-01', 'marketing');
    for (const facts of [[no], [no, ann.wasAsked('2023-03-01', 'marketing')], [no, invalid]]) {
      expect(standing(facts).no).toMatchObject({ id: no.id });
    }
    expect(standing([no, gaveAgain]).no).toBeUndefined();
  });
});

describe('a choice about a part', () => {
  const everything = ann.gave('2023-01-01', 'marketing');
  const email = ann.gave('2023-01-01', 'marketing', { channels: ['email'] });
  const usage = ann.gave('2023-01-01', 'personalisation', { categories: ['usage'] });
  const about = (category: string, sensitive = false) => ({ purpose: 'personalisation', category, sensitive });

  test.each<[string, Fact[], Partial<ConsentQuestion>, ConsentStatus]>([
    ['the channel that was chosen', [email], { channel: 'email' }, 'given'],
    ['another channel', [email], { channel: 'sms' }, 'none'],
    ['any channel at all', [email], {}, 'given'],
    ['no channel was chosen', [ann.gave('2023-01-01', 'marketing', { channels: [] })], {}, 'none'],
    ['a channel withdrawn', [everything, ann.withdrew('2023-02-01', 'marketing', { channels: ['sms'] })], { channel: 'sms' }, 'withdrawn'],
    [
      'the channels that were not withdrawn',
      [everything, ann.withdrew('2023-02-01', 'marketing', { channels: ['sms'] })],
      { channel: 'email' },
      'given',
    ],
    ['all of it withdrawn', [email, ann.withdrew('2023-02-01', 'marketing')], { channel: 'email' }, 'withdrawn'],
    [
      'a no to a list of no channels is a no to all',
      [email, ann.withdrew('2023-02-01', 'marketing', { channels: [] })],
      { channel: 'email' },
      'withdrawn',
    ],
    ['the category that was chosen', [usage], about('usage'), 'given'],
    ['another category', [usage], about('preferences'), 'none'],
    [
      'a category withdrawn',
      [ann.gave('2023-01-01', 'personalisation'), ann.withdrew('2023-02-01', 'personalisation', { categories: ['usage'] })],
      about('usage'),
      'withdrawn',
    ],
    [
      'the categories that were not withdrawn',
      [ann.gave('2023-01-01', 'personalisation'), ann.withdrew('2023-02-01', 'personalisation', { categories: ['usage'] })],
      about('preferences'),
      'given',
    ],
    ['sensitive data under a consent in general terms', [ann.gave('2023-01-01', 'personalisation')], about('health', true), 'none'],
    [
      'sensitive data under an express consent',
      [ann.gave('2023-01-01', 'personalisation', { categories: ['health'], explicit: true })],
      about('health', true),
      'given',
    ],
    [
      'sensitive data under a withdrawal in general terms',
      [
        ann.gave('2023-01-01', 'personalisation', { categories: ['health'], explicit: true }),
        ann.withdrew('2023-02-01', 'personalisation'),
      ],
      about('health', true),
      'withdrawn',
    ],
  ])('%s', (_, facts, question, status) => {
    expect(standing(facts, question).status).toBe(status);
  });

  it('is about the whole of a purpose that has no channels', () => {
    const purposes = ['marketing', 'personalisation'];
    const facts = [ann.gave('2023-01-01', '', { purposes }), ann.withdrew('2023-02-01', '', { purposes, channels: ['email'] })];
    expect(standing(facts, { purpose: 'personalisation' }).status).toBe('withdrawn');
    expect(standing(facts, { channel: 'sms' }).status).toBe('given');
  });
});

import { occurrenceOf, settled, type Told } from './occurrences.js';
import { mMed as policy } from './schedule-rig.js';

const TIME = '2026-03-01T09:00:00.000Z';
const AT = Date.parse(TIME);
const of = (type: string, data: object) => occurrenceOf(policy, { type: `attesta.${type}.v1`, time: TIME, data: { ...data } });

describe('what retention is counted from', () => {
  it('triggers, as services report them', () => {
    const trigger = { trigger: 'tax-filing', state: 'occurred' };
    expect(of('retention-trigger.recorded', trigger)).toEqual({ ...trigger, at: AT });
    expect(of('retention-trigger.recorded', { ...trigger, collectedUntil: TIME, purposes: ['marketing'] })).toEqual({
      ...trigger,
      at: AT,
      collectedUntil: AT,
      purposes: ['marketing'],
    });
  });

  it.each(['withdrawn', 'revoked', 'expired', 'invalidated'])('consent that ended: %s', (name) => {
    expect(of(`consent.${name}`, { purposes: ['marketing'], channelPreferences: ['sms'] })).toEqual({
      trigger: 'consent-withdrawn',
      state: 'occurred',
      at: AT,
      purposes: ['marketing'],
      channels: ['sms'],
    });
  });

  it.each(['given', 'renewed'])('consent that stands again: %s', (name) =>
    expect(of(`consent.${name}`, { purposes: ['marketing'] })).toMatchObject({ trigger: 'consent-withdrawn', state: 'revoked' }),
  );

  it('an age under which nothing is collected, and one that corrects it', () => {
    expect(of('age.attested', { rules: ['th-under-ten'] })).toEqual({ trigger: 'minor-found', state: 'occurred', at: AT });
    expect(of('age.attested', { rules: ['th-ten-to-nineteen'] })).toEqual({ trigger: 'minor-found', state: 'revoked', at: AT });
  });

  it('a request for erasure, survivors included: what the law keeps of them goes when it no longer does', () => {
    const survivors = [{ category: 'payment', ground: 'tax-records' }];
    const asked = { trigger: 'erasure-asked', state: 'occurred', at: AT };
    expect(of('request.erasure-instructed', { categories: ['contact'], survivors })).toEqual({
      ...asked,
      categories: ['contact', 'payment'],
    });
    expect(of('request.erasure-instructed', { categories: [], survivors: [] })).toEqual(asked);
  });

  it('and nothing else', () => expect(of('collection.recorded', {})).toBeUndefined());
});

describe('consent by channel', () => {
  const choice = (at: number, state: Told['state'], channels?: string[], more: Partial<Told> = {}): Told => ({
    trigger: 'consent-withdrawn',
    state,
    at,
    purposes: ['marketing'],
    channels,
    ...more,
  });
  const folded = (...told: Told[]) =>
    settled(policy, told).map(({ at, state, categories, purposes }) => [
      at,
      state,
      ...(categories ? [categories] : []),
      ...(purposes?.[0] === 'marketing' ? [] : [purposes]),
    ]);

  it('ends with the last channel', () => {
    expect(folded(choice(1, 'revoked', ['email', 'sms']), choice(2, 'occurred', ['email']), choice(3, 'occurred', ['sms']))).toEqual([
      [1, 'revoked'],
      [2, 'revoked'],
      [3, 'occurred'],
    ]);
  });

  it('was given by all of them where it names none', () => {
    expect(folded(choice(1, 'revoked'), choice(2, 'occurred', ['email']))).toEqual([
      [1, 'revoked'],
      [2, 'revoked'],
    ]);
    expect(folded(choice(1, 'revoked', ['email']), choice(2, 'occurred'))).toEqual([
      [1, 'revoked'],
      [2, 'occurred'],
    ]);
  });

  it('of a purpose that has none is about the whole of it', () => {
    const about = { purposes: ['personalisation'] };
    expect(settled(policy, [choice(1, 'revoked', ['email', 'sms'], about), choice(2, 'occurred', ['sms'], about)])).toMatchObject([
      { at: 1, state: 'revoked', ...about },
      { at: 2, state: 'occurred', ...about },
    ]);
  });

  it('is folded by when it happened', () => {
    expect(folded(choice(3, 'occurred', ['email']), choice(1, 'revoked', ['email', 'sms']), choice(2, 'occurred', ['sms']))).toEqual([
      [1, 'revoked'],
      [2, 'revoked'],
      [3, 'occurred'],
    ]);
  });

  it('of some categories leaves the others', () => {
    const contact = { categories: ['contact'] };
    const [, ended, again] = folded(choice(1, 'revoked', ['sms']), choice(2, 'occurred', ['sms'], contact), choice(3, 'revoked', ['sms']));
    expect(ended).toEqual([2, 'occurred', ['contact']]);
    expect(again).toEqual([3, 'revoked']);
    const [, , rest] = folded(choice(1, 'revoked'), choice(2, 'revoked', undefined, contact), choice(3, 'occurred'));
    expect(rest).toEqual([3, 'occurred']);
    const [, , left] = folded(choice(1, 'revoked', ['sms']), choice(2, 'revoked', ['email'], contact), choice(3, 'occurred', ['sms']));
    expect(left?.[2]).toContain('preferences');
    expect(left?.[2]).not.toContain('contact');
  });

  it('that was never given has nothing to end but itself', () => {
    expect(folded(choice(1, 'occurred', ['email']))).toEqual([[1, 'occurred']]);
    expect(folded(choice(1, 'revoked', []))).toEqual([]);
  });
});

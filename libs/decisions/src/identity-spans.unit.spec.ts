import { identitySpans } from './identity-spans.js';

const on = (position: number, person = 'anna', identity = 'phone') => ({ position, person, identity, linked: true });
const off = (position: number, person = 'anna', identity = 'phone') => ({ position, person, identity, linked: false });
const spans = (...rows: ReturnType<typeof on>[]) =>
  identitySpans('anna', 99, rows).map(({ subject, after, upto }) => [subject, after, upto]);

describe('what a link brings into a person’s record', () => {
  it('everything the identity did, before and after', () => expect(spans(on(5))).toEqual([['phone', -1, 99]]));
  it('nothing later than the unlink', () => expect(spans(on(5), off(9))).toEqual([['phone', -1, 9]]));
  it('nothing of the time between an unlink and the next link', () => {
    expect(spans(on(5), off(9), on(20))).toEqual([
      ['phone', -1, 9],
      ['phone', 20, 99],
    ]);
  });
  it('nothing of the days when it belonged to somebody else', () => {
    expect(spans(on(5, 'ben'), off(9, 'ben'), on(20))).toEqual([['phone', 9, 99]]);
    expect(spans(on(5, 'ben'), on(20))).toEqual([['phone', 20, 99]]);
    expect(spans(on(5), off(9), on(20, 'ben'))).toEqual([['phone', -1, 9]]);
  });
  it('once, however often the same link is reported', () => expect(spans(on(5), on(6))).toEqual([['phone', -1, 99]]));
  it('of each identity', () => {
    expect(spans(on(5), on(6, 'anna', 'cookie'))).toEqual([
      ['phone', -1, 99],
      ['cookie', -1, 99],
    ]);
  });
});

import { ProblemError, type Problem } from '../../kit/api.js';
import { kindOf, triesLeft } from './problems.js';

const problem = (slug: string, status: number, more: object = {}) =>
  new ProblemError({ type: `https://attesta.dev/problems/${slug}`, title: 'English', status, ...more } as Problem);
const field = (name: string, code: string) => ({ errors: [{ field: name, code, message: 'is wrong' }] });

test.each<[ProblemError, string]>([
  [problem('wrong-code', 422), 'wrong-code'],
  [problem('session-ended', 404), 'session-ended'],
  [problem('no-such-request', 404), 'no-such-request'],
  [problem('too-many-codes', 429), 'too-many-codes'],
  [problem('wrong-status', 409), 'over'],
  [problem('consent-invalid', 422, field('/by', 'guardian-required')), 'minor'],
  [problem('consent-invalid', 422, field('/noticeVersion', 'notice-superseded')), 'notice-changed'],
  [problem('invalid-fields', 400, field('/email', 'isEmail')), 'bad-email'],
  [problem('invalid-fields', 400, field('/text', 'isLength')), 'other'],
  [problem('unavailable', 503), 'busy'],
  [new ProblemError({ type: 'about:blank', title: 'unreachable', status: 0 }), 'unreachable'],
])('$problem.type is told as %s', (error, kind) => expect(kindOf(error)).toBe(kind));

test('what is no answer of a service is told without its words', () => expect(kindOf(new TypeError('x is undefined'))).toBe('other'));

test('how many tries are left is told where the answer says it', () => {
  expect(triesLeft(problem('wrong-code', 422, { triesLeft: 4 }))).toBe(4);
  expect(triesLeft(problem('wrong-code', 422))).toBeUndefined();
});

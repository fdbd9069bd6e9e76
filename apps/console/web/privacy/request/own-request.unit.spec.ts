import { isPackaged, nextOf, questionOf, standing, type OpenedRequest, type Step } from './own-request.js';

const request = (part: Partial<OpenedRequest>): OpenedRequest => ({
  request: 'r-1',
  right: 'access',
  status: 'acknowledged',
  identity: 'unverified',
  needs: [],
  receivedAt: '2026-03-01T09:00:00Z',
  due: null,
  lastDay: null,
  overdue: false,
  extendedTo: null,
  result: null,
  refused: [],
  survivors: [],
  history: [],
  ...part,
});
const history = (...steps: Omit<Step, 'at'>[]): Partial<OpenedRequest> => ({
  history: steps.map((step) => ({ at: '2026-03-01T09:00:00Z', ...step })),
});

test.each<[Partial<OpenedRequest>, string, string]>([
  [{}, 'acknowledged', 'look'],
  [{ status: 'requires-action', needs: ['identity-verification'] }, 'requires-identity', 'identity'],
  [{ status: 'requires-action', needs: ['identity-verification', 'information'] }, 'requires-identity', 'identity'],
  [{ status: 'requires-action', needs: ['identity-verification'], identity: 'failed' }, 'identity-failed', 'look'],
  [{ status: 'requires-action', needs: ['information'], identity: 'verified' }, 'requires-action', 'information'],
  [{ status: 'action-performed', identity: 'verified' }, 'action-performed', 'look'],
  [{ status: 'accepted' }, 'accepted', 'accepted'],
  [{ status: 'rejected' }, 'rejected', 'rejected'],
  [{ status: 'fulfilled', result: 'complete' }, 'fulfilled', 'ended'],
  [{ status: 'fulfilled', result: 'partial' }, 'partial', 'ended'],
  [{ status: 'unfulfilled' }, 'unfulfilled', 'ended'],
])('%j stands as %s, and next is %s', (part, stands, next) =>
  expect([standing(request(part)), nextOf(request(part))]).toEqual([stands, next]),
);

describe('a question', () => {
  const asked = history(
    { step: 'action-required', need: 'information', reason: 'Which account?' },
    { step: 'action-performed', need: 'information' },
    { step: 'action-required', need: 'information', reason: 'Which year?' },
  );
  test('is the last that was asked', () => expect(questionOf(request({ ...asked, needs: ['information'] }))).toBe('Which year?'));
  test('is none once nothing is needed', () => expect(questionOf(request(asked))).toBeUndefined());
});

describe('a package', () => {
  test.each<[Omit<Step, 'at'>[], boolean]>([
    [[], false],
    [[{ step: 'package-made' }, { step: 'fulfilled' }], true],
    [[{ step: 'package-made' }, { step: 'package-downloaded' }], false],
    [[{ step: 'package-made' }, { step: 'reopened' }], false],
  ])('after %j: %p', (steps, is) => expect(isPackaged(request(history(...steps)))).toBe(is));
});

import { wrongWith } from './answers.js';
import { PLANTED } from './planted.js';
import { Refusals } from './refusals.js';

const problem = (status: number, more: object = {}) => ({
  status,
  headers: { 'content-type': 'application/problem+json; charset=utf-8' },
  body: JSON.stringify({
    type: 'https://attesta.dev/problems/invalid-fields',
    status,
    errors: [{ field: '/a', code: 'b', message: 'c', fix: 'd' }],
    ...more,
  }),
});

describe('an answer', () => {
  it('is as it has to be when it refuses and says why', () => {
    expect(wrongWith(problem(400))).toBeUndefined();
    expect(wrongWith({ status: 200, headers: {}, body: PLANTED.email })).toBeUndefined();
    expect(wrongWith({ ...problem(503), headers: { ...problem(503).headers, 'retry-after': '1' } })).toBeUndefined();
  });

  it.each([
    ['a failure', problem(500)],
    ['unavailable without a time to come back', problem(503)],
    ['no document', { status: 404, headers: { 'content-type': 'text/html' }, body: '<p>no</p>' }],
    ['a document that speaks of another status', problem(400, { status: 500 })],
    ['no field named', problem(400, { errors: [] })],
    ['nothing that mends it', problem(400, { errors: [{ field: '', code: 'b', message: 'c' }] })],
    ['what was sent', problem(400, { detail: `no such person: ${PLANTED.thaiName}` })],
    ['what was sent, in another spelling', problem(400, { detail: encodeURIComponent(PLANTED.email) })],
  ])('is wrong with %s', (_what, answer) => {
    expect(wrongWith(answer)).toBeDefined();
  });
});

describe('rejections that were heard of', () => {
  const problems = [{ field: '/id', code: 'too-long' }];

  it('are found again, with their ids or where no id is kept', () => {
    const refusals = new Refusals();
    for (const id of ['a', 'b', '', 'a']) refusals.hear({ id, problems });
    const kept = ['a', null, 'a', null].map((id) => ({ id, problems }));
    expect(refusals.compare(kept)).toMatchObject({ lost: 0, unheard: 0 });
  });

  it('are missed one by one', () => {
    const refusals = new Refusals();
    for (const id of ['a', 'a', 'b']) refusals.hear({ id, problems });
    expect(refusals.compare([{ id: 'a', problems }])).toMatchObject({ lost: 2, unheard: 0 });
    expect(refusals.compare([{ id: 'a', problems: [{ field: '/id', code: 'other' }] }])).toMatchObject({ lost: 3, unheard: 1 });
  });
});

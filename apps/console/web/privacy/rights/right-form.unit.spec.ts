import { bodyOf, EMPTY, missing } from './right-form.js';

const filled = {
  ...EMPTY,
  email: ' somchai@example.co.th ',
  scope: 'some' as const,
  categories: ['contact'],
  purposes: ['marketing'],
  ground: 'objection-pending',
  changes: [{ wrong: 'contact/phone', value: ' 02 000 0000 ' }],
  text: ' please ',
};
const about = { email: 'somchai@example.co.th', language: 'th', text: 'please' };

describe('the body of a request', () => {
  test.each([
    ['access', { categories: ['contact'] }],
    ['portability', {}],
    ['erasure', { categories: ['contact'] }],
    ['restriction', { categories: ['contact'], ground: 'objection-pending' }],
    ['objection', { purposes: ['marketing'] }],
    ['consent-withdrawal', { purposes: ['marketing'] }],
    ['rectification', { changes: [{ category: 'contact', field: 'phone', value: '02 000 0000' }] }],
    ['complaint', {}],
  ])('of %s has what the right asks for, and nothing else', (right, more) =>
    expect(bodyOf(right, filled, 'th')).toEqual({ right, ...about, ...more }),
  );

  test('is about everything unless somebody chose', () => {
    expect(bodyOf('erasure', { ...filled, scope: 'everything' }, 'th')).not.toHaveProperty('categories');
    expect(bodyOf('objection', { ...filled, purposes: [] }, 'th')).not.toHaveProperty('purposes');
  });

  test('names a law only where one was chosen', () => {
    expect(bodyOf('access', filled, 'en')).not.toHaveProperty('jurisdiction');
    expect(bodyOf('access', { ...filled, jurisdiction: 'eu-gdpr' }, 'en')).toMatchObject({ jurisdiction: 'eu-gdpr' });
  });
});

describe('what is missing', () => {
  test('an address that mail can go to', () => {
    for (const email of ['', 'somchai', 'somchai@', 'a b@example.com'])
      expect(missing('access', { ...EMPTY, email })).toEqual({ email: true });
    expect(missing('access', filled)).toEqual({});
  });
  test('a ground, of a restriction alone', () => {
    expect(missing('restriction', { ...filled, ground: '' })).toEqual({ ground: true });
    expect(missing('erasure', { ...filled, ground: '' })).toEqual({});
  });
  test('what is right, of a rectification alone', () => {
    const changes = [...filled.changes, { wrong: '', value: 'x' }, { wrong: 'contact/email', value: ' ' }];
    expect(missing('rectification', { ...filled, changes })).toEqual({ changes: [1, 2] });
    expect(missing('access', { ...filled, changes })).toEqual({});
  });
});

import { fileURLToPath } from 'node:url';
import { loadPolicy } from '@attesta/policy';
import { Problem, readPolicySource } from '@attesta/service-kit';
import { readRequest, type ReadingContext } from './opendsr-request.js';

const policy = loadPolicy(readPolicySource(fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url))));
const context: ReadingContext = {
  policy,
  now: Date.parse('2026-03-01T09:00:00Z'),
  domain: 'privacy.example',
  customers: 'club',
  innerHosts: [],
};
const email = { identity_type: 'email', identity_value: ' a@b.example ', identity_format: 'raw' };
const body = (more: object = {}) =>
  Buffer.from(
    JSON.stringify({
      subject_request_id: 'a7551968-d5d6-44b2-9831-815ac9017798',
      regulation: 'gdpr',
      subject_request_type: 'portability',
      submitted_time: '2026-02-28T10:00:00+07:00',
      subject_identities: [email],
      ...more,
    }),
  );
const problems = (more: object, within = context) => {
  try {
    return { taken: readRequest(body(more), within) };
  } catch (error) {
    return error instanceof Problem ? error.errors : error;
  }
};

test('a request is told in our words', () => {
  const customer = { identity_type: 'controller_customer_id', identity_value: 'c-1', identity_format: 'raw' };
  expect(readRequest(body({ subject_identities: [email, email, customer] }), context)).toEqual({
    id: 'a7551968-d5d6-44b2-9831-815ac9017798',
    right: 'portability',
    jurisdiction: 'eu-gdpr',
    submittedAt: Date.parse('2026-02-28T03:00:00Z'),
    identifiers: [
      { scheme: 'club', value: 'c-1' },
      { scheme: 'email', value: 'a@b.example' },
    ],
    callbacks: [],
  });
});

test('a regulation is named in full where its short name is that of several', () => {
  const gdpr = policy.jurisdictions.get('eu-gdpr')!;
  const both = { ...context, policy: { ...policy, jurisdictions: new Map([...policy.jurisdictions, ['uk-gdpr', gdpr]]) } };
  expect(problems({ regulation: 'gdpr' }, both)).toMatchObject([
    { code: 'ambiguous-regulation', fix: 'send one of: pdpa, eu-gdpr, uk-gdpr' },
  ]);
  expect(problems({ regulation: 'uk-gdpr' }, both)).toMatchObject({ taken: { jurisdiction: 'uk-gdpr' } });
});

test('a right that the policy does not have is not offered', () => {
  const rights = new Map([...policy.rights].filter(([id]) => id !== 'portability'));
  expect(problems({}, { ...context, policy: { ...policy, rights } })).toMatchObject([{ fix: 'send one of: access, erasure' }]);
});

import type { CloudEvent } from '@attesta/events';
import { checkEvent } from './check-event.js';
import { mMed } from './policies-rig.js';

const breach = '00000000-0000-4000-8000-000000000031';
const event = (name: string, data: Record<string, unknown>): CloudEvent => ({
  specversion: '1.0',
  id: 'e-1',
  source: '//attesta/notification',
  type: `attesta.breach.${name}.v1`,
  time: '2026-03-01T09:00:00Z',
  data: { breach, ...data },
});
const facts = { nature: ['integrity'], categories: ['contact'], description: 'Something.', jurisdictions: ['th-pdpa', 'eu-gdpr'] };
const told = { jurisdiction: 'th-pdpa', authority: 'pdpc', at: '2026-03-01T09:00:00Z', phase: 'initial', inTime: true };

describe('of a breach', () => {
  it.each<[string, CloudEvent, string[]]>([
    ['what was recorded', event('recorded', facts), []],
    ['categories', event('recorded', { ...facts, categories: ['contact', 'shoe-size'] }), ['/data/categories/1 unknown-category']],
    [
      'jurisdictions',
      event('recorded', { ...facts, jurisdictions: ['th-pdpa', 'us-ccpa'] }),
      ['/data/jurisdictions/1 unknown-jurisdiction'],
    ],
    [
      'jurisdictions known later',
      event('updated', { ...facts, jurisdictions: ['us-ccpa'] }),
      ['/data/jurisdictions/0 unknown-jurisdiction'],
    ],
    ['a controller', event('recorded', { ...facts, controller: 'nobody' }), ['/data/controller unknown-controller']],
    ['its authority', event('authority-notified', told), []],
    ['another authority', event('authority-notified', { ...told, authority: 'police' }), ['/data/authority wrong-authority']],
    [
      'the data of those who are told',
      event('people-notice-ordered', { categories: ['shoe-size'] }),
      ['/data/categories/0 unknown-category'],
    ],
  ])('%s', (_, value, expected) => {
    expect(checkEvent(mMed.policy, value).map(({ field, code }) => `${field} ${code}`)).toEqual(expected);
  });
});

import type { Entry } from '@attesta/events';
import { partsOf } from './inventory.js';
import { mMed as policy } from './schedule-rig.js';

const ANN = '00000000-0000-4000-8000-000000000001';
const BOB = '00000000-0000-4000-8000-000000000002';
const TIME = '2026-03-01T09:00:00.000Z';

/** @param keys who of what: `<subject> <key>` */
const entry = (type: string, data: object, keys: string[] = [], subject: string | undefined = ANN): Entry =>
  ({
    v: 1,
    id: 'e-1',
    source: '//storefront.test',
    type: `attesta.${type}.v1`,
    time: TIME,
    recordedAt: TIME,
    ...(subject !== undefined && { subject: { id: subject, seq: 1 } }),
    data,
    ...(keys.length > 0 && { sealed: keys.map((one) => ({ subject: one.split(' ')[0], key: one.split(' ')[1] })) }),
  }) as unknown as Entry;
const parts = (...all: Parameters<typeof entry>) =>
  partsOf(policy, 5, entry(...all)).map(({ part, subject, class: name, key, categories }) => [part, subject, name, key, categories]);

describe('what an entry adds to the inventory', () => {
  it('each sealed part with its categories, as the event has them', () => {
    const data = { categories: ['usage', 'device', 'contact'], purposes: ['marketing'] };
    expect(parts('collection.recorded', data, [`${ANN} traffic.3`, `${ANN} contact.1`])).toEqual([
      [0, ANN, 'traffic', 'traffic.3', ['usage', 'device']],
      [1, ANN, 'contact', 'contact.1', ['contact']],
    ]);
  });

  it('what systems alone hold, one line for each class, below 0', () => {
    const data = { categories: ['usage', 'contact', 'device', 'health'], purposes: ['marketing'] };
    expect(parts('collection.recorded', data, [`${ANN} contact.1`])).toEqual([
      [0, ANN, 'contact', 'contact.1', ['contact']],
      [-1, ANN, 'traffic', null, ['usage', 'device']],
      [-2, ANN, 'sensitive', null, ['health']],
    ]);
  });

  it('of other people all of the class, where the event does not tell; it is theirs, and the person’s own stays with systems', () => {
    const data = { categories: ['connections'], purposes: ['service-fulfilment'] };
    expect(parts('collection.recorded', data, [`${BOB} social.1`, `${BOB} traffic.1`])).toEqual([
      [0, BOB, 'social', 'social.1', ['connections']],
      [1, BOB, 'traffic', 'traffic.1', ['usage', 'device', 'page-view']],
      [-1, ANN, 'social', null, ['connections']],
    ]);
  });

  it('sealed parts of a disclosure, and nothing where none are', () => {
    const data = { categories: ['contact'], purposes: ['service-fulfilment'] };
    expect(parts('disclosure.recorded', data, [`${ANN} contact.1`])).toEqual([[0, ANN, 'contact', 'contact.1', ['contact']]]);
    expect(parts('disclosure.recorded', data)).toEqual([]);
    expect(parts('use.recorded', data)).toEqual([]);
  });

  it('a category that the policy no longer has stands for itself', () => {
    expect(parts('collection.recorded', { categories: ['fax'], purposes: ['marketing'] })).toEqual([[-1, ANN, 'fax', null, ['fax']]]);
  });

  it('where, when and what for', () => {
    const data = { categories: ['contact'], purposes: ['marketing'], jurisdiction: 'eu-gdpr' };
    const common = { position: 5, purposes: ['marketing'], collectedAt: Date.parse(TIME) };
    expect(partsOf(policy, 5, entry('collection.recorded', data))).toMatchObject([{ ...common, jurisdiction: 'eu-gdpr' }]);
    expect(partsOf(policy, 5, entry('collection.recorded', { ...data, jurisdiction: undefined }))).toMatchObject([
      { ...common, jurisdiction: policy.defaultController.jurisdictions[0] },
    ]);
  });
});

import type { CloudEvent } from '@attesta/events';
import { sourceOf, type Day, type ServiceName } from './day.js';
import { accountOf, PEOPLE } from './people.js';

/** An event that must not get in, and the code of the problem that says why. */
export interface Mistake {
  service: ServiceName;
  why: string;
  code: string;
  event: CloudEvent;
}

const subject = accountOf(PEOPLE[3]!);

const use = { categories: ['usage'], purposes: ['support-and-maintenance'], basis: 'contract', operation: 'answer-ticket' };
const disclosure = { categories: ['contact'], purposes: ['service-fulfilment'], basis: 'contract', initiator: 'controller' };
const collection = {
  categories: ['contact'],
  purposes: ['service-fulfilment'],
  basis: 'contract',
  occasion: 'interaction',
  method: 'online-form',
  channel: 'web',
  origin: 'subject',
};

/** What goes wrong on any day, each for a reason of its own. */
export function mistakes(day: Day): Mistake[] {
  const mistake = (
    service: ServiceName,
    code: string,
    why: string,
    type: string,
    data: CloudEvent['data'],
    change: Partial<CloudEvent> = {},
  ): Mistake => ({
    service,
    code,
    why,
    event: {
      specversion: '1.0',
      source: sourceOf(service),
      type: `attesta.${type}.v1`,
      ...day.on(`mistake-${code}`, '19:30'),
      subject,
      data,
      ...change,
    },
  });
  return [
    mistake('storefront', 'unknown-purpose', 'a purpose that no notice names', 'use.recorded', { ...use, purposes: ['resale'] }),
    mistake('storefront', 'missing-field', 'no lawful basis', 'use.recorded', without(use, 'basis')),
    mistake('support-desk', 'explicit-consent-required', 'health data on an ordinary basis', 'collection.recorded', {
      ...collection,
      categories: ['health'],
    }),
    mistake('storefront', 'missing-transfer-ground', 'data sent abroad, and no ground for it', 'disclosure.recorded', {
      ...disclosure,
      recipient: 'message-delivery',
    }),
    mistake('storefront', 'card-number', 'a payment card number in an order', 'collection.recorded', {
      ...collection,
      categories: ['payment'],
      personal: { payment: { note: 'card 4111 1111 1111 1111' } },
    }),
    mistake('mobile-app', 'unknown-type', 'an event type nobody knows', 'step-counter', { steps: 4211 }),
    mistake(
      'storefront',
      'id-conflict',
      'the id of an order of today, with another content',
      'use.recorded',
      use,
      day.on('order-0', '10:00'),
    ),
    mistake('mobile-app', 'time-in-future', 'a telephone whose clock is years ahead', 'use.recorded', use, {
      time: `${Number(day.date.slice(0, 4)) + 20}${day.date.slice(4)}T12:00:00+07:00`,
    }),
    mistake('survey', 'source-not-allowed', 'one service speaks for another', 'use.recorded', use, { source: sourceOf('storefront') }),
    mistake('survey', 'unknown-category', 'a category that no notice names', 'use.recorded', { ...use, categories: ['horoscope'] }),
    mistake('support-desk', 'missing-context', 'an agreement that is not said which', 'collection.recorded', {
      ...collection,
      occasion: 'agreement',
      method: 'document',
    }),
    mistake('support-desk', 'missing-citation', 'an authority got data, and no law is named', 'disclosure.recorded', {
      ...disclosure,
      recipient: 'police',
      initiator: 'authority',
    }),
    mistake('support-desk', 'missing-origin-party', 'data of a third party that has no name', 'collection.recorded', {
      ...collection,
      origin: 'third-party',
    }),
    mistake('storefront', 'subject-forbidden', 'a link out that tells who followed it', 'outbound-link.recorded', {
      recipient: 'linked-site',
    }),
    mistake('support-desk', 'personal-value-in-clear', 'an e-mail address where everybody could read it', 'disclosure.recorded', {
      ...disclosure,
      recipient: 'bank',
      legalReference: `asked for by ${PEOPLE[3]!.email}`,
    }),
  ];
}

function without<T extends object>(object: T, key: keyof T): Omit<T, keyof T> {
  const { [key]: _left, ...rest } = object;
  return rest as Omit<T, keyof T>;
}

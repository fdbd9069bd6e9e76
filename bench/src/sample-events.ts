import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '@attesta/events';

const pick = <T>(items: readonly T[], i: number): T => items[i % items.length]!;

/** Version 7: the time leads, as publishers' ids should. */
export function uuidV7(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

export const RECIPIENTS = ['payment-provider', 'logistics-provider', 'bank', 'on-site-payment'] as const;

/** Collections that make entries of about 600 bytes, about people drawn at random; a share of them brings personal values. */
export function eventFactory(people: readonly string[], personal = 0.3): () => CloudEvent {
  let n = 0;
  const time = new Date().toISOString();
  return () => {
    const i = n++;
    return {
      specversion: '1.0',
      id: uuidV7(),
      source: '//storefront.m-med.example/registration',
      type: 'attesta.collection.recorded.v1',
      time,
      subject: people[Math.floor(Math.random() * people.length)]!,
      data: {
        categories: i % 3 === 0 ? ['identity', 'contact'] : ['identity'],
        purposes: ['service-fulfilment'],
        basis: 'contract',
        occasion: 'registration',
        method: 'online-form',
        channel: pick(['web', 'app'], i),
        origin: 'subject',
        noticeVersion: '2022-08-10',
        context: { order: `order-${i}`, form: 'registration-form-2022' },
        ...(i % 10 < personal * 10 && { personal: { identity: { name: `Somchai Jaidee ${i}`, note: 'ward 7' } } }),
      },
    };
  };
}

/** As eventFactory, with two disclosures and a choice about consent in ten: what a log of a real company holds. */
export function mixedFactory(people: readonly string[]): () => CloudEvent {
  const collection = eventFactory(people);
  let n = 0;
  return () => {
    const event = collection();
    const i = n++;
    if (i % 10 === 1) return { ...event, type: 'attesta.consent.captured.v1', data: choice(i) };
    if (i % 5 !== 0) return event;
    return {
      ...event,
      type: 'attesta.disclosure.recorded.v1',
      data: {
        categories: ['payment'],
        purposes: ['service-fulfilment'],
        basis: 'contract',
        recipient: pick(RECIPIENTS, i / 5),
        initiator: 'subject',
        channel: 'web',
        context: { order: `order-${i}` },
      },
    };
  };
}

/** One in four withdraws. */
const choice = (i: number) => ({
  purposes: ['marketing'],
  status: i % 40 === 1 ? 'withdrawn' : 'given',
  method: 'preference-center',
  noticeVersion: '2022-08-10',
  language: 'th',
});

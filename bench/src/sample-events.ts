import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '@attesta/events';

const pick = <T>(items: readonly T[], i: number): T => items[i % items.length]!;

/** Version 7: the time leads, as publishers' ids should. */
export function uuidV7(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/**
 * Collections that make entries of about 600 bytes; three in ten bring personal values. `ref(i)` names the i-th of `subjects` people.
 */
export function eventFactory(subjects: number, ref: (i: number) => string, personal = 0.3): () => CloudEvent {
  let n = 0;
  const names = Array.from({ length: subjects }, (_, i) => ref(i));
  const time = new Date().toISOString();
  return () => {
    const i = n++;
    return {
      specversion: '1.0',
      id: uuidV7(),
      source: '//storefront.m-med.example/registration',
      type: 'attesta.collection.recorded.v1',
      time,
      subject: names[Math.floor(Math.random() * subjects)]!,
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

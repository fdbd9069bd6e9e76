import { report, type Draft } from '@attesta/sdk';
import { later, type Day } from './day.js';
import { accountOf, PEOPLE } from './people.js';

/** What the shop does with a buyer's data on an ordinary day (4.1, 4.2, 4.10). */
export function uses(day: Day, i: number): Draft[] {
  const subject = accountOf(PEOPLE[i]!);
  const at = later('14:10', i);
  const used: Draft[] = [
    report.use(
      subject,
      {
        categories: ['transaction', 'address'],
        purposes: ['service-fulfilment'],
        basis: 'contract',
        operation: 'fulfil-order',
        system: 'orders',
      },
      day.on(`fulfil-${i}`, at),
    ),
    report.use(
      subject,
      {
        categories: ['transaction', 'device'],
        purposes: ['fraud-prevention'],
        basis: 'legitimate-interest',
        operation: 'score-order',
        system: 'fraud-screen',
      },
      day.on(`fraud-${i}`, later(at, 1)),
    ),
  ];
  if (i < 11)
    used.push(
      report.use(
        subject,
        {
          categories: ['usage', 'preferences'],
          purposes: ['personalisation'],
          basis: 'consent',
          consent: day.position(`personalisation-${i}`),
          operation: 'recommend-products',
          system: 'recommender',
        },
        day.on(`recommend-${i}`, later(at, 2)),
      ),
    );
  return used;
}

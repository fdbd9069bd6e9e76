import { report, type Draft } from '@attesta/sdk';
import { later, type Day } from './day.js';
import { accountOf, PEOPLE } from './people.js';

const account = (i: number): string => accountOf(PEOPLE[i]!);

/** Contact data to a recipient in another country, with what allows the transfer. */
export function abroad(day: Day, i: number, recipient: string, purpose: string, basis: string, transferGround: string): Draft {
  return report.disclosure(
    account(i),
    { categories: ['contact'], purposes: [purpose], basis, recipient, transferGround, initiator: 'controller', channel: 'system' },
    day.on(`${recipient}-${i}`, later('15:20', i)),
  );
}

/** Under the contract, to somebody in this country. */
export function disclosed(day: Day, i: number, recipient: string, categories: string[], purpose: string): Draft {
  return report.disclosure(
    account(i),
    { categories, purposes: [purpose], basis: 'contract', recipient, initiator: 'controller', channel: 'system' },
    day.on(`${recipient}-${i}`, later('15:25', i)),
  );
}

/** What an authority demanded, with the law or order it named. */
export function toAuthority(day: Day, i: number, recipient: string, categories: string[], legalReference: string): Draft {
  return report.disclosure(
    account(i),
    { categories, purposes: ['legal-compliance'], basis: 'legal-obligation', recipient, initiator: 'authority', legalReference },
    day.on(`${recipient}-${i}`, later('16:00', i)),
  );
}

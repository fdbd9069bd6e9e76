import { isTransferAbroad } from './facts.js';
import { cited, type Rule } from './lawfulness-rules.js';

/** Where the data goes, and why it may go there. */
export const recipient: Rule = (check) => {
  const party = check.known(check.policy.parties, 'recipient', 'recipient');
  if (party === undefined) return;
  if (party.role === 'linked-site') {
    check.problem(
      'recipient',
      'linked-site',
      'a linked site gets no data about a person',
      'record outbound-link.recorded, without subject; or register the party with the role it really has',
    );
  }
  if ((party.role === 'authority' || check.data.initiator === 'authority') && !cited(check)) {
    check.problem(
      'legalReference',
      'missing-citation',
      'a disclosure to an authority needs the provision or order it follows',
      'add legalReference or basisCitation',
    );
  }
  const { jurisdiction } = check;
  if (jurisdiction === undefined) return;
  const country = check.text('country') ?? party.country;
  if (country === undefined) {
    check.problem(
      'country',
      'missing-country',
      'the country where the recipient receives the data is not known',
      'add country (ISO 3166-1 alpha-2)',
    );
    return;
  }
  const grounds = check.policy.transferGrounds.get(jurisdiction.id) ?? new Map<string, never>();
  if (check.data.transferGround !== undefined) check.known(grounds, 'transferGround', 'transfer ground');
  else if (isTransferAbroad(check.controller, jurisdiction, country)) {
    check.problem(
      'transferGround',
      'missing-transfer-ground',
      'the recipient is abroad',
      `name what allows the transfer: ${[...grounds.keys()].join(', ')}`,
    );
  }
};

/** A link out of our site says nothing about a person (notice clause 6.4). */
export const outboundLink: Rule = (check) => {
  check.known(check.policy.parties, 'recipient', 'recipient');
  if (check.event.subject !== undefined || check.data.personal !== undefined || check.data.related !== undefined) {
    check.problem('', 'linked-site', 'an outbound link carries nothing about a person', 'leave subject, personal and related out');
  }
};

import { collecting } from './collecting.plays.js';
import { consenting } from './consenting.plays.js';
import { deciding } from './deciding.plays.js';
import { disclosing } from './disclosing.plays.js';
import { guarding } from './guarding.plays.js';
import { notifying } from './notifying.plays.js';
import { rectifying } from './rectifying.plays.js';
import { requesting } from './requesting.plays.js';
import { retaining } from './retaining.plays.js';
import type { Stage } from './stage.js';

/** Who answers for a row: consent, requests, retention, notification, or the ledger with the audit registers. */
export type Owner = 'LED' | 'CON' | 'REQ' | 'RET' | 'NOT';

/** Plays a clause on its stage; throws when the result is not what the clause says. */
export type Play = (stage: Stage) => Promise<void>;

export interface ClauseRow {
  clause: string;
  owner: Owner;
  title: string;
  /** Absent: pending until the owner's service exists. */
  play?: Play;
}

const PLAYS: Readonly<Record<string, Play>> = {
  ...collecting,
  ...consenting,
  ...deciding,
  ...disclosing,
  ...guarding,
  ...notifying,
  ...rectifying,
  ...requesting,
  ...retaining,
};

const row = (clause: string, owner: Owner, title: string): ClauseRow => {
  const play = PLAYS[clause];
  return { clause, owner, title, ...(play && { play }) };
};

/** The notice, clause by clause. A row that several answer for stands under the first; what the others add is theirs to play. */
export const CLAUSES: readonly ClauseRow[] = [
  row('Intro: versions', 'CON', 'Register the notice by version, language and digest'),
  row('Intro: change', 'NOT', 'Post a change on the website at least; never rebind old consents'),
  row('Intro: use = consent', 'CON', 'Using the service is acknowledgement, not consent'),
  row('Intro: scope', 'LED', 'Users, visitors and the public; data true or false'),
  row('1.1', 'LED', 'Identity, address and bank data by category, never in clear'),
  row('1.2, 1.4', 'LED', 'Usage and device data'),
  row('1.3', 'LED', 'Several people in one event, each with a key of their own'),
  row('1.5', 'LED', 'Third-party accounts linked and unlinked'),
  row('1.6', 'LED', 'Data from third parties names its source; people are told within 30 days'),
  row('1.7', 'REQ', 'A written opt-out becomes a request, with its consequences shown'),
  row('1.8', 'LED', 'The card provider is a recipient of its own; no card data is held'),
  row('2.1', 'LED', 'Registration and access, under the notice that was shown'),
  row('2.2', 'LED', 'Forms, online or on paper'),
  row('2.3', 'LED', 'Visits, agreements, documents, with their context'),
  row('2.4', 'LED', 'Telephone, e-mail, web, cookie'),
  row('2.5', 'LED', 'Transactions, feedback, complaints'),
  row('2.6', 'LED', 'Promotions with partners'),
  row('2.7', 'LED', 'On-site payment and logistics providers'),
  row('2.8', 'LED', 'Application installed and connected'),
  row('2.9', 'CON', 'Location by consent, withdrawn in the device'),
  row('3.1', 'CON', 'Surveys are voluntary, and for contractors alone'),
  row('3.2, 3.4', 'LED', 'Page views and advertising data join the account'),
  row('3.3', 'CON', 'Cookies: consent, sharing, disabling'),
  row('4.1, 4.4', 'CON', 'Contract and support purposes'),
  row('4.2', 'CON', 'Personalisation can be left out'),
  row('4.3, 4.10', 'CON', 'Security, fraud, business transfer on legitimate interest'),
  row('4.5', 'NOT', 'Contact, with the fewest details outside'),
  row('4.6', 'CON', 'Research: objectable, aggregate only'),
  row('4.7', 'CON', 'Marketing by channel'),
  row('4.8', 'LED', 'Legal disclosure needs its citation'),
  row('4.9', 'RET', 'Statistics, records, backups'),
  row('4.11', 'CON', 'A purpose not listed: notice and consent, or a statute'),
  row('5.1', 'RET', 'Destroy or anonymise when the purpose ends'),
  row('5.2', 'LED', 'Sharing that the person starts'),
  row('5.3', 'LED', 'Lawful disclosure without consent, recorded'),
  row('6.1', 'NOT', 'Breaches: register, 72 hours'),
  row('6.2', 'LED', 'Third-party applications are not under our control'),
  row('6.3', 'LED', 'Few people may look, and every look is recorded'),
  row('6.4', 'LED', 'Linked sites get nothing about a person'),
  row('6.5', 'REQ', 'Nothing of children under ten'),
  row('7.1', 'REQ', 'Access after proof of identity'),
  row('7.2', 'REQ', 'Rectify and tell recipients'),
  row('7.3', 'REQ', 'Portable: what the person provided, by consent or contract'),
  row('7.4', 'REQ', 'Objection; to marketing absolute'),
  row('7.5', 'REQ', 'Restriction of use'),
  row('7.6', 'CON', 'Withdraw at any time'),
  row('7.7', 'RET', 'Erase except for compliance and claims, by category'),
  row('7.8', 'REQ', 'The way to the authority'),
  row('8.1', 'NOT', 'How long a mail may still be under way'),
  row('8.2', 'REQ', 'Withdrawal by e-mail'),
  row('8.3', 'REQ', 'Verify or clarify, then stop'),
  row('8.4', 'CON', 'Tell the consequences; never block a withdrawal'),
  row('8.5', 'REQ', '30 days, or the fastest time announced'),
  row('8.6', 'REQ', 'Refuse a correction with a legal reason'),
];

import { MAX_PROBLEMS, type CloudEvent, type FieldProblem } from '@attesta/events';
import { authority, jurisdictions } from './breach-rules.js';
import { findCardNumbers } from './card-number.js';
import { method, noticeVersion, occasion, origin, personal } from './collection-rules.js';
import { ageRules, channels, explicit, published, registration, services } from './consent-rules.js';
import { outboundLink, recipient } from './disclosure-rules.js';
import { EventCheck } from './event-check.js';
import { basis, categories, messagePurpose, purposes, trigger, type Rule } from './lawfulness-rules.js';
import type { Policy } from './policy.js';

/**
 * Every rule that keeps an event out of the log. `event` has passed parseEvent, and its personal parts are in clear: run it again on what
 * a JWE held. What breaks a rule of conduct but is a fact all the same (an advertiser got survey answers, data came in after an unlink) is
 * NOT reported here: it is sealed, and a finding follows. At most 20 problems; none repeats a value that was sent.
 */
export function checkEvent(policy: Policy, event: CloudEvent): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const at of cardNumbers(event)) {
    problems.push({
      field: at,
      code: 'card-number',
      message: 'holds a payment card number, which is never kept',
      fix: 'leave it with the payment provider; send its token or the last four digits',
    });
  }
  const rules = RULES.get(event.type) ?? rulesOf(event.type);
  if (rules.length > 0) {
    const check = new EventCheck(policy, event, problems);
    for (const rule of rules) rule(check);
  }
  return problems.length > MAX_PROBLEMS ? problems.slice(0, MAX_PROBLEMS) : problems;
}

/** Everything a publisher wrote; type and time have forms that hold no card number. */
function cardNumbers(event: CloudEvent): string[] {
  const { id, source, subject, actor, dataschema } = event;
  const inData = findCardNumbers(event.data, '/data');
  const around = findCardNumbers({ id, source, subject, actor, dataschema });
  return around.length === 0 ? inData : [...around, ...inData];
}
const CONSENT: readonly Rule[] = [purposes, categories, method, noticeVersion('noticeVersion'), channels];

/** The rules of every version of an event type. */
const RULES_BY_NAME: Readonly<Record<string, readonly Rule[]>> = {
  'attesta.collection.recorded': [categories, purposes, basis, occasion, method, origin, noticeVersion('noticeVersion'), personal],
  'attesta.use.recorded': [categories, purposes, basis],
  'attesta.disclosure.recorded': [categories, purposes, basis, recipient, personal],
  'attesta.outbound-link.recorded': [outboundLink],
  'attesta.consent.captured': [purposes, categories, method, noticeVersion('noticeVersion'), explicit, channels],
  'attesta.consent.given': [...CONSENT, explicit],
  'attesta.consent.renewed': [...CONSENT, explicit],
  'attesta.consent.withdrawn': CONSENT,
  'attesta.consent.revoked': CONSENT,
  'attesta.consent.refused': CONSENT,
  'attesta.consent.expired': CONSENT,
  'attesta.consent.invalidated': CONSENT,
  'attesta.consent.requested': CONSENT,
  'attesta.consent.deferred': CONSENT,
  'attesta.consequences.communicated': [purposes, services],
  'attesta.service.ended': [services],
  'attesta.objection.raised': [purposes, method],
  'attesta.objection.decided': [purposes],
  'attesta.objection.withdrawn': [purposes, method],
  'attesta.restriction.placed': [purposes, categories, method],
  'attesta.restriction.lifted': [purposes, categories],
  'attesta.age.attested': [ageRules, method],
  'attesta.guardian.recorded': [method],
  'attesta.guardian.ended': [method],
  'attesta.purpose.registered': [registration],
  'attesta.retention-trigger.recorded': [trigger, categories, purposes],
  'attesta.hold.placed': [categories, purposes],
  'attesta.retention.reviewed': [categories],
  'attesta.message.handed-off': [messagePurpose],
  'attesta.message.suppressed': [messagePurpose],
  'attesta.breach.recorded': [categories, jurisdictions],
  'attesta.breach.updated': [categories, jurisdictions],
  'attesta.breach.authority-notified': [authority],
  'attesta.breach.people-notice-ordered': [categories],
  'attesta.notice.published': [purposes, published],
  'attesta.notice.communicated': [noticeVersion('version')],
  'attesta.notice.acknowledged': [noticeVersion('version'), method],
};

const RULES = new Map<string, readonly Rule[]>();

function rulesOf(type: string): readonly Rule[] {
  const name = type.slice(0, type.lastIndexOf('.v'));
  const rules = Object.hasOwn(RULES_BY_NAME, name) ? (RULES_BY_NAME[name] ?? []) : [];
  if (rules.length > 0) RULES.set(type, rules); // parseEvent lets known types through alone, so the map stays small
  return rules;
}

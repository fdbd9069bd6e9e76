import { uuidOf, type NewEvent } from '@attesta/event-log';
import { consequencesOf, type Policy } from '@attesta/policy';
import type { Change } from './consent.decider.js';

/** CloudEvents source of what the consent service says. */
export const CONSENT_SOURCE = '//attesta/consent';

/**
 * A change as the event that tells it (DPV statuses are the names of the types). The same change of the same instant has the same id.
 * @param fresh the choice has just arrived: the change happened with it, and not now, when we find out
 */
export function decisionEvent(subject: string, change: Change, now: number, fresh: boolean): NewEvent {
  const { purpose, status, choice, channels, categories } = change;
  const time = new Date(status === 'expired' ? choice.expiresAt! : fresh ? choice.at : now).toISOString();
  const scope = { ...(channels && { channelPreferences: channels }), ...(categories && { categories }) };
  const data = {
    purposes: [purpose],
    noticeVersion: choice.noticeVersion,
    method: choice.method,
    ...scope,
    ...(choice.explicit && { explicit: true }),
    ...(choice.validFor !== undefined && { validFor: choice.validFor }),
    by: choice.by,
    ...reasonOf(change),
    cause: { source: choice.source, id: choice.id },
  };
  const name = [subject, purpose, status, JSON.stringify(scope), choice.source, choice.id, time].join('\n');
  return { id: uuidOf(name), type: `attesta.consent.${status}.v1`, time, subject, data };
}

function reasonOf({ status, choice }: Change): { reason?: string } {
  if (status === 'invalidated' && choice.invalid !== undefined) return { reason: choice.invalid };
  return choice.through === undefined ? {} : { reason: 'chosen on a linked device' };
}

/** That the consequences were told together with the answer to a withdrawal. */
export function consequencesEvent(policy: Policy, withdrawal: NewEvent & { subject: string }, purposes: string[], now: number): NewEvent {
  return {
    id: uuidOf(`consequences\n${withdrawal.id}`),
    type: 'attesta.consequences.communicated.v1',
    time: new Date(now).toISOString(),
    subject: withdrawal.subject,
    data: { purposes, services: consequencesOf(policy, purposes), cause: { source: CONSENT_SOURCE, id: withdrawal.id } },
  };
}

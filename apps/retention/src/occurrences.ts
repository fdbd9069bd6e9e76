import { ERASURE_ASKED, type Occurrence } from '@attesta/disposal';
import type { Entry, EventTypes } from '@attesta/events';
import type { Policy } from '@attesta/policy';

/** An occurrence as the log tells it; one about the consent to some channels alone ends nothing while it stands for others. */
export interface Told extends Occurrence {
  channels?: readonly string[] | undefined;
}

/** What an entry means to whatever is counted from it; undefined for all others. */
export function occurrenceOf(policy: Policy, { type, time, data }: Pick<Entry, 'type' | 'time' | 'data'>): Told | undefined {
  const at = Date.parse(time);
  switch (type) {
    case 'attesta.retention-trigger.recorded.v1': {
      const { trigger, state, categories, purposes, collectedUntil } = data as EventTypes[typeof type];
      return {
        trigger,
        state,
        at,
        categories,
        purposes,
        collectedUntil: collectedUntil === undefined ? undefined : Date.parse(collectedUntil),
      };
    }
    case 'attesta.consent.withdrawn.v1':
    case 'attesta.consent.revoked.v1':
    case 'attesta.consent.expired.v1':
    case 'attesta.consent.invalidated.v1':
    case 'attesta.consent.given.v1':
    case 'attesta.consent.renewed.v1': {
      const { purposes, categories, channelPreferences: channels } = data as EventTypes[typeof type];
      const stands = type === 'attesta.consent.given.v1' || type === 'attesta.consent.renewed.v1';
      return { trigger: 'consent-withdrawn', state: stands ? 'revoked' : 'occurred', at, purposes, categories, channels };
    }
    case 'attesta.age.attested.v1': {
      const { rules } = data as EventTypes[typeof type];
      const isTooYoung = policy.ages.some(({ id, collection }) => collection === 'refused' && rules.includes(id));
      return { trigger: 'minor-found', state: isTooYoung ? 'occurred' : 'revoked', at };
    }
    case 'attesta.request.erasure-instructed.v1': {
      const { categories, survivors } = data as EventTypes[typeof type];
      const asked = [...new Set([...categories, ...survivors.map(({ category }) => category)])];
      return { trigger: ERASURE_ASKED, state: 'occurred', at, categories: asked.length > 0 ? asked : undefined };
    }
    default:
      return undefined;
  }
}

/** Consents by channel, folded: withdrawn once no channel is left. @param told in the order of the log */
export function settled(told: readonly Told[]): Occurrence[] {
  const standing = new Map<string, Set<string>>();
  return told.flatMap((one): Occurrence[] => {
    if (one.trigger !== 'consent-withdrawn' || !one.purposes) return [one];
    return one.purposes.flatMap((purpose): Occurrence[] => {
      const about = `${purpose} ${one.categories?.join() ?? ''}`;
      const channels = standing.get(about) ?? new Set();
      standing.set(about, channels);
      if (one.state === 'revoked') for (const channel of one.channels ?? []) channels.add(channel);
      else if (one.channels) for (const channel of one.channels) channels.delete(channel);
      else channels.clear();
      return one.state === 'occurred' && channels.size > 0 ? [] : [{ ...one, purposes: [purpose] }];
    });
  });
}

import type { Entry, EventTypes } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import { ERASURE_ASKED, type Occurrence } from './schedule.js';

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

/** Consents by category and channel, folded: withdrawn from where no channel is left. */
export function settled(policy: Policy, told: readonly Told[]): Occurrence[] {
  const standings = new Map<string, Standing>();
  return told
    .toSorted((a, b) => a.at - b.at)
    .flatMap((one) => {
      if (one.trigger !== 'consent-withdrawn' || !one.purposes) return [one];
      return one.purposes.flatMap((purpose) => {
        const standing = standings.get(purpose) ?? new Standing(policy, purpose);
        standings.set(purpose, standing);
        return standing.settle(one);
      });
    });
}

const REST = '';

/** By which channels the consent to a purpose stands, for each category that a choice named and for the rest. */
class Standing {
  private readonly open = new Map<string, Set<string>>([[REST, new Set()]]);
  private readonly channels: readonly string[] | undefined;

  constructor(
    private readonly policy: Policy,
    private readonly purpose: string,
  ) {
    this.channels = policy.purposes.get(purpose)?.channels;
  }

  /** A choice without channels is about all of them, and so is every choice about a purpose that has none. */
  settle({ trigger, state, at, channels, categories }: Told): Occurrence[] {
    const meant = this.channels ? (channels ?? this.channels) : ['all'];
    for (const category of categories ?? []) if (!this.open.has(category)) this.open.set(category, new Set(this.open.get(REST)));
    const about = categories ?? [...this.open.keys()];
    for (const category of about) {
      const open = this.open.get(category)!;
      for (const channel of meant) {
        if (state === 'revoked') open.add(channel);
        else open.delete(channel);
      }
    }
    const isOver = (category: string) => this.open.get(category)!.size === 0;
    const occurrence = (became: Told['state'], those: readonly string[]): Occurrence[] =>
      those.length === 0 ? [] : [{ trigger, state: became, at, purposes: [this.purpose], categories: this.named(those) }];
    return [
      ...(state === 'occurred' ? occurrence('occurred', about.filter(isOver)) : []),
      ...occurrence(
        'revoked',
        about.filter((category) => !isOver(category)),
      ),
    ];
  }

  private named(about: readonly string[]): string[] | undefined {
    if (about.length === this.open.size) return undefined;
    const rest = about.includes(REST) ? [...this.policy.categories.keys()].filter((category) => !this.open.has(category)) : [];
    return [...about.filter((category) => category !== REST), ...rest];
  }
}

import { inForce, standingOf, type ConsentStatus, type PersonRecord, type RecordedChoice } from '@attesta/decisions';
import type { Policy } from '@attesta/policy';

/** What was last said of a person, by `purpose|channel|category`. */
export type Decided = Readonly<Record<string, { status: ConsentStatus; source: string; id: string }>>;

/** Something to be said: a purpose of a person now stands otherwise. */
export interface Change {
  purpose: string;
  status: Exclude<ConsentStatus, 'none'>;
  /** The choice it rests on. */
  choice: RecordedChoice;
  /** Channels it is about, where not about all that the purpose has. */
  channels?: string[];
  categories?: string[];
}

export interface Transition {
  after: Decided;
  changes: Change[];
  /** When the next consent runs out, in milliseconds. */
  due: number | undefined;
}

/**
 * What there is to say about a person at an instant, given what was said before. Saying it twice says nothing new: a withdrawal of what was
 * never given, a repeated one, and a late report that changes nothing are no decisions.
 * @param now milliseconds
 */
export function transition(before: Decided, record: PersonRecord, policy: Policy, now: number): Transition {
  const after: Record<string, Decided[string]> = {};
  const groups = new Map<string, { change: Change; channels: Set<string | undefined>; categories: Set<string | undefined> }>();
  for (const scope of scopesOf(record, policy)) {
    const { purpose, channel, category } = scope;
    const sensitive = category !== undefined && policy.categories.get(category)?.sensitive === true;
    const { status, choice } = standingOf(record, { purpose, channel, category, sensitive, at: now });
    if (status === 'none' || choice === undefined) continue;
    const key = keyOf(scope);
    after[key] = { status, source: choice.source, id: choice.id };
    if (!isNews(before[key], status, choice)) continue;
    const group = [purpose, status, choice.source, choice.id].join('\n');
    const found = groups.get(group) ?? { change: { purpose, status, choice }, channels: new Set(), categories: new Set() };
    found.channels.add(channel);
    found.categories.add(category);
    groups.set(group, found);
  }
  const ends = record.choices.map(({ expiresAt }) => expiresAt).filter((at) => at !== undefined && at > now);
  return {
    after,
    changes: [...groups.values()].map(({ change, channels, categories }) => ({
      ...change,
      ...partOf('channels', channels, policy.purposes.get(change.purpose)?.channels),
      ...partOf('categories', categories, undefined),
    })),
    due: ends.length === 0 ? undefined : Math.min(...ends.map((at) => at!)),
  };
}

/** A decision as it was said. */
export interface Said {
  purpose: string;
  status: Change['status'];
  /** The choice it rests on. */
  cause: { source: string; id: string };
  channels?: readonly string[] | undefined;
  categories?: readonly string[] | undefined;
}

/** What was last said of a person, from everything that was said, in order: `decided` of a transition, for whoever lost it. */
export function decidedFrom(said: readonly Said[], record: PersonRecord, policy: Policy): Decided {
  const decided: Record<string, Decided[string]> = {};
  for (const { purpose, channel, category } of scopesOf(record, policy)) {
    const last = said.findLast(
      (one) =>
        one.purpose === purpose &&
        (one.channels === undefined || (channel !== undefined && one.channels.includes(channel))) &&
        (one.categories === undefined || (category !== undefined && one.categories.includes(category))),
    );
    if (last) decided[keyOf({ purpose, channel, category })] = { status: last.status, ...last.cause };
  }
  return decided;
}

interface Scope {
  purpose: string;
  channel: string | undefined;
  category: string | undefined;
}

const keyOf = ({ purpose, channel, category }: Scope): string => [purpose, channel ?? '', category ?? ''].join('|');

/** Everything that may stand differently: each channel a purpose has, and each category that some choice names. */
function scopesOf({ choices }: PersonRecord, policy: Policy): Scope[] {
  const purposes = new Map<string, Set<string | undefined>>();
  for (const { purpose, categories } of choices) {
    const known = purposes.get(purpose) ?? new Set<string | undefined>();
    if (categories === undefined) known.add(undefined);
    else for (const category of categories) known.add(category);
    purposes.set(purpose, known);
  }
  return [...purposes].flatMap(([purpose, categories]) => {
    const channels: (string | undefined)[] = policy.purposes.get(purpose)?.channels ?? [undefined];
    return channels.flatMap((channel) => [...categories].map((category) => ({ purpose, channel, category })));
  });
}

function isNews(before: Decided[string] | undefined, status: ConsentStatus, choice: RecordedChoice): boolean {
  if (before === undefined) return status !== 'withdrawn' && status !== 'revoked';
  const same = before.source === choice.source && before.id === choice.id;
  if (before.status === status) return !same && (inForce(status) || status === 'requested' || status === 'invalidated');
  // An earlier yes that came late makes this one a renewal in hindsight: nothing happened.
  return !(same && inForce(before.status) && inForce(status));
}

function partOf<K extends 'channels' | 'categories'>(
  name: K,
  found: ReadonlySet<string | undefined>,
  all: readonly string[] | undefined,
): Partial<Record<K, string[]>> {
  const named = [...found].filter((one) => one !== undefined).sort();
  if (found.has(undefined) || named.length === 0 || named.length === all?.length) return {};
  return { [name]: named } as Partial<Record<K, string[]>>;
}

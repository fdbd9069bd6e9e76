import { events, type Entry } from '@attesta/events';

/** Members of an entry's data that lead to a person through other systems, or in which somebody wrote what they liked. Nothing of these stays. */
export const POINTERS: ReadonlySet<string> = new Set([
  'context',
  'matter',
  'legalReference',
  'basisCitation',
  'capacity',
  'evidence',
  'reason',
  'note',
  // Of another event: its publisher chose them.
  'source',
  'id',
]);

type Named = { subject: string };

/** People who are forgotten. */
export type ForgottenPeople = Pick<ReadonlySet<string>, 'has' | 'size'>;

/** Everybody an entry names: its own subject first, then those it relates to, holds sealed values of, or tells of the keys of; each once. */
export function peopleIn({ subject, sealed, data }: Entry): string[] {
  const own = subject ? [subject.id] : [];
  if (!data.related && !data.keys && !sealed) return own;
  const others = [...((data.related ?? []) as Named[]), ...(sealed ?? []), ...keysIn(data)];
  return [...new Set([...own, ...others.map((one) => one.subject)])];
}

/**
 * An entry as registers may show it: it names nobody who is forgotten but its own subject, and where that is forgotten (or all whom it is about, if it
 * has none) it leads to nobody. What was done, to which categories, for which purposes, on which basis and when, stays; and the entry itself stays in
 * the log, which is never changed. Whoever is forgotten later is left out of what is left now as of the entry as it was sealed.
 * @returns the entry itself where it names nobody who is forgotten
 */
export function remainsOf(entry: Entry, forgotten: ForgottenPeople): Entry {
  if (forgotten.size === 0) return entry;
  const people = peopleIn(entry);
  if (!people.some((one) => forgotten.has(one))) return entry;
  const own = entry.subject?.id;
  const theirs = own === undefined ? people.every((one) => forgotten.has(one)) : forgotten.has(own);
  const stays = ({ subject }: Named) => (theirs ? subject === own : !forgotten.has(subject));
  const { actor, sealed, data, ...rest } = entry;
  const { related, ...said } = data as { related?: Named[] } & Record<string, unknown>;
  const keys = keysIn(data);
  return {
    ...rest,
    ...(actor !== undefined && (!theirs || wasWatching(entry)) && { actor }),
    data: {
      ...(theirs ? withoutPointers(said, (events.get(entry.type)?.dataSchema ?? {}) as Shape) : said),
      ...someOf('related', theirs ? [] : (related ?? []).filter(stays)),
      ...(keys.length > 0 && { keys: keys.filter(stays) }),
    },
    ...someOf('sealed', theirs ? [] : (sealed ?? []).filter(stays)),
  };
}

/** Who looked at a person's data stays accountable for it; else the actor may be the person. */
const wasWatching = ({ type, data }: Entry): boolean => type.startsWith('attesta.access.recorded.') && data.role !== 'subject';

const keysIn = ({ keys }: Record<string, unknown>): Named[] =>
  Array.isArray(keys) ? keys.filter((key): key is Named => typeof key === 'object') : [];

const someOf = <K extends string, T>(name: K, items: T[]) => (items.length === 0 ? {} : { [name]: items });

interface Shape {
  enum?: unknown[];
  items?: Shape;
  properties?: Record<string, Shape>;
}

/** What the schema knows and no pointer holds; one of a few words is no pointer, whatever its name. */
function withoutPointers<T>(value: T, shape: Shape): T {
  if (Array.isArray(value)) return value.map((item) => withoutPointers<unknown>(item, shape.items ?? {})) as T;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const field = shape.properties?.[name];
    if (!field || (POINTERS.has(name) && !field.enum)) return [];
    return [[name, withoutPointers(inner, field)]];
  });
  return Object.fromEntries(members) as T;
}

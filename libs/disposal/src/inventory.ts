import type { Entry, EventTypes } from '@attesta/events';
import type { Policy } from '@attesta/policy';

/** One line of the inventory: a sealed part, or (below 0) what systems alone hold of one retention class. */
export interface Part {
  position: number;
  part: number;
  subject: string;
  class: string;
  /** `<retention class>.<version>`; null where no value is sealed. */
  key: string | null;
  categories: string[];
  purposes: string[];
  jurisdiction: string;
  /** Milliseconds. */
  collectedAt: number;
}

type Lawful = Pick<EventTypes['attesta.collection.recorded.v1'], 'categories' | 'purposes' | 'jurisdiction' | 'controller'>;

/**
 * What an entry adds to the inventory: all that is collected, and whatever has sealed values. A value's categories are those of the event that belong to
 * its key's class; of other people in the event, all of the class where the event does not tell.
 */
export function partsOf(policy: Policy, position: number, { type, subject, time, data, sealed = [] }: Entry): Part[] {
  const isCollection = type === 'attesta.collection.recorded.v1';
  if (!isCollection && sealed.length === 0) return [];
  const { categories = [], purposes = [], jurisdiction, controller } = data as Partial<Lawful>;
  const common = {
    position,
    purposes,
    jurisdiction: jurisdiction ?? (policy.controllers.get(controller ?? '') ?? policy.defaultController).jurisdictions[0]!,
    collectedAt: Date.parse(time),
  };
  const classOf = (category: string) => policy.categories.get(category)?.retentionClass ?? category;
  const parts = sealed.map((one, part): Part => {
    const retentionClass = one.key.slice(0, one.key.lastIndexOf('.'));
    const named = categories.filter((category) => classOf(category) === retentionClass);
    const all = [...policy.categories.values()].filter((category) => category.retentionClass === retentionClass).map(({ id }) => id);
    return { ...common, part, subject: one.subject, class: retentionClass, key: one.key, categories: named.length > 0 ? named : all };
  });
  if (!isCollection || !subject) return parts;
  const kept = new Set(parts.filter((part) => part.subject === subject.id).flatMap((part) => part.categories));
  const elsewhere = new Map<string, string[]>();
  for (const category of categories) {
    if (kept.has(category)) continue;
    elsewhere.set(classOf(category), [...(elsewhere.get(classOf(category)) ?? []), category]);
  }
  for (const [retentionClass, held] of elsewhere) {
    parts.push({
      ...common,
      part: -1 - (parts.length - sealed.length),
      subject: subject.id,
      class: retentionClass,
      key: null,
      categories: held,
    });
  }
  return parts;
}

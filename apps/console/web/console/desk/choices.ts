import { useLanguage, type Language } from '../../kit/words.js';
import { usePolicy, type OpenPolicy } from '../policy.js';
import type { Option } from './fields.js';

interface Titled {
  id: string;
  title: string;
  title_th?: string;
}

type List = 'categories' | 'purposes' | 'rights' | 'jurisdictions' | 'retentionClasses';

/** What can be chosen from the policy, in the reader's words. */
export interface Choices {
  all: (list: List) => Option[];
  /** Those with these ids. */
  some: (list: List, ids: readonly string[]) => Option[];
  title: (list: List, id: string) => string;
  /** Grounds on which the law lets a request be refused, each with its citation: there is no refusal without one. */
  grounds: (right: string, jurisdiction: string) => Option[];
  ground: (id: string, jurisdiction: string) => string;
  /** The law that gives a right. */
  citation: (right: string, jurisdiction: string) => string | undefined;
  /** Whether the law gives more time at all. */
  extendable: (right: string, jurisdiction: string) => boolean;
  controllers: Option[];
}

export function useChoices(): Choices {
  const { data } = usePolicy();
  const language = useLanguage();
  return choicesOf(data, language);
}

export function choicesOf(policy: OpenPolicy | undefined, language: Language): Choices {
  const titled = ({ title, title_th }: Titled): string => (language === 'th' ? (title_th ?? title) : title);
  const items = (list: List): readonly Titled[] => policy?.[list] ?? [];
  const options = (list: readonly Titled[]): Option[] => list.map((item) => ({ value: item.id, label: titled(item) }));
  const title = (list: List, id: string): string => {
    const found = items(list).find((item) => item.id === id);
    return found ? titled(found) : id;
  };
  const refusals = policy?.refusals ?? [];
  return {
    title,
    all: (list) => options(items(list)),
    some: (list, ids) => ids.map((id) => ({ value: id, label: title(list, id) })),
    grounds: (right, jurisdiction) =>
      refusals
        .filter((refusal) => refusal.rights.includes(right) && refusal.jurisdiction === jurisdiction)
        .map((refusal) => ({ value: refusal.id, label: `${titled(refusal)} (${refusal.citation})` })),
    ground: (id, jurisdiction) => {
      const found = refusals.find((refusal) => refusal.id === id && refusal.jurisdiction === jurisdiction);
      return found ? `${titled(found)} (${found.citation})` : id;
    },
    citation: (right, jurisdiction) => policy?.rights.find(({ id }) => id === right)?.citations[jurisdiction],
    extendable: (right, jurisdiction) =>
      policy?.clocks.some((clock) => clock.right === right && clock.jurisdiction === jurisdiction && clock.extension !== undefined) ??
      false,
    controllers: (policy?.controllers ?? []).map(({ id, name }) => ({ value: id, label: name })),
  };
}

import { useLanguage } from '../../../kit/words.js';
import { namesOf, usePolicy, type Named, type OpenPolicy } from '../../policy.js';
import type { Suggestion, Vocabulary } from './completion.js';
import { QUALIFIER_NAMES, useQualifierWords } from './qualifiers.words.js';

const KINDS =
  'access age breach collection consent disclosure disposal finding guardian hold identifier key message notice objection purpose request restriction retention use';
const CHANNELS = 'web app phone email paper in-person partner system';
const bare = (words: string): Suggestion[] => words.split(' ').map((text) => ({ text, about: '' }));

/** What can be written in a query: qualifiers, and values that the policy names. */
export function useVocabulary(): { names: Suggestion[]; values: Vocabulary } {
  const say = useQualifierWords();
  const language = useLanguage();
  const { data } = usePolicy();
  const name = namesOf(data, language);
  const named = (kind: Named, items: readonly { id: string }[] = []): Suggestion[] =>
    [...new Set(items.map(({ id }) => id))].map((id) => ({ text: id, about: name(kind, id) }));
  return {
    names: QUALIFIER_NAMES.map((one) => ({ text: `${one}:`, about: say(one) })),
    values: {
      type: bare(KINDS).map(({ text }) => ({ text: `${text}.*`, about: '' })),
      channel: bare(CHANNELS),
      recipient: named('party', data?.parties),
      purpose: named('purpose', data?.purposes),
      category: named('category', data?.categories),
      method: named('method', data?.methods),
      basis: named('basis', basesOf(data)),
      clause: clausesOf(data),
      source: [{ text: '//attesta/*', about: '' }],
    },
  };
}

const basesOf = (policy: OpenPolicy | undefined) => policy?.jurisdictions.flatMap(({ bases }) => bases) ?? [];

function clausesOf(policy: OpenPolicy | undefined): Suggestion[] {
  if (!policy) return [];
  const all: { clauses?: string[] }[] = [
    ...policy.categories,
    ...policy.purposes,
    ...policy.methods,
    ...policy.occasions,
    ...policy.rights,
    ...policy.parties,
  ];
  const clauses = new Set(all.flatMap((one) => one.clauses ?? []));
  return [...clauses].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).map((text) => ({ text, about: '' }));
}

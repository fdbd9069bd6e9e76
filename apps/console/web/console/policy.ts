import type {
  AgeRule,
  Category,
  Clock,
  Controller,
  Duty,
  Jurisdiction,
  Method,
  Notice,
  Occasion,
  Party,
  Purpose,
  Refusal,
  RetentionClass,
  RetentionRule,
  Right,
  Service,
  Trigger,
} from '@attesta/policy';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useApi } from '../kit/answers.js';
import type { ProblemError } from '../kit/api.js';
import { useLanguage, type Language } from '../kit/words.js';

/** `GET /v1/policy` of the consent service. */
export interface OpenPolicy {
  id: string;
  title: string;
  version: string;
  controllers: Controller[];
  notices: Notice[];
  jurisdictions: Jurisdiction[];
  retentionClasses: RetentionClass[];
  categories: Category[];
  occasions: Occasion[];
  methods: Method[];
  purposes: Purpose[];
  services: Service[];
  parties: Party[];
  rights: Right[];
  duties: Duty[];
  clocks: Clock[];
  refusals: Refusal[];
  ages: AgeRule[];
  triggers: Trigger[];
  retention: RetentionRule[];
  backupsKeptFor: string;
}

const TEN_MINUTES = 600_000;

export function usePolicy() {
  const api = useApi();
  return useQuery<OpenPolicy, ProblemError>({
    queryKey: ['/v1/policy'],
    queryFn: () => api.get('/v1/policy'),
    staleTime: TEN_MINUTES,
  });
}

export type Named =
  'category' | 'purpose' | 'party' | 'method' | 'occasion' | 'basis' | 'right' | 'service' | 'jurisdiction' | 'trigger' | 'refusal';
/** What an id of the policy is called; the id itself where the policy does not know it, or is not here yet. */
export type NameOf = (kind: Named, id: string) => string;

interface Titled {
  id: string;
  title: string;
  title_th?: string;
}

const LISTS = {
  category: 'categories',
  purpose: 'purposes',
  party: 'parties',
  method: 'methods',
  occasion: 'occasions',
  right: 'rights',
  service: 'services',
  jurisdiction: 'jurisdictions',
  trigger: 'triggers',
  refusal: 'refusals',
} as const;

export function namesOf(policy: OpenPolicy | undefined, language: Language): NameOf {
  if (!policy) return (_kind, id) => id;
  const title = (one: Titled): string => (language === 'th' ? (one.title_th ?? one.title) : one.title);
  const named = (all: readonly Titled[]) => new Map(all.map((one) => [one.id, title(one)]));
  const names = new Map<Named, Map<string, string>>(Object.entries(LISTS).map(([kind, list]) => [kind as Named, named(policy[list])]));
  // What the first jurisdiction calls a basis is what it is called.
  names.set('basis', named(policy.jurisdictions.toReversed().flatMap(({ bases }) => bases)));
  return (kind, id) => names.get(kind)?.get(id) ?? id;
}

export function useNames(): NameOf {
  const { data } = usePolicy();
  const language = useLanguage();
  return useMemo(() => namesOf(data, language), [data, language]);
}

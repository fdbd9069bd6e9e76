import type { Basis, Party, TransferGround } from '@attesta/policy';
import type { OpenPolicy } from '../../policy.js';

/** Parts of the policy that are lists, in the order in which they are offered. */
export const PARTS = [
  'purposes',
  'categories',
  'parties',
  'retention',
  'clocks',
  'rights',
  'refusals',
  'bases',
  'transferGrounds',
  'methods',
  'occasions',
  'services',
  'ages',
  'triggers',
  'controllers',
] as const;
export type PartName = (typeof PARTS)[number];

type OfLaw<T> = T & { jurisdiction: string };
export type PartItem<N extends PartName> = N extends 'bases'
  ? OfLaw<Basis>
  : N extends 'transferGrounds'
    ? OfLaw<TransferGround>
    : N extends keyof OpenPolicy
      ? OpenPolicy[N] extends (infer T)[]
        ? T
        : never
      : never;

export function itemsOf<N extends PartName>(policy: OpenPolicy, part: N): PartItem<N>[] {
  const ofLaws = (list: 'bases' | 'transferGrounds') =>
    policy.jurisdictions.flatMap((law) => law[list].map((item) => ({ ...item, jurisdiction: law.id })));
  const list: PartName = part;
  return (list === 'bases' || list === 'transferGrounds' ? ofLaws(list) : policy[list]) as PartItem<N>[];
}

/** Whether anything that the policy says of an item begins or holds what is looked for; a clause is looked for with those below it. */
export function speaksOf(item: object, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return true;
  const { clauses = [] } = item as { clauses?: string[] };
  if (/^\d+(?:\.\d+)*$/.test(wanted)) return clauses.some((clause) => clause === wanted || clause.startsWith(`${wanted}.`));
  return JSON.stringify(item).toLowerCase().includes(wanted);
}

/** Methods by which what was collected may not go to a party: it goes to contractors alone, and to authorities (notice clause 3.1). */
export const barredFrom = ({ methods }: OpenPolicy, { role, contractorFor = [] }: Party): string[] =>
  role === 'authority'
    ? []
    : methods.filter(({ id, onlyTo }) => onlyTo === 'contractors' && !contractorFor.includes(id)).map(({ id }) => id);

import type { UseQueryResult } from '@tanstack/react-query';
import { useAnswer } from '../../kit/answers.js';
import type { ProblemError } from '../../kit/api.js';
import { useLanguage, type Language } from '../../kit/words.js';

export interface Titled {
  title: string;
  titleTh: string | null;
}

/** `GET /v1/center` of the requests service: what the notice makes public. */
export interface Center {
  company: { name: string; officer: string | null; address: string | null; email: string | null; phone: string | null; url: string | null };
  laws: Law[];
  notice: { version: string; effectiveFrom: string; languages: string[] } | null;
  rights: Right[];
  purposes: Purpose[];
  categories: (Titled & { category: string; sensitive: boolean })[];
  recipients: (Titled & { party: string })[];
  /** What one gets that ends or is limited without a consent. */
  services: (Titled & { service: string })[];
  refusals: (Titled & { ground: string; citation: string })[];
}

export type Law = Titled & { jurisdiction: string; authority: Titled };

export interface Right extends Titled {
  right: string;
  clauses: string[];
  laws: {
    jurisdiction: string;
    citation: string;
    clock: { duration: string; starts: 'receipt' | 'verified' | 'sufficient_information'; extendable: boolean } | null;
  }[];
}

export interface Purpose extends Titled {
  purpose: string;
  clauses: string[];
  consent: boolean;
  separable: boolean;
  objection: 'none' | 'decision' | 'absolute';
  channels: string[];
  noticeVersion: string | null;
}

export const useCenter = (): UseQueryResult<Center, ProblemError> => useAnswer<Center>('/v1/center');

export interface Said {
  text: string;
  /** Where the text is not in the language of the page: what it is in, for screen readers (WCAG 3.1.2). */
  lang?: 'en';
}

/** A title of the policy in the reader's language; in English where it has no other. */
export const said = ({ title, titleTh }: Titled, language: Language): Said =>
  language === 'en' ? { text: title } : titleTh === null ? { text: title, lang: 'en' } : { text: titleTh };

/** `<Policy of={purpose} />` is for text; this is for attributes and sentences. */
export function useSaid(): (item: Titled) => string {
  const language = useLanguage();
  return (item) => said(item, language).text;
}

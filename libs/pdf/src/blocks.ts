/** The same in English and Thai. */
export interface Bilingual {
  en: string;
  th: string;
}

/** A paragraph in one language; `code` is what machines read. */
export interface Line {
  text: string;
  language: 'en' | 'th' | 'code';
}

export type Block =
  | { kind: 'title' | 'heading' | 'paragraph'; lines: Line[] }
  /** A labelled fact. */
  | { kind: 'row'; label: Bilingual; lines: Line[] };

export const en = (text: string): Line => ({ text, language: 'en' });
export const th = (text: string): Line => ({ text, language: 'th' });
export const code = (text: string): Line => ({ text, language: 'code' });
/** What is the same in both languages, as a name, is said once. */
export const both = (text: Bilingual): Line[] => (text.en === text.th ? [en(text.en)] : [en(text.en), th(text.th)]);
export const title = (english: string, thai: string): Block => ({ kind: 'title', lines: both({ en: english, th: thai }) });
export const heading = (english: string, thai: string): Block => ({ kind: 'heading', lines: both({ en: english, th: thai }) });
export const paragraph = (text: Bilingual): Block => ({ kind: 'paragraph', lines: both(text) });
export const row = (english: string, thai: string, lines: Line[]): Block => ({ kind: 'row', label: { en: english, th: thai }, lines });

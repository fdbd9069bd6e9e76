import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';

export const LANGUAGES = ['en', 'th'] as const;
export type Language = (typeof LANGUAGES)[number];

const KEPT = 'attesta.language';

/** The language of the address (`?lang=`), else the one chosen before, else the browser's. */
export function startWords(): void {
  void i18next.use(initReactI18next).init({
    lng: firstLanguage(),
    fallbackLng: 'en',
    supportedLngs: [...LANGUAGES],
    resources: {},
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  document.documentElement.lang = i18next.language;
}

function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(KEPT) ?? navigator.language;
  return asked.toLowerCase().startsWith('th') ? 'th' : 'en';
}

export function speak(language: Language): void {
  localStorage.setItem(KEPT, language);
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
}

export function useLanguage(): Language {
  return useTranslation().i18n.language === 'th' ? 'th' : 'en';
}

/** `events` where there are `events_one` and `events_other`. */
type Key<W> = keyof W extends infer K ? (K extends `${infer Stem}_${'one' | 'other'}` ? Stem : K & string) : never;
export type Say<W> = (key: Key<W>, values?: Record<string, unknown>) => string;

const defined: { namespace: string; en: Record<string, string>; th: Record<string, string> }[] = [];

/**
 * The words of a part of the pages, in both languages; i18next's `{{value}}` and plurals by `count`. Thai has no plurals: it gives `_other` alone.
 * @returns a hook whose result says a key
 */
export function defineWords<const W extends Record<string, string>>(
  namespace: string,
  en: W,
  th: { [K in keyof W as K extends `${string}_one` ? never : K]: string },
): () => Say<W> {
  defined.push({ namespace, en, th });
  const add = () => {
    i18next.addResourceBundle('en', namespace, en);
    i18next.addResourceBundle('th', namespace, th);
  };
  if (i18next.isInitialized) add();
  else i18next.on('initialized', add);
  return () => useTranslation(namespace).t as unknown as Say<W>;
}

/** All that was defined so far, for the spec that compares the languages. */
export const definedWords = () => defined;

import { useKitWords } from './kit.words.js';
import { LANGUAGES, speak, useLanguage } from './words.js';

const NAMES = { en: 'English', th: 'ไทย' } as const;

export function LanguageSwitch() {
  const say = useKitWords();
  const language = useLanguage();
  return (
    <span role="group" aria-label={say('language')} className="languages">
      {LANGUAGES.map((one) => (
        <button key={one} type="button" lang={one} aria-pressed={one === language} onClick={() => speak(one)}>
          {NAMES[one]}
        </button>
      ))}
    </span>
  );
}

import type { Entry } from '@attesta/events';
import { dateTime } from '../../kit/dates.js';
import { useLanguage } from '../../kit/words.js';
import { useCodes } from '../codes.words.js';
import { useNames } from '../policy.js';
import { sentenceOf } from './sentence.js';
import { useSentenceWords } from './sentences.words.js';

/** Says what happened in plain words; the type where there are none. */
export function useSentence(): (entry: Pick<Entry, 'type' | 'data'>) => string {
  const say = useSentenceWords();
  const language = useLanguage();
  const name = useNames();
  const code = useCodes();
  const list = (parts: string[]) => new Intl.ListFormat(language, { type: 'unit', style: 'long' }).format(parts);
  return (entry) => {
    const sentence = sentenceOf(entry, { name, code, list, time: (time) => dateTime(time, language) });
    return sentence ? say(sentence.key, sentence.values) : entry.type;
  };
}

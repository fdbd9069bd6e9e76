import { useState } from 'react';
import { useChoices } from '../../desk/choices.js';
import { Checks, ReasonField, SelectField, TextField } from '../../desk/fields.js';
import { allOf, textOf, timeOf } from '../../desk/form.js';
import { BreachStep } from './breach-actions.js';
import type { BreachView } from './breach.js';
import { useBreachesWords } from './breaches.words.js';

const PARTS = [
  ['what', 'what'],
  ['likely', 'likely'],
  ['measures', 'done'],
  ['advice', 'advice'],
] as const;

/** Words for people, in both languages, to those who were named or of whom data was collected. */
export function OrderNotice({ breach }: { breach: BreachView }) {
  const say = useBreachesWords();
  const choices = useChoices();
  const [to, setTo] = useState('named');
  return (
    <BreachStep
      {...{ breach, step: 'notice' }}
      label={say('order')}
      says={say('orderSays')}
      kind="danger"
      body={(form) => ({
        words: { en: wordsOf(form, 'en'), th: wordsOf(form, 'th') },
        categories: allOf(form, 'categories'),
        collectedFrom: timeOf(form, 'collectedFrom'),
        collectedUntil: timeOf(form, 'collectedUntil'),
      })}
      done={say('orderDone')}
    >
      <SelectField
        name="to"
        label={say('orderTo')}
        value={to}
        onChange={({ target }) => setTo(target.value)}
        options={[
          { value: 'named', label: say('orderNamed') },
          { value: 'data', label: say('orderData') },
        ]}
        required
      />
      {to === 'data' && (
        <>
          <Checks
            name="categories"
            legend={say('categories')}
            options={choices.some('categories', breach.facts.categories)}
            chosen={breach.facts.categories}
          />
          <TextField name="collectedFrom" type="datetime-local" label={say('collectedFrom')} />
          <TextField name="collectedUntil" type="datetime-local" label={say('collectedUntil')} />
        </>
      )}
      {(['en', 'th'] as const).map((language) => (
        <fieldset className="group" key={language}>
          <legend>{say(language === 'en' ? 'inEnglish' : 'inThai')}</legend>
          {PARTS.map(([part, word]) => (
            <ReasonField bare key={part} name={`${language}-${part}`} label={say(word)} most={2000} lang={language} />
          ))}
        </fieldset>
      ))}
    </BreachStep>
  );
}

const wordsOf = (form: FormData, language: 'en' | 'th') =>
  Object.fromEntries(PARTS.map(([part]) => [part, textOf(form, `${language}-${part}`)]));

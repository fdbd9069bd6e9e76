import { useSaid, type Center } from '../base/center.js';
import { Field } from '../base/fields.js';
import { useFieldWords } from './field.words.js';
import { OTHER_FIELD, WRONG, type RightForm } from './right-form.js';
import { useRightsWords } from './rights.words.js';

interface Props {
  center: Center;
  changes: RightForm['changes'];
  lacks: readonly number[];
  onChange: (changes: RightForm['changes']) => void;
}

const MOST = 32;

/** What is wrong, and how it is right: one or several. */
export function Changes({ center, changes, lacks, onChange }: Props) {
  const say = useRightsWords();
  const set = (at: number, part: Partial<RightForm['changes'][number]>) =>
    onChange(changes.map((change, i) => (i === at ? { ...change, ...part } : change)));
  return (
    <>
      {changes.map(({ wrong, value }, i) => (
        <fieldset key={i}>
          <legend>{say('change')}</legend>
          <Field label={say('whatData')}>
            {(field) => (
              <select
                {...field}
                aria-invalid={lacks.includes(i) && wrong === ''}
                value={wrong}
                onChange={({ target }) => set(i, { wrong: target.value })}
              >
                <option value="" />
                <Wrong center={center} />
              </select>
            )}
          </Field>
          <Field label={say('correct')} error={lacks.includes(i) ? say('correctMissing') : undefined}>
            {(field) => <input {...field} maxLength={4000} value={value} onChange={({ target }) => set(i, { value: target.value })} />}
          </Field>
          {changes.length > 1 && (
            <button type="button" onClick={() => onChange(changes.filter((_, other) => other !== i))}>
              {say('removeChange')}
            </button>
          )}
        </fieldset>
      ))}
      {changes.length < MOST && (
        <p>
          <button type="button" onClick={() => onChange([...changes, { wrong: '', value: '' }])}>
            {say('anotherChange')}
          </button>
        </p>
      )}
    </>
  );
}

function Wrong({ center: { categories } }: { center: Center }) {
  const say = useFieldWords();
  const saidOf = useSaid();
  const known = new Set(categories.map(({ category }) => category));
  const named = WRONG.filter((one) => known.has(one.split('/')[0]!));
  return (
    <>
      {named.map((one) => (
        <option key={one} value={one}>
          {say(one)}
        </option>
      ))}
      <optgroup label={say('else')}>
        {categories.map((one) => (
          <option key={one.category} value={`${one.category}/${OTHER_FIELD}`}>
            {saidOf(one)}
          </option>
        ))}
      </optgroup>
    </>
  );
}

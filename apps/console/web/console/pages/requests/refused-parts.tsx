import { Button } from 'antd';
import { useState } from 'react';
import { useChoices } from '../../desk/choices.js';
import { SelectField } from '../../desk/fields.js';
import type { RequestView } from './request.js';
import { useRequestsWords } from './requests.words.js';

/** Categories that are refused while the rest is accepted, each on a ground of the law. */
export function RefusedParts({ request: { right, jurisdiction } }: { request: RequestView }) {
  const say = useRequestsWords();
  const { all, grounds } = useChoices();
  const [keys, setKeys] = useState<number[]>([]);
  const possible = grounds(right, jurisdiction);
  if (possible.length === 0) return null;
  return (
    <fieldset className="group">
      <legend>{say('refuseParts')}</legend>
      <p className="help">{say('refusePartsHelp')}</p>
      {keys.map((key) => (
        <div className="filters" key={key}>
          <SelectField name="category" label={say('category')} options={all('categories')} required />
          <SelectField name="ground" label={say('ground')} options={possible} required />
          <Button onClick={() => setKeys(keys.filter((one) => one !== key))}>{say('removePart')}</Button>
        </div>
      ))}
      <p>
        <Button onClick={() => setKeys([...keys, Math.max(0, ...keys) + 1])}>{say('addPart')}</Button>
      </p>
    </fieldset>
  );
}

export function partsOf(form: FormData): { category: string; ground: string }[] {
  const grounds = form.getAll('ground');
  return form.getAll('category').map((category, i) => ({ category: String(category), ground: String(grounds[i]) }));
}

import { Button } from 'antd';
import { Fragment, type SubmitEvent } from 'react';
import { useAddress } from '../../address.js';
import { useCodes } from '../../codes.words.js';
import { SelectField, TextField } from '../../desk/fields.js';
import { useDeskWords } from '../../desk/desk.words.js';
import { textOf } from '../../desk/form.js';
import { useFormKey } from '../../form-key.js';
import { useNames, usePolicy, type Named, type OpenPolicy } from '../../policy.js';
import type { Filter, RegisterDefinition } from './register-list.js';
import { useRegisterWords } from './registers.words.js';

/** Filters of a register; what is chosen is in the address. */
export function Filters({ of: { filters, personal } }: { of: RegisterDefinition }) {
  const say = useRegisterWords();
  const names = [...filters.map(({ name }) => name), ...(personal ? ['subject'] : [])];
  const [chosen, change] = useAddress(...names);
  const textIn = (values: Partial<Record<string, string>>) => JSON.stringify(names.map((name) => values[name] ?? ''));
  const [key, submitting] = useFormKey(textIn(chosen));
  if (names.length === 0) return null;
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const values = Object.fromEntries(names.map((name) => [name, textOf(form, name)]));
    submitting(textIn(values as Partial<Record<string, string>>));
    change(values);
  };
  const clear = () => change(Object.fromEntries(names.map((name) => [name, undefined])));
  return (
    <form className="filters" aria-label={say('filters')} onSubmit={submit}>
      <Fragment key={key}>
        {filters.map((filter) => (
          <FilterField key={filter.name} filter={filter} value={chosen[filter.name]} />
        ))}
        {personal && <TextField name="subject" label={say('person')} defaultValue={chosen['subject']} size={36} />}
      </Fragment>
      <Button type="primary" htmlType="submit">
        {say('apply')}
      </Button>
      <Button onClick={clear}>{say('clear')}</Button>
    </form>
  );
}

function FilterField({ filter, value }: { filter: Filter; value: string | undefined }) {
  const say = useRegisterWords();
  const desk = useDeskWords();
  const code = useCodes();
  const name = useNames();
  const { data } = usePolicy();
  const about = { name: filter.name, label: say(filter.name) };
  if ('text' in filter) return <TextField {...about} defaultValue={value} />;
  if ('day' in filter) return <TextField {...about} type="date" defaultValue={value} />;
  const options =
    'codes' in filter
      ? filter.codes.map((one) => ({ value: one, label: code(one) }))
      : idsOf(data, filter.of).map((id) => ({ value: id, label: name(filter.of, id) }));
  // Options come with the policy; the choice is made anew then.
  return <SelectField key={options.length} {...about} options={options} none={desk('any')} defaultValue={value} />;
}

const LISTS = {
  category: 'categories',
  purpose: 'purposes',
  party: 'parties',
  method: 'methods',
  right: 'rights',
  jurisdiction: 'jurisdictions',
} as const satisfies Partial<Record<Named, keyof OpenPolicy>>;

const idsOf = (policy: OpenPolicy | undefined, kind: Named): string[] =>
  kind in LISTS ? (policy?.[LISTS[kind as keyof typeof LISTS]] ?? []).map(({ id }) => id) : [];

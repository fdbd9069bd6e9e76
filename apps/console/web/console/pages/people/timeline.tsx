import { Button } from 'antd';
import { Fragment, type SubmitEvent } from 'react';
import { useList } from '../../../kit/answers.js';
import { useAddress } from '../../address.js';
import { Person } from '../../cells.js';
import { TextField } from '../../desk/fields.js';
import { textOf } from '../../desk/form.js';
import { useFormKey } from '../../form-key.js';
import { PagedRows } from '../../rows.js';
import { parametersOf, type RegisterDefinition } from '../registers/register-list.js';
import { useRegisterWords } from '../registers/registers.words.js';
import { useEntryColumns, type EntryRow } from '../search/results.js';
import type { Look } from './person-page.js';
import { usePeopleWords } from './people.words.js';

interface TimelineRow extends EntryRow {
  /** The identity it joined the record through. */
  through: string;
}

const PERIOD: Pick<RegisterDefinition, 'filters'> = {
  filters: [
    { name: 'from', day: 'first' },
    { name: 'to', day: 'last' },
  ],
};
const TYPE = '[a-z][a-z0-9.\\-]{0,127}';

/** Everything sealed about a person. */
export function Timeline({ id, reason }: Look) {
  const say = usePeopleWords();
  const columns = useEntryColumns();
  const [address] = useAddress('type', 'from', 'to');
  const params = { ...parametersOf(PERIOD, address), ...(address.type && { type: address.type }), reason };
  const list = useList<TimelineRow>(`/v1/subjects/${id}/timeline`, params, { once: true });
  const through = {
    title: say('through'),
    cell: (row: TimelineRow) => (row.through === id ? say('themselves') : <Person id={row.through} />),
  };
  return (
    <>
      <TimelineFilters />
      <PagedRows list={list} caption={say('timeline')} columns={[...columns, through]} keyOf={({ position }) => position} />
    </>
  );
}

function TimelineFilters() {
  const say = usePeopleWords();
  const register = useRegisterWords();
  const [address, change] = useAddress('type', 'from', 'to');
  const textIn = ({ type, from, to }: Partial<Record<string, string | undefined>>) => JSON.stringify([type ?? '', from ?? '', to ?? '']);
  const [key, submitting] = useFormKey(textIn(address));
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const values = { type: textOf(form, 'type'), from: textOf(form, 'from'), to: textOf(form, 'to') };
    submitting(textIn(values));
    change(values);
  };
  return (
    <form className="filters" aria-label={register('filters')} onSubmit={submit}>
      <Fragment key={key}>
        <TextField name="type" label={say('type')} title={say('typeHelp')} pattern={TYPE} defaultValue={address.type} size={32} />
        <TextField name="from" type="date" label={register('from')} defaultValue={address.from} />
        <TextField name="to" type="date" label={register('to')} defaultValue={address.to} />
      </Fragment>
      <Button type="primary" htmlType="submit">
        {say('apply')}
      </Button>
    </form>
  );
}

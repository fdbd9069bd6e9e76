import { useId, type ComponentProps, type ReactNode } from 'react';
import { useDeskWords } from './desk.words.js';

interface Labelled {
  name: string;
  label: string;
  help?: ReactNode;
}

type Around = { id: string; 'aria-describedby'?: string };

/** A label over a field, and what helps to fill it in. */
function Field({ label, help, field }: Omit<Labelled, 'name'> & { field: (around: Around) => ReactNode }) {
  const id = useId();
  return (
    <div className="desk-field">
      <label htmlFor={id}>{label}</label>
      {field({ id, ...(help !== undefined && { 'aria-describedby': `${id}-help` }) })}
      {help !== undefined && (
        <span className="help" id={`${id}-help`}>
          {help}
        </span>
      )}
    </div>
  );
}

export function TextField({ label, help, ...input }: Labelled & ComponentProps<'input'>) {
  return <Field label={label} help={help} field={(around) => <input type="text" {...input} {...around} />} />;
}

export function LongField({ label, help, ...area }: Labelled & ComponentProps<'textarea'>) {
  return <Field label={label} help={help} field={(around) => <textarea rows={4} {...area} {...around} />} />;
}

export interface Option {
  value: string;
  label: string;
}

interface SelectProps extends Labelled, Omit<ComponentProps<'select'>, 'name'> {
  options: readonly Option[];
  /** The choice of none; without it the field asks to choose one. */
  none?: string;
}

export function SelectField({ label, help, options, none, ...select }: SelectProps) {
  const say = useDeskWords();
  return (
    <Field
      label={label}
      help={help}
      field={(around) => (
        <select {...select} {...around}>
          <option value="">{none ?? say('choose')}</option>
          {options.map(({ value, label: text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    />
  );
}

interface ChecksProps {
  name: string;
  legend: string;
  help?: ReactNode;
  options: readonly Option[];
  chosen?: readonly string[];
}

/** Any number of several. */
export function Checks({ name, legend, help, options, chosen = [] }: ChecksProps) {
  return (
    <fieldset className="checks">
      <legend>{legend}</legend>
      {help !== undefined && <p className="help">{help}</p>}
      {options.map(({ value, label }) => (
        <label key={value}>
          <input type="checkbox" name={name} value={value} defaultChecked={chosen.includes(value)} /> {label}
        </label>
      ))}
    </fieldset>
  );
}

type ReasonProps = Partial<Labelled> & {
  /** Without the warning, where the dialog says it for all of its fields. */
  bare?: boolean;
} & Omit<ComponentProps<'textarea'>, 'name' | 'minLength' | 'maxLength'> & { most?: number };

/** Words that are sealed for ever, so that they name nobody: most of all why something is done. */
export function ReasonField({ label, name = 'reason', help, most = 500, bare = false, ...area }: ReasonProps) {
  const say = useDeskWords();
  return (
    <LongField
      name={name}
      label={label ?? say('reason')}
      required
      minLength={3}
      maxLength={most}
      rows={3}
      help={
        bare ? (
          help
        ) : (
          <>
            {help} {say('sealed')}
          </>
        )
      }
      {...area}
    />
  );
}

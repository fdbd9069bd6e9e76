import { useId, type ReactNode } from 'react';

interface FieldProps {
  label: string;
  help?: string | undefined;
  error?: string | undefined;
  children: (field: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean }) => ReactNode;
}

/** A label, what helps to fill it in, and what is wrong with it. */
export function Field({ label, help, error, children }: FieldProps) {
  const id = useId();
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {help && (
        <p id={`${id}-help`} className="help">
          {help}
        </p>
      )}
      {children({ id, 'aria-describedby': described, 'aria-invalid': error !== undefined })}
      {error && (
        <p id={`${id}-error`} className="error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

/** One of several, none of them chosen beforehand unless somebody chose. */
export function OneOf({ value, onChange, ...choice }: Choice & { value: string; onChange: (value: string) => void }) {
  return (
    <Options {...choice} role="radiogroup">
      {(option) => <input type="radio" name={choice.name} checked={option === value} onChange={() => onChange(option)} />}
    </Options>
  );
}

export function SomeOf({ value, onChange, ...choice }: Choice & { value: string[]; onChange: (value: string[]) => void }) {
  const toggle = (one: string) => onChange(value.includes(one) ? value.filter((other) => other !== one) : [...value, one]);
  return (
    <Options {...choice}>
      {(option) => <input type="checkbox" name={choice.name} checked={value.includes(option)} onChange={() => toggle(option)} />}
    </Options>
  );
}

interface Choice {
  legend: string;
  help?: string | undefined;
  error?: string | undefined;
  name: string;
  options: readonly { value: string; label: ReactNode }[];
}

function Options({ legend, help, error, options, role, children }: Choice & { role?: string; children: (value: string) => ReactNode }) {
  const id = useId();
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return (
    <fieldset role={role} aria-describedby={described} aria-invalid={error ? true : undefined}>
      <legend>{legend}</legend>
      {help && (
        <p id={`${id}-help`} className="help">
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="error" role="alert">
          {error}
        </p>
      )}
      {options.map((option) => (
        <label key={option.value} className="choice">
          {children(option.value)}
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

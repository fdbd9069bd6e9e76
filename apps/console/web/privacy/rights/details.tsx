import { useSaid, type Center } from '../base/center.js';
import { Field, OneOf, SomeOf } from '../base/fields.js';
import { Policy } from '../base/page.js';
import { Changes } from './changes.js';
import { GROUNDS, wants, type Missing, type RightForm } from './right-form.js';
import { useRightsWords } from './rights.words.js';

interface Props {
  right: string;
  center: Center;
  form: RightForm;
  lacks: Missing;
  onChange: (part: Partial<RightForm>) => void;
}

/** What the request is about: as little as the right needs. */
export function Details({ right, center, form, lacks, onChange }: Props) {
  const say = useRightsWords();
  const saidOf = useSaid();
  const asked = wants(right);
  const purposes = center.purposes.filter(({ objection, consent }) => (asked.withdrawn ? consent : objection !== 'none'));
  return (
    <>
      {asked.changes && (
        <Changes center={center} changes={form.changes} lacks={lacks.changes ?? []} onChange={(changes) => onChange({ changes })} />
      )}
      {asked.ground && (
        <OneOf
          legend={say('ground')}
          help={say('groundHelp')}
          error={lacks.ground && say('groundMissing')}
          name="ground"
          options={GROUNDS.map((value) => ({ value, label: say(value) }))}
          value={form.ground}
          onChange={(ground) => onChange({ ground })}
        />
      )}
      {asked.scope && (
        <OneOf
          legend={say('scope')}
          name="scope"
          options={(['everything', 'some'] as const).map((value) => ({ value, label: say(value) }))}
          value={form.scope}
          onChange={(scope) => onChange({ scope: scope as RightForm['scope'] })}
        />
      )}
      {asked.scope && form.scope === 'some' && (
        <SomeOf
          legend={say('categories')}
          name="categories"
          options={center.categories.map((one) => ({ value: one.category, label: <Policy of={one} /> }))}
          value={form.categories}
          onChange={(categories) => onChange({ categories })}
        />
      )}
      {(asked.purposes || asked.withdrawn) && (
        <SomeOf
          legend={say(asked.withdrawn ? 'withdrawn' : 'purposes')}
          help={say(asked.withdrawn ? 'withdrawnHelp' : 'purposesHelp')}
          name="purposes"
          options={purposes.map((one) => ({ value: one.purpose, label: <Policy of={one} /> }))}
          value={form.purposes}
          onChange={(chosen) => onChange({ purposes: chosen })}
        />
      )}
      <Field label={say(right === 'complaint' ? 'complaintText' : 'text')}>
        {(field) => (
          <textarea
            {...field}
            name="text"
            rows={3}
            maxLength={4000}
            value={form.text}
            onChange={({ target }) => onChange({ text: target.value })}
          />
        )}
      </Field>
      {center.laws.length > 1 && (
        <Field label={say('whichLaw')} help={say('whichLawHelp')}>
          {(field) => (
            <select {...field} name="law" value={form.jurisdiction} onChange={({ target }) => onChange({ jurisdiction: target.value })}>
              {center.laws.map((law, i) => (
                <option key={law.jurisdiction} value={i === 0 ? '' : law.jurisdiction}>
                  {saidOf(law)}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
    </>
  );
}

import { Action } from '../../desk/desk.js';
import { ReasonField, SelectField } from '../../desk/fields.js';
import { textOf } from '../../desk/form.js';
import { useSearchWords } from './search.words.js';

const FORMATS = ['jsonl', 'csv', 'evidence'] as const;

/** Has what a search finds made into a file, in the background. */
export function ExportThese({ query }: { query: string }) {
  const say = useSearchWords();
  return (
    <Action
      label={say('export')}
      says={say('exportSays')}
      act={(api, form) => api.post('/v1/exports', { q: query, format: textOf(form, 'format'), reason: textOf(form, 'reason') })}
      done={say('exporting')}
      again={['/v1/exports']}
    >
      <SelectField name="format" label={say('format')} required options={FORMATS.map((value) => ({ value, label: say(value) }))} />
      <ReasonField />
    </Action>
  );
}

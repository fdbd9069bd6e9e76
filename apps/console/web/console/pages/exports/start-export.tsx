import { Action } from '../../desk/desk.js';
import { ReasonField, SelectField, TextField } from '../../desk/fields.js';
import { textOf } from '../../desk/form.js';
import { useExportWords } from './exports.words.js';

const FORMATS = ['jsonl', 'csv', 'evidence'] as const;
/** Registers by the names that the audit service exports them under. */
const REGISTERS = [
  'collections',
  'disclosures',
  'choices',
  'messages',
  'breaches',
  'access-log',
  'findings',
  'third-party-sources',
] as const;

export function StartExport() {
  const say = useExportWords();
  return (
    <Action
      label={say('start')}
      kind="primary"
      says={say('startSays')}
      act={(api, form) => {
        const register = textOf(form, 'register');
        const of = register === undefined ? { q: textOf(form, 'q') ?? '' } : { register };
        return api.post('/v1/exports', { ...of, format: textOf(form, 'format'), reason: textOf(form, 'reason') });
      }}
      done={say('started')}
      again={['/v1/exports']}
    >
      <SelectField
        name="register"
        label={say('of')}
        none={say('ofQuery')}
        options={REGISTERS.map((value) => ({ value, label: say(value) }))}
      />
      <TextField name="q" label={say('query')} help={say('queryHelp')} maxLength={1_000} spellCheck={false} autoComplete="off" />
      <SelectField name="format" label={say('format')} required options={FORMATS.map((value) => ({ value, label: say(value) }))} />
      <ReasonField />
    </Action>
  );
}

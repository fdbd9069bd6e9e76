import type { FieldProblem } from '@attesta/events';
import { personalKind } from '@attesta/policy';

/** Personal values where none may be: in the parts of an event that are sealed in clear for ever. */
export function personalDataInClear(parts: { id: string; source: string; actor?: string | undefined }, data: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const look = (field: string, text: string) => {
    const kind = personalKind(text);
    if (!kind) return;
    problems.push({
      field,
      code: 'personal-value-in-clear',
      message: `There is what looks like ${kind} outside data.personal; this part of an event is sealed unencrypted and for ever.`,
      fix: 'Move the value into data.personal under its category, or refer to the person by subject.',
    });
  };
  look('/id', parts.id);
  look('/source', parts.source);
  if (parts.actor !== undefined) look('/actor', parts.actor);
  look('/data', data);
  return problems;
}

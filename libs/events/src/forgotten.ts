import type { Entry } from './entry.js';

/** Whom an entry leaves nothing of: the people whose every key it says was destroyed; nobody for entries of other types. */
export function forgottenIn({ type, subject, data }: Pick<Entry, 'type' | 'subject' | 'data'>): string[] {
  if (type !== 'attesta.key.destroyed.v1') return [];
  const { scope, keys } = data as { scope: string; keys: { subject: string }[] };
  if (scope !== 'subject') return [];
  return [...new Set([...(subject ? [subject.id] : []), ...keys.map((key) => key.subject)])];
}

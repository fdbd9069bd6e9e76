import { subjectKind } from '@attesta/events';
import { resolveWho } from './prepare.js';

/**
 * Who an event names, as refs and ids, however wrong the event may be otherwise. Nobody, when it cannot be read: text that is no JSON, or an
 * identifier that is none.
 */
export function peopleNamed(event: unknown, pepper: Buffer): string[] {
  const { subject, data } = recordOf(typeof event === 'string' ? parsed(event) : event);
  const { related } = recordOf(data);
  const named = [subject, ...(Array.isArray(related) ? related.map((one) => recordOf(one).subject) : [])];
  const people = named.map((one) => (typeof one === 'string' && subjectKind(one) ? resolveWho(one, 'http', pepper) : undefined));
  return [...new Set(people.filter((one) => typeof one === 'string'))];
}

/** Text was kept because it is hostile or broken; it may be JSON all the same. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

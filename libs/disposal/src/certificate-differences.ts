import { pointer } from '@attesta/events';

type Members = Record<string, unknown>;

const MOST = 50;
const LONGEST = 120;

/** Everything that is said and not due, or due and not said. Walks along what is due, so that a hostile file chooses neither depth nor length of the walk. */
export function* differences(said: unknown, due: unknown, at: string): Generator<{ at: string; message: string }> {
  if (said === undefined) yield { at, message: `the certificate leaves out ${shown(due)}` };
  else if (due === undefined) yield { at, message: `the certificate says ${shown(said)}, which nothing bears out` };
  else if (Array.isArray(due) && Array.isArray(said)) {
    for (let i = 0; i < Math.max(due.length, Math.min(said.length, due.length + MOST)); i++)
      yield* differences(said[i], due[i], pointer(at, i));
  } else if (isMembers(due) && isMembers(said)) {
    for (const name of new Set([...Object.keys(due), ...Object.keys(said)]))
      yield* differences(own(said, name), own(due, name), pointer(at, name));
  } else if (said !== due) yield { at, message: `the certificate says ${shown(said)}, and it has to be ${shown(due)}` };
}

/** A member by its own right: a file may call one toString. */
const own = (of: Members, name: string): unknown => (Object.hasOwn(of, name) ? of[name] : undefined);

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isMembers(value)) return 'an object';
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

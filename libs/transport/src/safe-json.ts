import { pointer, type FieldProblem } from '@attesta/events';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** Deepest nesting of an event; ours need six. */
const DEEPEST = 32;

const problem = (field: string, code: string, message: string, fix: string): FieldProblem => ({ field, code, message, fix });

export const invalidUtf8 = problem('', 'invalid-utf-8', 'The bytes are not valid UTF-8.', 'Encode the event as UTF-8 (RFC 3629).');

/** Text of strictly valid UTF-8 bytes, else undefined. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** JSON of strictly valid UTF-8 bytes; contents still to be checked with `hazards`. */
export function parseJson(bytes: Uint8Array): { ok: true; value: unknown } | { ok: false; problems: FieldProblem[] } {
  const text = utf8Text(bytes);
  if (text === undefined) return { ok: false, problems: [invalidUtf8] };
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, problems: [problem('', 'invalid-json', 'The body is not JSON.', 'Send JSON as RFC 8259 defines it.')] };
  }
}

/**
 * What no event may carry whatever its schema, because code behind us would trip over it: keys that reach prototypes, U+0000 (PostgreSQL text
 * has none), lone surrogates (RFC 8785 refuses them) and nesting beyond 32. Walks without recursion.
 */
export function hazards(value: unknown): FieldProblem[] {
  return harmless(value, 0) ? [] : locate(value);
}

/** A quick look that makes no paths: almost every event passes it. False says only that a closer look is needed. */
function harmless(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return sound(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= DEEPEST) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!harmless(item, depth + 1)) return false;
    return true;
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || key === 'constructor' || !sound(key)) return false;
    if (!harmless((value as Record<string, unknown>)[key], depth + 1)) return false;
  }
  return true;
}

const sound = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();

function locate(value: unknown): FieldProblem[] {
  const found: FieldProblem[] = [];
  const open: { value: unknown; path: string; depth: number }[] = [{ value, path: '', depth: 0 }];
  while (open.length && found.length < 8) {
    const { value: here, path, depth } = open.pop()!;
    if (typeof here === 'string') {
      const bad = badText(here, path);
      if (bad) found.push(bad);
    } else if (typeof here === 'object' && here !== null) {
      if (depth >= DEEPEST) {
        found.push(problem(path.slice(0, 200), 'too-deep', `Nested deeper than ${DEEPEST} levels.`, 'Flatten the data.'));
        continue;
      }
      for (const [key, inner] of Object.entries(here)) {
        if (key === '__proto__' || (key === 'constructor' && typeof inner === 'object')) {
          found.push(problem(path, 'forbidden-key', `An object has the key "${key}".`, 'Remove the key.'));
          continue;
        }
        const bad = badText(key, path);
        if (bad) found.push(bad);
        else if (typeof inner === 'string' || typeof inner === 'object') {
          open.push({ value: inner, path: pointer(path, Array.isArray(here) ? Number(key) : key), depth: depth + 1 });
        }
      }
    }
  }
  return found;
}

function badText(text: string, path: string): FieldProblem | undefined {
  if (text.includes('\u0000')) return problem(path, 'nul-character', 'The text contains U+0000.', 'Remove the NUL character.');
  if (!text.isWellFormed()) {
    return problem(path, 'lone-surrogate', 'The text contains half of a surrogate pair.', 'Send whole characters (valid Unicode text).');
  }
  return undefined;
}

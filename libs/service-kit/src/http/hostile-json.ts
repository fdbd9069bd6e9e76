import { pointer as pointerTo, type FieldProblem } from '@attesta/events';

const MAX_DEPTH = 32;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * What a parsed JSON body may not hold wherever it is bound for: keys that pollute prototypes, U+0000 and lone surrogates
 * (PostgreSQL stores neither), nesting that overflows recursive readers. Walks without recursion; stops at the first find.
 */
export function findHostileJson(value: object): FieldProblem[] {
  const open: { value: object; pointer: string; depth: number }[] = [{ value, pointer: '', depth: 1 }];
  for (let item = open.pop(); item; item = open.pop()) {
    if (item.depth > MAX_DEPTH)
      return [problem('', 'too-deep', `the body is nested deeper than ${MAX_DEPTH} levels`, 'Send a flatter body.')];
    for (const [key, child] of Object.entries(item.value) as [string, unknown][]) {
      if (FORBIDDEN_KEYS.has(key))
        return [
          problem(item.pointer, 'forbidden-key', 'a key here is reserved by JavaScript', 'Leave __proto__, constructor and prototype out.'),
        ];
      const bad = badText(key) ?? (typeof child === 'string' ? badText(child) : undefined);
      const pointer = pointerTo(item.pointer, Array.isArray(item.value) ? Number(key) : key);
      if (bad)
        return [problem(badText(key) ? item.pointer : pointer, 'invalid-text', bad, 'Send text of Unicode characters without U+0000.')];
      if (child !== null && typeof child === 'object') open.push({ value: child, pointer, depth: item.depth + 1 });
    }
  }
  return [];
}

function badText(text: string): string | undefined {
  if (text.includes('\u0000')) return 'the text holds the character U+0000';
  if (LONE_SURROGATE.test(text)) return 'the text holds half of a surrogate pair';
  return undefined;
}

const problem = (field: string, code: string, message: string, fix: string): FieldProblem => ({ field, code, message, fix });

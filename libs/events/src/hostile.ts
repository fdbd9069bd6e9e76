import { MAX_PROBLEMS, pointer, type FieldProblem } from './problem.js';

/** Keys that would reach an object's prototype if anybody ever assigned them. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Deeper than any event type reaches. */
export const MAX_DEPTH = 16;
const MAX_NODES = 50_000;

/**
 * Looks through a value for what no event may hold at any depth: prototype keys, and nesting deeper than any schema. Walks with a list
 * instead of recursion and stops at a bound, so that the input cannot choose how much stack or time it costs. Assigns nothing.
 */
export function hostileShape(value: unknown, base: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const open: { value: unknown; at: string; depth: number }[] = [{ value, at: base, depth: 0 }];
  for (let nodes = 0; open.length > 0 && nodes < MAX_NODES && problems.length < MAX_PROBLEMS; nodes++) {
    const node = open.pop();
    if (node === undefined || typeof node.value !== 'object' || node.value === null) continue;
    if (node.depth > MAX_DEPTH) {
      problems.push({ field: node.at, code: 'too-deep', message: `nested deeper than ${MAX_DEPTH} levels`, fix: 'send flat data' });
      continue;
    }
    if (Array.isArray(node.value)) {
      for (let i = 0; i < node.value.length && i < MAX_NODES; i++)
        open.push({ value: node.value[i], at: pointer(node.at, i), depth: node.depth + 1 });
      continue;
    }
    for (const key of Object.keys(node.value)) {
      const at = pointer(node.at, key);
      if (FORBIDDEN_KEYS.has(key)) {
        problems.push({ field: at, code: 'forbidden-key', message: `the key ${key} is never accepted`, fix: 'rename or remove it' });
      } else {
        open.push({ value: (node.value as Record<string, unknown>)[key], at, depth: node.depth + 1 });
      }
    }
  }
  return problems;
}

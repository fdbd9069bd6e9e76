import type { Ajv, FuncKeywordDefinition } from 'ajv';

/** No item of any event type nests deeper; what does is refused for that, whether it repeats or not. */
const DEEPEST = 8;

const keyword: FuncKeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  errors: false,
  compile(wanted: boolean, parentSchema) {
    const { maxItems = Infinity } = parentSchema as { maxItems?: number };
    if (!wanted) return () => true;
    // Too many are refused for that; who sent them does not choose how long they are compared.
    return (items: unknown[]) => items.length > maxItems || !repeats(items);
  },
};

/**
 * ajv's own `uniqueItems` calls `toString` and `valueOf` of what it compares, which a sender may have put there as data, and compares each of
 * any number of items with each. Ours means the same and does neither.
 */
export function ownUniqueItems(ajv: Ajv): Ajv {
  return ajv.removeKeyword('uniqueItems').addKeyword(keyword);
}

function repeats(items: readonly unknown[]): boolean {
  if (items.length < 2) return false;
  const seen = new Set<unknown>();
  // No text that stands for an object begins like this, so that it equals no text among the items.
  for (const item of items) seen.add(typeof item === 'object' && item !== null ? `\u0000${textOf(item, 0)}` : item);
  return seen.size < items.length;
}

/** The same text for the same JSON, whatever the order of its members. */
function textOf(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth === DEEPEST) return '...';
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item, depth + 1)).join()}]`;
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${textOf((value as Record<string, unknown>)[name], depth + 1)}`).join()}}`;
}

const PLAIN = /^[ !#-[\]-~]*$/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * A JSON string literal as RFC 8785 section 3.2.2.2 writes it.
 * Throws TypeError on a lone surrogate: it has no UTF-8 form, so no bytes could be sealed for it.
 */
export function quote(text: string): string {
  if (PLAIN.test(text)) return '"' + text + '"';
  if (LONE_SURROGATE.test(text)) throw new TypeError('a lone surrogate has no canonical form');
  return JSON.stringify(text);
}

/**
 * The canonical JSON text of a value (RFC 8785): no white space, members sorted by UTF-16 code units, numbers as ECMAScript prints them.
 * Takes what JSON can say and nothing else: TypeError on undefined, bigint, functions, symbols, NaN, infinities, lone surrogates and
 * objects with a nature of their own (Date, Map, typed arrays), because a silent conversion would change what is sealed.
 */
export function canonical(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('a number that is not finite has no canonical form');
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value);
    default:
      throw new TypeError(`a value of type ${typeof value} has no canonical form`);
  }
}

function canonicalArray(items: readonly unknown[]): string {
  let text = '[';
  for (let i = 0; i < items.length; i++) text += (i === 0 ? '' : ',') + canonical(items[i]);
  return text + ']';
}

function canonicalObject(value: object): string {
  const nature = Object.prototype.toString.call(value);
  if (nature !== '[object Object]') throw new TypeError(`an ${nature.slice(8, -1)} has no canonical form`);
  const members = value as Record<string, unknown>;
  let text = '{';
  for (const key of Object.keys(members).sort()) text += (text.length === 1 ? '' : ',') + quote(key) + ':' + canonical(members[key]);
  return text + '}';
}

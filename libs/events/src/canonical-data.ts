import type { TObject } from '@sinclair/typebox';
import { canonical, quote } from '@attesta/proof';
import { PLAIN_PATTERNS } from './fields.js';

/** What the compiler reads of a JSON Schema. */
interface Shape {
  type?: string;
  enum?: unknown[];
  pattern?: string;
  items?: Shape;
  properties?: Record<string, Shape>;
  required?: string[];
  additionalProperties?: unknown;
}

type Writer = (data: Record<string, unknown>) => string;

const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * Compiles the canonical JSON (RFC 8785) writer of one event type's data: members in order, `personal` left out, each `related` reduced to
 * role and subject. Twice as fast as the generic writer, with the same bytes.
 *
 * The writer ONLY accepts data that passed the schema's validation: fields whose pattern or enum makes escaping impossible are copied as
 * they are. Other text is checked, and a lone surrogate raises TypeError.
 */
export function compileCanonical(schema: TObject): Writer {
  const code = objectCode(omitPersonal(schema as Shape), 'd');
  // The source is built from our own schemas' property names alone; no input reaches it.
  return new Function('quote', 'canonical', `return d=>{let s='';${code}return s}`)(quote, canonical) as Writer;
}

/** Generic form of the same reduction, for data whose event type has no definition here (and for the tests to compare with). */
export function reduceData(data: Record<string, unknown>): Record<string, unknown> {
  const { personal: _personal, related, ...rest } = data;
  if (!Array.isArray(related)) return rest;
  const reduced = related.map(({ subject, role }: { subject: string; role?: string }) =>
    role === undefined ? { subject } : { role, subject },
  );
  return { ...rest, related: reduced };
}

function omitPersonal(shape: Shape): Shape {
  if (shape.properties === undefined) return shape;
  const properties: Record<string, Shape> = {};
  for (const [name, field] of Object.entries(shape.properties)) {
    if (name === 'personal') continue;
    properties[name] = name === 'related' && field.items !== undefined ? { ...field, items: omitPersonal(field.items) } : field;
  }
  return { ...shape, properties };
}

const plain = (shape: Shape) =>
  shape.enum?.every((value) => typeof value === 'string' && PLAIN.test(value)) ??
  (shape.pattern !== undefined && PLAIN_PATTERNS.has(shape.pattern));

let names = 0;

/** Statements that append the canonical text of `expression` to `s`. */
function valueCode(shape: Shape, expression: string): string {
  if (shape.type === 'array' && shape.items !== undefined) {
    const items = `a${++names}`;
    const index = `i${names}`;
    return `const ${items}=${expression};s+='[';for(let ${index}=0;${index}<${items}.length;${index}++){if(${index}>0)s+=',';${valueCode(shape.items, `${items}[${index}]`)}}s+=']';`;
  }
  if (shape.type === 'object' && shape.properties !== undefined && shape.additionalProperties === false) {
    const name = `o${++names}`;
    return `const ${name}=${expression};${objectCode(shape, name)}`;
  }
  if (shape.type === 'string') return plain(shape) ? `s+='"'+${expression}+'"';` : `s+=quote(${expression});`;
  return `s+=canonical(${expression});`;
}

function objectCode(shape: Shape, name: string): string {
  const required = new Set(shape.required);
  let certain = false; // true once a member that is always there has been written, so that commas need no test
  let code = '';
  const first = `f${++names}`;
  for (const key of Object.keys(shape.properties ?? {}).sort()) {
    const member = JSON.stringify(key);
    const comma = code === '' ? '' : certain ? `s+=',';` : `if(${first})s+=',';`;
    const write = `${comma}s+=${JSON.stringify(`${member}:`)};${valueCode((shape.properties ?? {})[key] ?? {}, `${name}[${member}]`)}`;
    if (required.has(key)) {
      code += `{${write}}`;
      certain = true;
    } else {
      code += `if(${name}[${member}]!==undefined){${write}${certain ? '' : `${first}=true;`}}`;
    }
  }
  return `let ${first}=false;s+='{';${code}s+='}';`;
}

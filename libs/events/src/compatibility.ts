/** A change after which data that the old schema accepts might not be accepted, or not be understood, any more. */
export interface BreakingChange {
  /** JSON pointer of the field in the data, items as '*'. */
  field: string;
  change: 'removed' | 'newly-required' | 'changed-type' | 'narrowed-enum' | 'narrowed-limit' | 'changed-format' | 'closed';
  message: string;
}

interface Shape {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Shape>;
  required?: string[];
  additionalProperties?: boolean | Shape;
  propertyNames?: Shape;
  items?: Shape;
  anyOf?: Shape[];
  not?: Shape;
  pattern?: string;
  format?: string;
  uniqueItems?: boolean;
  [limit: string]: unknown;
}

const UPPER = ['maxLength', 'maxItems', 'maxProperties', 'maximum'] as const;
const LOWER = ['minLength', 'minItems', 'minProperties', 'minimum'] as const;

/**
 * Breaking changes from `older` to `newer`, two JSON Schemas of the same version of an event type. A published version may be clarified or
 * widened (a new optional field, a larger limit, one more enum value); anything else is a new version with an upcast. A renamed field is a
 * removed one and, if required, a newly required one. Where it cannot be told whether a change narrows (another pattern), it counts as breaking.
 */
export function compareSchemas(older: unknown, newer: unknown): BreakingChange[] {
  const changes: BreakingChange[] = [];
  compare(older as Shape, newer as Shape, '', changes);
  return changes;
}

function compare(older: Shape, newer: Shape, field: string, changes: BreakingChange[]): void {
  const report = (change: BreakingChange['change'], message: string, at = field) => changes.push({ field: at, change, message });

  const types = list(newer.type);
  if (
    types.length > 0 &&
    !list(older.type ?? 'anything').every((type) => types.includes(type) || (type === 'integer' && types.includes('number')))
  ) {
    report('changed-type', `was ${list(older.type ?? 'anything').join(' or ')}, is ${types.join(' or ')}`);
    return;
  }
  const allowed = values(newer);
  if (allowed !== undefined) {
    const before = values(older);
    const lost = before?.filter((value) => !allowed.includes(value));
    if (lost === undefined) report('narrowed-enum', 'took any value, takes only some');
    else if (lost.length > 0) report('narrowed-enum', `no longer takes ${lost.join(', ')}`);
  }
  for (const limit of UPPER)
    if (number(newer[limit], Infinity) < number(older[limit], Infinity)) report('narrowed-limit', `${limit} was lowered`);
  for (const limit of LOWER)
    if (number(newer[limit], -Infinity) > number(older[limit], -Infinity)) report('narrowed-limit', `${limit} was raised`);
  if (newer.uniqueItems === true && older.uniqueItems !== true) report('narrowed-limit', 'items must now be unique');
  if (newer.pattern !== undefined && newer.pattern !== older.pattern) report('changed-format', 'has another pattern');
  if (newer.format !== undefined && newer.format !== older.format) report('changed-format', 'has another format');
  if (newer.not !== undefined && JSON.stringify(newer.not) !== JSON.stringify(older.not)) report('changed-format', 'excludes other values');

  compareMembers(older, newer, field, report, changes);
  if (newer.items !== undefined) {
    if (older.items === undefined) report('changed-type', 'items were free, have a schema', `${field}/*`);
    else compare(older.items, newer.items, `${field}/*`, changes);
  }
  if (newer.anyOf !== undefined || older.anyOf !== undefined) compareAlternatives(older, newer, field, report);
}

function compareMembers(
  older: Shape,
  newer: Shape,
  field: string,
  report: (change: BreakingChange['change'], message: string, at?: string) => void,
  changes: BreakingChange[],
): void {
  const before = older.properties ?? {};
  const after = newer.properties ?? {};
  for (const [name, shape] of Object.entries(before)) {
    const now = Object.hasOwn(after, name) ? after[name] : undefined;
    if (now === undefined) report('removed', 'was removed or renamed', `${field}/${name}`);
    else compare(shape, now, `${field}/${name}`, changes);
  }
  for (const name of newer.required ?? []) {
    if (!(older.required ?? []).includes(name)) report('newly-required', 'is required now', `${field}/${name}`);
  }
  if (
    newer.additionalProperties === false &&
    older.additionalProperties !== false &&
    (older.type === 'object' || older.properties !== undefined)
  ) {
    report('closed', 'no longer takes other fields');
  } else if (typeof newer.additionalProperties === 'object') {
    if (typeof older.additionalProperties === 'object')
      compare(older.additionalProperties, newer.additionalProperties, `${field}/*`, changes);
    else if (older.additionalProperties !== false) report('changed-type', 'other fields were free, have a schema', `${field}/*`);
  }
  if (newer.propertyNames !== undefined) compare(older.propertyNames ?? {}, newer.propertyNames, `${field}/(name)`, changes);
}

/** Each way the old schema offered must still be open, perhaps wider. */
function compareAlternatives(
  older: Shape,
  newer: Shape,
  field: string,
  report: (change: BreakingChange['change'], message: string, at?: string) => void,
): void {
  const now = newer.anyOf ?? [newer];
  for (const [i, way] of (older.anyOf ?? [older]).entries()) {
    const open = now.some((candidate) => compareSchemas(way, candidate).length === 0);
    if (!open) report('changed-type', `alternative ${i + 1} is no longer accepted as it was`, field);
  }
}

const list = (type: string | string[] | undefined): string[] => (type === undefined ? [] : Array.isArray(type) ? type : [type]);
const number = (value: unknown, otherwise: number) => (typeof value === 'number' ? value : otherwise);
const values = (shape: Shape): unknown[] | undefined => shape.enum ?? (shape.const === undefined ? undefined : [shape.const]);

import type { Dice } from './dice.js';

/** What is read of a JSON Schema, or of a schema of an OpenAPI document. */
export interface Schema {
  $ref?: string;
  allOf?: readonly Schema[];
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  enum?: readonly unknown[];
  const?: unknown;
  type?: string | readonly string[];
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  propertyNames?: Schema;
  additionalProperties?: Schema | boolean;
}

/** Where texts come from: a schema says which ones it takes, never which ones mean something. */
export interface Supply {
  /** Texts of every form a schema may ask for. */
  texts: readonly string[];
  /** Texts that mean something under a property's name, such as purposes of the policy. */
  named: Readonly<Record<string, readonly string[]>>;
  /** What a `$ref` points to. */
  resolve(ref: string): Schema;
}

const DEEPEST = 8;

/** Makes values that a schema takes. Keywords that neither the event schemas nor the OpenAPI documents use are not known here. */
export class SchemaValues {
  private readonly fitting = new Map<string, readonly string[]>();

  constructor(
    private readonly supply: Supply,
    private readonly dice: Dice,
  ) {}

  /** @param name of the property, which may have texts of its own */
  of(schema: Schema, name = '', depth = 0): unknown {
    const { dice } = this;
    if (schema.$ref !== undefined) return depth > DEEPEST ? {} : this.of(this.supply.resolve(schema.$ref), name, depth + 1);
    if (schema.allOf) {
      const { allOf, ...rest } = schema;
      return this.of(Object.assign({}, ...allOf.map((one) => this.resolved(one)), rest) as Schema, name, depth);
    }
    const either = schema.anyOf ?? schema.oneOf;
    if (either) return this.of(dice.pick(either), name, depth);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return dice.pick(schema.enum);
    const type = typeof schema.type === 'string' ? schema.type : schema.type ? dice.pick(schema.type) : this.impliedType(schema);
    switch (type) {
      case 'object':
        return this.object(schema, depth);
      case 'array':
        return this.array(schema, name, depth);
      case 'integer':
      case 'number':
        return dice.between(schema.minimum ?? 0, Math.min(schema.maximum ?? 1000, (schema.minimum ?? 0) + 1000) + 1);
      case 'boolean':
        return dice.chance(0.5);
      case 'null':
        return null;
      default:
        return this.text(schema, name);
    }
  }

  private resolved(schema: Schema): Schema {
    return schema.$ref === undefined ? schema : this.supply.resolve(schema.$ref);
  }

  private impliedType(schema: Schema): string {
    if (schema.properties) return 'object';
    if (schema.items) return 'array';
    return schema.maximum === undefined ? 'string' : 'integer';
  }

  private object({ properties = {}, required = [], propertyNames, additionalProperties }: Schema, depth: number): Record<string, unknown> {
    const made: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(properties)) {
      if (required.includes(name) || (depth <= DEEPEST && this.dice.chance(0.4))) made[name] = this.of(schema, name, depth + 1);
    }
    if (typeof additionalProperties === 'object' && depth <= DEEPEST) {
      for (let n = this.dice.between(1, 3); n > 0; n--) {
        const name = this.text(propertyNames ?? {}, 'categories');
        made[name] = this.of(additionalProperties, name, depth + 1);
      }
    }
    return made;
  }

  private array({ items = {}, minItems = 0, maxItems = 3 }: Schema, name: string, depth: number): unknown[] {
    const wanted = depth > DEEPEST ? minItems : this.dice.between(Math.max(minItems, 1), Math.max(minItems, Math.min(maxItems, 3)) + 1);
    const made = new Map<string, unknown>();
    for (let tries = 0; made.size < wanted && tries < 20; tries++) {
      const item = this.of(items, name, depth + 1);
      made.set(JSON.stringify(item), item);
    }
    return [...made.values()];
  }

  private text(schema: Schema, name: string): string {
    const { named, texts } = this.supply;
    const own = Object.hasOwn(named, name) ? this.takenOf(schema, named[name]!, name) : [];
    return this.dice.pick(own.length > 0 ? own : this.takenOf(schema, texts, ''));
  }

  /** @throws Error when no text has the form the schema asks for: the supply lacks one */
  private takenOf(schema: Schema, texts: readonly string[], of: string): readonly string[] {
    const key = `${of} ${schema.format} ${schema.minLength} ${schema.maxLength} ${schema.pattern}`;
    let found = this.fitting.get(key);
    if (!found) {
      const { minLength = 0, maxLength = Infinity, format } = schema;
      const pattern = schema.pattern === undefined ? undefined : new RegExp(schema.pattern, 'u');
      found = texts.filter(
        (text) =>
          text.length >= minLength &&
          text.length <= maxLength &&
          pattern?.test(text) !== false &&
          (format !== 'date-time' || /^\d{4}-\d\d-\d\dT.*Z$/.test(text)),
      );
      this.fitting.set(key, found);
    }
    if (found.length === 0 && of === '') throw new Error(`no text for ${JSON.stringify(schema)}`);
    return found;
  }
}

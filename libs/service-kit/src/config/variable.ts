import 'reflect-metadata';

export type VariableKind = 'text' | 'integer' | 'number' | 'boolean' | 'list' | 'url';

export interface VariableOptions {
  /** Name in the environment, upper-case. */
  name: string;
  /** One sentence: what it does. */
  about: string;
  kind?: VariableKind;
  /** As it would be written in the environment. Without one the variable is required unless `optional`. */
  default?: string;
  optional?: boolean;
  /** May be given as a file through `<NAME>_FILE`, and is never printed. */
  secret?: boolean;
  /** How to mend a bad value; completes the sentence of the constraint. */
  fix?: string;
}

export interface Variable extends VariableOptions {
  kind: VariableKind;
  property: string;
}

const VARIABLES = Symbol('attesta:variables');
type ConfigPrototype = object & { [VARIABLES]?: Variable[] };

/** Binds a property of a configuration class to an environment variable; class-validator decorators beside it say what is valid. */
export function EnvVariable(options: VariableOptions): PropertyDecorator {
  return (target, property) => {
    const prototype = target as ConfigPrototype;
    const own = Object.hasOwn(prototype, VARIABLES) ? (prototype[VARIABLES] ?? []) : [...(prototype[VARIABLES] ?? [])];
    own.push({ ...options, kind: options.kind ?? 'text', property: String(property) });
    Object.defineProperty(prototype, VARIABLES, { value: own, configurable: true, enumerable: false });
  };
}

export type ConfigClass<T extends object> = new () => T;

/** The variables of a configuration class in the order of their declaration, inherited ones first. */
export function describeConfig<T extends object>(Class: ConfigClass<T>): readonly Variable[] {
  return (Class.prototype as ConfigPrototype)[VARIABLES] ?? [];
}

import type { TObject } from '@sinclair/typebox';
import type { FieldProblem } from './problem.js';
import { compileCanonical } from './canonical-data.js';
import { compileValidator } from './validator.js';

/** Turns the data of one version into the data of the next. Pure, and total over everything that was ever sealed in its version. */
export type Upcast = (data: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** Everything the system knows of one version of one event type. A published version never changes; a change is a new version. */
export interface EventDefinition<Type extends string = string, Data extends TObject = TObject> {
  /** `attesta.<name>.v<version>` */
  readonly type: Type;
  /** The type without its version. */
  readonly name: string;
  readonly version: number;
  readonly title: string;
  /** Clauses of the privacy notice it records; '0' is the introduction. */
  readonly clauses: readonly string[];
  /** Whether the event must, may or must not name a data subject. */
  readonly subject: 'required' | 'optional' | 'forbidden';
  /** A decision, which Attesta's own services alone may say; what others say is a report. */
  readonly decision: boolean;
  readonly dataSchema: Data;
  /** Problems of `data` against the schema, with fields below /data; empty when valid. */
  validate(data: unknown): FieldProblem[];
  /** RFC 8785 text of validated data, as it is sealed: without `personal`, `related` reduced to role and subject. TypeError on a lone surrogate. */
  canonicalData(data: Record<string, unknown>): string;
  /** To the next version; present on every version but the newest. */
  readonly upcast?: Upcast;
}

export interface EventDeclaration<Type extends string, Data extends TObject> {
  type: Type;
  title: string;
  clauses: readonly string[];
  subject: 'required' | 'optional' | 'forbidden';
  decision?: boolean;
  data: Data;
  upcast?: Upcast;
}

export const EVENT_TYPE = /^([a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)*)\.v([1-9][0-9]{0,3})$/;

/** One declaration gives schema, TypeScript type, validator and canonical writer. Compiled on first use, so that declaring is free. */
export function defineEvent<const Type extends string, Data extends TObject>(
  declaration: EventDeclaration<Type, Data>,
): EventDefinition<Type, Data> {
  const [, name, version] = EVENT_TYPE.exec(declaration.type) ?? [];
  if (name === undefined) throw new Error(`${declaration.type} is not of the form name.v1`);
  let canonicalData: ((data: Record<string, unknown>) => string) | undefined;
  return {
    type: declaration.type,
    name,
    version: Number(version),
    title: declaration.title,
    clauses: declaration.clauses,
    subject: declaration.subject,
    decision: declaration.decision ?? false,
    dataSchema: declaration.data,
    validate: compileValidator(declaration.data, '/data'),
    canonicalData: (data) => (canonicalData ??= compileCanonical(declaration.data))(data),
    ...(declaration.upcast === undefined ? {} : { upcast: declaration.upcast }),
  };
}

import type { FieldProblem } from '@attesta/events';
import type {
  AgeRule,
  Basis,
  BreachRules,
  Category,
  Clock,
  Controller,
  Duty,
  Jurisdiction,
  MessageRules,
  Method,
  Notice,
  Occasion,
  Party,
  PolicySource,
  Purpose,
  Refusal,
  RequestRules,
  RetentionClass,
  RetentionRule,
  Right,
  Service,
  TransferGround,
  Trigger,
} from './policy-source.js';

/** A privacy notice and the law around it, read and cross-checked; every reference between its items holds. Never changes. */
export interface Policy {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly controllers: ReadonlyMap<string, Controller>;
  /** The controller of an event that names none; its first jurisdiction is the default too. */
  readonly defaultController: Controller;
  readonly jurisdictions: ReadonlyMap<string, Jurisdiction>;
  /** By jurisdiction, then by basis id. */
  readonly bases: ReadonlyMap<string, ReadonlyMap<string, Basis>>;
  /** By jurisdiction, then by ground id. */
  readonly transferGrounds: ReadonlyMap<string, ReadonlyMap<string, TransferGround>>;
  readonly retentionClasses: ReadonlyMap<string, RetentionClass>;
  readonly categories: ReadonlyMap<string, Category>;
  readonly occasions: ReadonlyMap<string, Occasion>;
  readonly methods: ReadonlyMap<string, Method>;
  readonly purposes: ReadonlyMap<string, Purpose>;
  /** What ends or is limited without a purpose (clause 8.4). */
  readonly services: ReadonlyMap<string, Service>;
  readonly parties: ReadonlyMap<string, Party>;
  /** Registered texts by version; one text per language. */
  readonly notices: ReadonlyMap<string, readonly Notice[]>;
  readonly rights: ReadonlyMap<string, Right>;
  readonly duties: ReadonlyMap<string, Duty>;
  readonly clocks: ReadonlyMap<string, Clock>;
  /** Grounds on which requests may be refused. */
  readonly refusals: ReadonlyMap<string, Refusal>;
  /** Absent in a policy under which no requests are handled. */
  readonly requests: RequestRules | undefined;
  /** Absent in a policy under which nobody is written to. */
  readonly messages: MessageRules | undefined;
  readonly breaches: BreachRules | undefined;
  readonly ages: readonly AgeRule[];
  /** What services report, from which retention is counted. */
  readonly triggers: ReadonlyMap<string, Trigger>;
  readonly retention: readonly RetentionRule[];
  /** How long backups are kept (ISO 8601 duration); P35D where the policy does not say. */
  readonly backupsKeptFor: string;
  readonly limits: PolicySource['limits'];
  /** Retention class of a data category, which chooses the data key. Throws RangeError on a category the policy does not have. */
  retentionClass(category: string): string;
}

/** A policy that cannot be used, with everything that is wrong with it. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';

  constructor(readonly problems: readonly FieldProblem[]) {
    super(`the policy has ${problems.length} problem(s): ${problems.map((p) => `${p.field || '/'} ${p.message}`).join('; ')}`);
  }
}

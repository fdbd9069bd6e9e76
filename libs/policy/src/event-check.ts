import type { CloudEvent, EventData, FieldProblem } from '@attesta/events';
import type { Policy } from './policy.js';
import type { Controller, Jurisdiction } from './policy-source.js';

/** One event under one policy, with the controller and the jurisdiction it falls under. */
export class EventCheck {
  readonly data: EventData;
  readonly controller: Controller;
  /** Undefined when the event names one that does not exist: rules that depend on it then have nothing to say. */
  readonly jurisdiction: Jurisdiction | undefined;

  constructor(
    readonly policy: Policy,
    readonly event: CloudEvent,
    private readonly problems: FieldProblem[],
  ) {
    this.data = event.data;
    this.controller = this.whose();
    this.jurisdiction = this.which();
  }

  problem(field: string, code: string, message: string, fix: string): void {
    this.problems.push({ field: field === '' ? '/data' : `/data/${field}`, code, message, fix });
  }

  text(field: string): string | undefined {
    const value = this.data[field];
    return typeof value === 'string' ? value : undefined;
  }

  list(field: string): readonly string[] {
    const value = this.data[field];
    return Array.isArray(value) ? (value as string[]) : NONE;
  }

  /** The item that a field names; reports an id nobody has. A field that is absent is the schema's business. */
  known<T>(items: ReadonlyMap<string, T>, field: string, what: string): T | undefined {
    const id = this.text(field);
    if (id === undefined) return undefined;
    const item = items.get(id);
    if (item === undefined) this.unknown(items, field, what);
    return item;
  }

  unknown(items: ReadonlyMap<string, unknown>, field: string, what: string): void {
    const known = [...items.keys()].join(', ');
    this.problem(
      field,
      `unknown-${what.replaceAll(' ', '-')}`,
      `is no ${what} of the policy ${this.policy.id}`,
      known === '' ? 'there is none' : `use one of: ${known}`,
    );
  }

  private whose(): Controller {
    return this.known(this.policy.controllers, 'controller', 'controller') ?? this.policy.defaultController;
  }

  private which(): Jurisdiction | undefined {
    const named = this.text('jurisdiction');
    const allowed = this.controller.jurisdictions;
    if (named !== undefined && !allowed.includes(named)) {
      this.problem('jurisdiction', 'unknown-jurisdiction', 'is no jurisdiction of the controller', `use one of: ${allowed.join(', ')}`);
      return undefined;
    }
    return this.policy.jurisdictions.get(named ?? allowed[0] ?? '');
  }
}

const NONE: readonly string[] = [];

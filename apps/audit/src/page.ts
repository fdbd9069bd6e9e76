/** Part of a list, newest first, as the registers stood at a position. */
export interface Page {
  /** Nothing sealed later is shown. */
  asOf: number;
  /** Only what is sealed before this position: next_cursor of the page before. */
  cursor?: number | undefined;
  /** Rows at most. */
  limit: number;
}

/** Conditions and their parameters, put together as they come. */
export class Where {
  private readonly conditions: string[] = [];
  readonly values: unknown[] = [];

  constructor(values: readonly unknown[] = []) {
    this.values.push(...values);
  }

  /** Adds `condition`, in which `?` stands for the value, unless the value is undefined. */
  and(condition: string, value: unknown): this {
    if (value === undefined) return this;
    this.values.push(value);
    this.conditions.push(condition.replaceAll('?', `$${this.values.length}`));
    return this;
  }

  /** Placeholder of one more parameter. */
  parameter(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  get sql(): string {
    return this.conditions.length === 0 ? 'true' : this.conditions.join(' and ');
  }
}

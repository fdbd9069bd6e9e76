/** What was found wrong, each kind told once with how often and one example. */
export class Findings {
  private readonly found = new Map<string, { times: number; example: string }>();

  /** @param example where, or what was done there */
  add(what: string, example = ''): void {
    const before = this.found.get(what);
    if (before) before.times++;
    else this.found.set(what, { times: 1, example });
  }

  get problems(): string[] {
    return [...this.found].map(
      ([what, { times, example }]) => `${what}${times > 1 ? ` (${times} times)` : ''}${example === '' ? '' : `, as at ${example}`}`,
    );
  }
}

import type { FieldProblem } from '@attesta/events';

/** What names a refusal, in its receipt and in the register of rejections. */
export interface Refusal {
  /** Empty or null where it could not be read, or is not kept. */
  id: string | null;
  problems: readonly Pick<FieldProblem, 'field' | 'code'>[];
}

const keyOf = (id: string | null, problems: Refusal['problems']) =>
  `${id ?? ''} ${problems.map(({ field, code }) => `${field}:${code}`).join(' ')}`;

/** Refusals that publishers heard of, to be found again in the register, each as often as it was heard. */
export class Refusals {
  private readonly heard = new Map<string, { refusal: Refusal; times: number }>();
  count = 0;

  hear(refusal: Refusal): void {
    const key = keyOf(refusal.id, refusal.problems);
    const before = this.heard.get(key);
    if (before) before.times++;
    else this.heard.set(key, { refusal, times: 1 });
    this.count++;
  }

  /** How many were heard of and are not in the register, and the other way round. An id that holds a personal value is not kept there. */
  compare(register: readonly Refusal[]): { lost: number; unheard: number; example: string } {
    const kept = new Map<string, number>();
    for (const { id, problems } of register) {
      const key = keyOf(id, problems);
      kept.set(key, (kept.get(key) ?? 0) + 1);
    }
    const take = (key: string, times: number): number => {
      const taken = Math.min(times, kept.get(key) ?? 0);
      kept.set(key, (kept.get(key) ?? 0) - taken);
      return times - taken;
    };
    let [lost, example] = [0, ''];
    const named = [...this.heard].map(([key, { refusal, times }]) => ({ refusal, left: take(key, times) }));
    for (const { refusal, left } of named) {
      const missing = take(keyOf(null, refusal.problems), left);
      if (missing > 0) example ||= keyOf(refusal.id, refusal.problems);
      lost += missing;
    }
    const unheard = [...kept.values()].reduce((sum, left) => sum + left, 0);
    return { lost, unheard, example };
  }
}

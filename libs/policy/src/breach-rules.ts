import type { Rule } from './lawfulness-rules.js';

/** Every jurisdiction is one of the controller's. */
export const jurisdictions: Rule = (check) => {
  const allowed = check.controller.jurisdictions;
  check.list('jurisdictions').forEach((one, i) => {
    if (allowed.includes(one)) return;
    check.problem(
      `jurisdictions/${i}`,
      'unknown-jurisdiction',
      'is no jurisdiction of the controller',
      `use one of: ${allowed.join(', ')}`,
    );
  });
};

/** Whoever was told is the authority of the jurisdiction. */
export const authority: Rule = (check) => {
  const { jurisdiction } = check;
  if (jurisdiction === undefined || check.text('authority') === jurisdiction.authority) return;
  check.problem('authority', 'wrong-authority', `is not the authority of ${jurisdiction.id}`, `tell ${jurisdiction.authority}`);
};

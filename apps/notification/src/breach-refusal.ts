import { Problem } from '@attesta/service-kit';

/** A command that the breach, as it stands, does not take. */
export class BreachRefusal extends Error {
  override readonly name = 'BreachRefusal';

  constructor(
    readonly code: string,
    message: string,
    readonly fix: string,
    /** JSON pointer into the command, when it is the command that is wrong and not its moment. */
    readonly field?: string,
  ) {
    super(message);
  }
}

/** As HTTP answers it; what is no refusal stays as it is. */
export function refusalAsProblem(error: unknown): unknown {
  if (!(error instanceof BreachRefusal)) return error;
  const { code, message, fix, field } = error;
  if (field === undefined) return Problem.conflict(message, fix, code);
  return new Problem({
    slug: 'command-refused',
    status: 422,
    title: 'The command cannot be carried out as it is',
    detail: 'Nothing was recorded.',
    fix,
    errors: [{ field, code, message, fix }],
  });
}

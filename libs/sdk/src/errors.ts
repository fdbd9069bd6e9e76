import type { FieldProblem, ProblemDocument, Receipt } from '@attesta/events';

/** Attesta refused, or could not be reached. `problem` is there when it answered with a document. */
export class AttestaError extends Error {
  override readonly name: string = 'AttestaError';
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined;
  readonly problem: ProblemDocument | undefined;

  constructor(message: string, details: { status?: number; problem?: ProblemDocument; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.problem = details.problem;
  }

  /** Field problems of the document, empty when there are none. */
  get errors(): FieldProblem[] {
    return this.problem?.errors ?? [];
  }
}

/**
 * Some of many events were not delivered. Publish those again, under the same ids: `receipts` has one place per event in the
 * order given, undefined where it is not known whether the event arrived.
 */
export class PublishIncomplete extends AttestaError {
  override readonly name = 'PublishIncomplete';
  constructor(
    readonly receipts: (Receipt | undefined)[],
    first: AttestaError,
  ) {
    const missing = receipts.filter((receipt) => receipt === undefined).length;
    super(`${missing} of ${receipts.length} events were not acknowledged: ${first.message}`, {
      ...(first.status !== undefined && { status: first.status }),
      ...(first.problem && { problem: first.problem }),
      cause: first,
    });
  }
}

/** Reads an answer that is not a success into an error. Never throws. */
export async function errorOf(response: Response): Promise<AttestaError> {
  const status = response.status;
  const text = await response.text().catch(() => '');
  const problem = documentOf(text);
  const said = problem ? [problem.title, problem.detail, problem.fix].filter(Boolean).join(' ') : `Attesta answered with status ${status}`;
  return new AttestaError(said, { status, ...(problem && { problem }) });
}

function documentOf(text: string): ProblemDocument | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    if (value !== null && typeof value === 'object' && 'type' in value && 'title' in value) return value as ProblemDocument;
  } catch {
    // An intermediary answered in its own words.
  }
  return undefined;
}

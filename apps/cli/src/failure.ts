import { AttestaError } from '@attesta/sdk';
import type { FieldProblem } from '@attesta/events';
import { plain } from './screen.js';

/** Something the person at the keyboard can mend: told in two lines, never with a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';
  constructor(
    message: string,
    readonly fix?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** What went wrong, line by line: a problem document as title, detail, fix and fields. */
export function explain(error: unknown): string[] {
  if (error instanceof AttestaError && error.problem) {
    const { title, detail, fix, errors } = error.problem;
    return [
      ...(title ? [`error: ${plain(title)}`] : [`error: ${plain(error.message)}`]),
      ...(detail ? [`  ${plain(detail)}`] : []),
      ...(fix ? [`  fix: ${plain(fix)}`] : []),
      ...(Array.isArray(errors) ? errors.slice(0, 20).map((problem) => `  ${fieldLine(problem)}`) : []),
    ];
  }
  const fix = error instanceof Failure && error.fix !== undefined ? [`  fix: ${error.fix}`] : [];
  return [`error: ${plain(messageOf(error))}`, ...fix];
}

/** The same for `--json`. */
export function explainAsJson(error: unknown): { error: Record<string, unknown> } {
  const message = messageOf(error);
  if (error instanceof AttestaError) return { error: { message, ...(error.problem && { problem: error.problem }) } };
  return { error: { message, ...(error instanceof Failure && error.fix !== undefined && { fix: error.fix }) } };
}

/** `/data/basis: is missing. Fix: name the lawful basis.` */
export function fieldLine({ field, message, fix }: FieldProblem): string {
  return `${field === '' ? 'the whole' : plain(field)}: ${plain(message)}${fix ? ` | fix: ${plain(fix)}` : ''}`;
}

/** What a failed system call or request says in a word or two: ENOENT, ECONNREFUSED, unexpected redirect. */
export function codeOf(error: unknown): string {
  let last: ErrorLike | undefined;
  for (let at = error as ErrorLike | undefined, depth = 0; at && depth < 5; at = at.cause ?? at.errors?.[0], depth++) {
    if (typeof at.code === 'string') return at.code;
    if (at.name === 'TimeoutError') return 'no answer in time';
    last = at;
  }
  return plain(last?.message ?? 'unknown').slice(0, 100);
}

interface ErrorLike {
  name?: string;
  message?: string;
  code?: unknown;
  cause?: ErrorLike;
  errors?: ErrorLike[];
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

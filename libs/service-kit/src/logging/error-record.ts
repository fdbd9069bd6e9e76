import { isNativeError } from 'node:util/types';
import { redactMessage } from './vocabulary.js';

export interface ErrorRecord {
  name: string;
  message: string;
  code?: string;
  /** HTTP status that was answered. */
  status?: number;
  /** Function and file of each frame; the message above the frames in `Error.stack` is left out. */
  stack?: string[];
  /** Names of database objects PostgreSQL reported; never its `detail`, which holds the row. */
  table?: string;
  constraint?: string;
  cause?: ErrorRecord;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]{0,62}$/;
const CODE = /^(?:[A-Z][A-Z0-9_]{1,40}|[0-9][0-9A-Z]{4})$/;
/** `at [async] [new] name [as name] (file:line:column)`; names are identifiers and files are sources, so that a forged line does not pass. */
const FRAME =
  /^\s+at (?:async )?(?:(?:new )?[\w$.<>#]{1,120} (?:\[as [\w$]{1,80}\] )?\()?(?:(?:file:\/\/)?[\w@+~%./\\:-]{1,300}\.[cm]?[jt]sx?|node:[\w/]{1,120}):\d{1,7}:\d{1,7}\)?$/;
const MAX_FRAMES = 12;
const MAX_CAUSES = 4;

/** What may be printed of an error: its class, code, known words of its message, its frames, and the same of its causes. */
export function errorRecord(error: unknown, depth = 0): ErrorRecord {
  if (!isError(error)) return { name: `thrown ${error === null ? 'null' : typeof error}`, message: '' };
  const details = error as Error & { code?: unknown; status?: unknown; table?: unknown; constraint?: unknown; driverError?: unknown };
  const cause = error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined) ?? details.driverError;
  const frames = framesOf(error);
  return {
    name: IDENTIFIER.test(error.name) ? error.name : 'Error',
    message: redactMessage(error.message),
    ...(matches(details.code, CODE) && { code: details.code }),
    ...(isStatus(details.status) && { status: details.status }),
    ...(matches(details.table, IDENTIFIER) && { table: details.table }),
    ...(matches(details.constraint, IDENTIFIER) && { constraint: details.constraint }),
    ...(frames.length > 0 && { stack: frames }),
    ...(isError(cause) && depth < MAX_CAUSES && { cause: errorRecord(cause, depth + 1) }),
  };
}

/** Errors of another realm (a test runner's, a worker's) are errors too. */
const isError = (value: unknown): value is Error => value instanceof Error || isNativeError(value);

const isStatus = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 599;

const matches = (value: unknown, pattern: RegExp): value is string => typeof value === 'string' && pattern.test(value);

/** A message may itself hold lines that look like frames, so the message is cut off by its length first. */
function framesOf(error: Error): string[] {
  const stack = typeof error.stack === 'string' ? error.stack : '';
  const at = stack.indexOf(error.message);
  const rest = error.message !== '' && at >= 0 ? stack.slice(at + error.message.length) : error.message === '' ? stack : '';
  return rest
    .split('\n')
    .map((line) => FRAME.exec(line)?.[0].trim())
    .filter((line): line is string => line !== undefined)
    .slice(0, MAX_FRAMES);
}

import { ProblemError, type Problem } from '../../kit/api.js';

/** What went wrong, as far as the center has words of its own for it. */
export type Kind =
  | 'unreachable'
  | 'wrong-code'
  | 'too-many-tries'
  | 'session-ended'
  | 'too-many-codes'
  | 'bad-email'
  | 'no-such-request'
  | 'over'
  | 'erasing'
  | 'no-package'
  | 'minor'
  | 'notice-changed'
  | 'not-sealed'
  | 'busy'
  | 'other';

const BY_SLUG: Readonly<Record<string, Kind>> = {
  'wrong-code': 'wrong-code',
  'too-many-tries': 'too-many-tries',
  'no-code': 'too-many-tries',
  'session-ended': 'session-ended',
  'too-many-codes': 'too-many-codes',
  'no-such-request': 'no-such-request',
  'wrong-status': 'over',
  'nothing-asked': 'over',
  erasing: 'erasing',
  'no-package': 'no-package',
  'not-sealed': 'not-sealed',
};

const MINOR = ['guardian-required', 'guardian-unrecorded'];
const NOTICE = ['unknown-notice', 'notice-not-effective', 'notice-superseded', 'purpose-not-in-notice'];

export function kindOf(error: unknown): Kind {
  if (!(error instanceof ProblemError)) return 'other';
  const { type, status, errors = [] } = error.problem;
  const known = BY_SLUG[type.slice(type.lastIndexOf('/') + 1)];
  if (known) return known;
  const codes = errors.map((one) => (one as { code?: string }).code ?? '');
  if (codes.some((code) => MINOR.includes(code))) return 'minor';
  if (codes.some((code) => NOTICE.includes(code))) return 'notice-changed';
  if (errors.some(({ field }) => field === '/email')) return 'bad-email';
  if (status === 0) return 'unreachable';
  return status === 503 || status === 429 ? 'busy' : 'other';
}

/** How often one may try again; undefined where the answer does not say. */
export function triesLeft(error: unknown): number | undefined {
  const left = error instanceof ProblemError ? (error.problem as Problem & { triesLeft?: unknown }).triesLeft : undefined;
  return typeof left === 'number' ? left : undefined;
}

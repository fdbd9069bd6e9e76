import type { ReactNode } from 'react';
import { ProblemError } from '../../kit/api.js';
import { usePerson } from '../base/person.js';
import { useMineWords } from './mine.words.js';

/** Why one looks at oneself: every route about a person asks for it, and records it. */
export const OWN_REASON = 'My own data, in the privacy center';

/** What is known of the person, or that nothing is. */
export function Known({ error, children }: { error: unknown; children: ReactNode }) {
  const say = useMineWords();
  const isStranger = usePerson()?.subject === null;
  const isUnknown = error instanceof ProblemError && error.problem.type.endsWith('/unknown-subject');
  return isStranger || isUnknown ? <p>{say('nothingKnown')}</p> : children;
}

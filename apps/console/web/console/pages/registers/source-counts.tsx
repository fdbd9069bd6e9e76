import { useAnswer } from '../../../kit/answers.js';
import { Loaded } from '../../../kit/parts.js';
import { REGISTERS } from './register-list.js';
import { useRegisterWords } from './registers.words.js';

/** How many people were told where data about them came from. */
export function SourceCounts() {
  const say = useRegisterWords();
  const answer = useAnswer<{ informed: number; due: number; overdue: number }>(REGISTERS.sources.path, { limit: 1 }, { live: true });
  return <Loaded answer={answer}>{({ informed, due, overdue }) => <p>{say('counts', { informed, due, late: overdue })}</p>}</Loaded>;
}

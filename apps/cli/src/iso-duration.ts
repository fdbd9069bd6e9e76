import { endOfDuration } from '@attesta/policy';
import { Failure } from './failure.js';

/** @param time milliseconds since 1970, as the answer. @throws Failure for what is no ISO 8601 duration */
export function after(time: number, duration: string): number {
  try {
    return endOfDuration(time, duration);
  } catch (cause) {
    throw new Failure(`${duration} is no ISO 8601 duration`, 'Write it like P35D.', { cause });
  }
}

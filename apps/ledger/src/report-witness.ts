import type { JsonLogger } from '@attesta/service-kit';
import type { WitnessChange } from './cosigner.js';

/** A witness that signed more than this log has, or something else, is no trouble of the witness: somebody has to look. */
export function reportWitness(logger: JsonLogger, { witness, trouble }: WitnessChange): void {
  switch (trouble) {
    case undefined:
      return logger.log('a witness signs', { witness });
    case 'knows-more':
      return logger.error('a witness signed more entries than this log has: was it restored from a backup?', { witness });
    case 'other-tree':
      return logger.error('a witness signed another history of this log', { witness });
    default:
      return logger.warn('a witness does not sign', { witness, reason: trouble });
  }
}

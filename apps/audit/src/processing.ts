import type { Shape } from './row-shape.js';

/** What every processing says of itself, collection and disclosure alike: which data, what for, by which right, where and when. */
export const PROCESSING = {
  categories: 'texts',
  purposes: 'texts',
  basis: 'text',
  basisCitation: 'text?',
  consent: 'int8?',
  context: 'json?',
  controller: 'text?',
  jurisdiction: 'text?',
  /** When it happened, by the publisher. */
  occurredAt: 'time',
  /** When it was sealed. A form filed late shows here. */
  recordedAt: 'time',
  source: 'text',
} as const satisfies Shape;

import { metrics, type Meter } from '@opentelemetry/api';
import { COUNTERS, HISTOGRAMS, type CounterName, type HistogramName, type Labels } from './catalogue.js';

/** Seconds. */
const BOUNDARIES = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Withdrawals take as long as the slowest consumer. */
const LONG_BOUNDARIES = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 86_400];

export const METER = 'attesta';

/** Asked for when something opens and not when its module loads: without metrics being served by then, instruments do nothing for ever. */
export const meter = (): Meter => metrics.getMeter(METER);

/** Takes seconds. */
export function histogram(name: HistogramName): { record(seconds: number, labels?: Labels): void } {
  const explicitBucketBoundaries = name === 'attesta_withdrawal_propagation_seconds' ? LONG_BOUNDARIES : BOUNDARIES;
  return meter().createHistogram(name, { description: HISTOGRAMS[name], advice: { explicitBucketBoundaries } });
}

export function counter(name: CounterName): { add(n: number, labels?: Labels): void } {
  return meter().createCounter(name, { description: COUNTERS[name] });
}

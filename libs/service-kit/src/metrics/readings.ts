import type { ObservableGauge } from '@opentelemetry/api';
import { GAUGES, type GaugeName, type Labels } from './catalogue.js';
import { counter, meter } from './instruments.js';

export interface Reading {
  gauge: GaugeName;
  value: number;
  labels?: Labels;
}

export interface ReadingsOptions {
  /** Whose readings they are: the service's name. */
  component: string;
  /** All readings at once, at a cost that does not grow with the log. */
  read: () => Promise<readonly Reading[]>;
  /** However often somebody scrapes, it is not read again within this many milliseconds. Default 1,000. */
  freshMs?: number;
  /** A scrape does not wait longer for it. Default 3,000. */
  patienceMs?: number;
}

/**
 * What a service knows is read when somebody scrapes, and never between. Readings that fail or take too long are missing from that scrape and counted
 * in attesta_readings_failed_total. Without metrics being served this does nothing.
 * @returns ends it; a reading under way has ended then
 */
export function observe({ component, read, freshMs = 1_000, patienceMs = 3_000 }: ReadingsOptions): () => Promise<void> {
  const gauges = new Map<GaugeName, ObservableGauge>();
  for (const name of Object.keys(GAUGES) as GaugeName[]) {
    gauges.set(name, meter().createObservableGauge(name, { description: GAUGES[name] }));
  }
  const instruments = [...gauges.values()];
  const failed = counter('attesta_readings_failed_total');
  failed.add(0, { component });
  let newest: { readAt: number; readings: Promise<readonly Reading[]> } | undefined;
  let underWay: Promise<unknown> | undefined;

  const latest = (): Promise<readonly Reading[]> => {
    const now = performance.now();
    if (newest && (underWay || now - newest.readAt < freshMs)) return newest.readings;
    const readings = read();
    const ended = readings
      .catch(() => undefined)
      .finally(() => {
        if (underWay === ended) underWay = undefined;
      });
    underWay = ended;
    newest = { readAt: now, readings };
    return readings;
  };

  const callback: Parameters<ReturnType<typeof meter>['addBatchObservableCallback']>[0] = async (result) => {
    try {
      for (const { gauge, value, labels } of await within(patienceMs, latest())) {
        result.observe(gauges.get(gauge)!, value, { component, ...labels });
      }
    } catch {
      newest = underWay ? newest : undefined;
      failed.add(1, { component });
    }
  };
  meter().addBatchObservableCallback(callback, instruments);
  return async () => {
    meter().removeBatchObservableCallback(callback, instruments);
    await underWay;
  };
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the readings are late')), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Seconds from then to now; 0 without a then. */
export const secondsSince = (then: Date | null | undefined, now: Date): number =>
  then ? Math.max(0, (now.getTime() - then.getTime()) / 1_000) : 0;

import { createHash } from 'node:crypto';
import type { Draft } from '@attesta/sdk';

export type ServiceName = 'storefront' | 'mobile-app' | 'survey' | 'support-desk';

/** How a scene's events travel: through the SDK one by one or in batches, or as bare HTTP in one of the three content modes. */
export type Way = 'sdk' | 'sdk-batch' | 'structured' | 'binary' | 'batch';

export interface Scene {
  /** `HH:MM` in Bangkok; scenes are played in this order. */
  at: string;
  service: ServiceName;
  way: Way;
  story: string;
  events(day: Day): Draft[];
}

/** CloudEvents source of a service; its token speaks for this prefix. */
export const sourceOf = (service: ServiceName): string => `//${service}.m-med.example`;

/**
 * One day as data: the date decides every time and every id, so that playing the same day again reports the same events again. Bangkok keeps
 * UTC+7 all year.
 */
export class Day {
  private readonly positions = new Map<string, number>();
  private readonly keys = new Map<string, string>();

  /** @param date `YYYY-MM-DD`, a day that is over */
  constructor(readonly date: string) {
    if (Number.isNaN(Date.parse(`${date}T00:00:00Z`))) throw new RangeError('a day is named YYYY-MM-DD');
  }

  /** id and time of the event called `key`. @param clock `HH:MM` or `HH:MM:SS` @param daysBefore for what happened earlier and is reported today */
  on(key: string, clock: string, daysBefore = 0): { id: string; time: string } {
    const full = clock.length === 5 ? `${clock}:00` : clock;
    const instant = Date.parse(`${this.date}T${full}+07:00`) - daysBefore * 86_400_000;
    const time = new Date(instant + 7 * 3_600_000).toISOString().replace(/\.\d+Z$/, '+07:00');
    const id = seededUuidV7(instant, `${this.date}/${key}`);
    this.keys.set(id, key);
    return { id, time };
  }

  /** Where the event called `key` was sealed; only scenes played earlier can be asked for. */
  position(key: string): number {
    const position = this.positions.get(key);
    if (position === undefined) throw new Error(`${key} is not sealed yet: order the scenes`);
    return position;
  }

  sealed(id: string, position: number): void {
    const key = this.keys.get(id);
    if (key !== undefined) this.positions.set(key, position);
  }
}

/** Minutes after `HH:MM`, as `HH:MM`. */
export function later(clock: string, minutes: number): string {
  const [h = 0, m = 0] = clock.split(':').map(Number);
  const total = h * 60 + m + minutes;
  return `${String(Math.floor(total / 60)).padStart(2, '0')}:${String(total % 60).padStart(2, '0')}`;
}

/** A UUIDv7 (RFC 9562 section 5.7) whose random part is a digest of the seed. */
function seededUuidV7(instant: number, seed: string): string {
  const time = instant.toString(16).padStart(12, '0');
  const noise = createHash('sha256').update(`attesta sample day/${seed}`).digest('hex');
  const variant = '89ab'[parseInt(noise.charAt(3), 16) % 4]!;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${noise.slice(0, 3)}-${variant}${noise.slice(4, 7)}-${noise.slice(7, 19)}`;
}
